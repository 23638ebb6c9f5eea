"""SVG: the words that it holds, and the picture where a renderer (vl-convert, of the extra `charts`) is there."""

from pathlib import Path
from typing import Any

from common.errors import BadDocument, MissingExtra
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.office.xml import local, parse

SIDE = 1600  # pixels of the longer side that is drawn
SAFE = ("#", "data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
UNDRAWN = MissingExtra(
    "picture not drawn: nothing that draws SVG is installed", command='Install it with: pip install "triptych[charts]"'
)


def open_svg(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the file is damaged."""
    root = parse(path.read_bytes(), path.name)
    if local(root) != "svg":
        raise BadDocument(f"{path.name} is XML, but no SVG.", "Give it the extension of what it is.")
    title = next((_words(each) for each in root if local(each) == "title"), "")
    said = [_words(each) for each in root.iter() if local(each) in ("text", "desc")]
    words = [Item("text", text) for text in dict.fromkeys(said) if text]
    return FlowDocument(path, [_drawn(root, title), *words], title or path.stem)


def _words(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _drawn(root: Any, title: str) -> Item:
    """The figure, or a note why there is none."""
    from lxml import etree

    try:
        from vl_convert import svg_to_png
    except ModuleNotFoundError:
        UNDRAWN.advise(title or "SVG")
        return Item("text", note=UNDRAWN.words)
    _enclose(root)
    try:
        _bound(root)
        return Item("figure", picture=svg_to_png(etree.tostring(root, encoding="unicode")), caption=title)
    except (ValueError, RuntimeError) as error:  # the renderer's have its stack below them
        return Item("text", note=f"picture not drawn: {str(error).partition(chr(10))[0][:200]}")


def _enclose(root: Any) -> None:
    """Drop links to other files and addresses: the renderer would read files of this machine."""
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key.rpartition("}")[2] == "href" and not value.strip().lower().startswith(SAFE):
                del element.attrib[key]


def _bound(root: Any) -> None:
    """Sized to be drawn at most `SIDE` pixels wide and high. Raises `ValueError` where it says no size."""
    box = [float(part) for part in root.get("viewBox", "").replace(",", " ").split()]
    if len(box) != 4:
        box = [0, 0, *(float(root.get(name, "0").rstrip("ptxcmin%")) for name in ("width", "height"))]
        root.set("viewBox", " ".join(map(str, box)))
    if not (0 < box[2] < 1e9 and 0 < box[3] < 1e9):
        raise ValueError("it says no size")
    root.set("font-family", root.get("font-family", "sans-serif"))  # the renderer's own choice may not be there
    scale = SIDE / max(box[2:])
    root.set("width", str(max(1, round(box[2] * scale))))
    root.set("height", str(max(1, round(box[3] * scale))))
