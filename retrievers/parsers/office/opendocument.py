"""ODT and ODP (OASIS OpenDocument 1.3): headings, paragraphs, lists, tables, notes and pictures in document order.

Deleted text of tracked changes is left out. A slide of an ODP is a section of its own, with its notes.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.errors import BadDocument
from retrievers.parsers.checks import reading
from retrievers.parsers.containers.archive import Allowance, unpack
from retrievers.parsers.flow.items import Item, figure, square
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.office.xml import local, parse_file

SPACES = {"s", "tab", "line-break"}
UNSEEN = {
    *("scripts", "font-face-decls", "automatic-styles", "tracked-changes", "sequence-decls", "forms", "bookmark"),
    *("ruby-text", "date-time-decl", "footer-decl"),
}
ASIDES = {"note", "annotation"}  # with their mark, author and date
APART = {"frame", "table", "list", "custom-shape", "rect", "text-box", *ASIDES}  # items of their own
MOST_REPEATED = 1000  # of a cell or row that stands for many


def open_opendocument(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the file is damaged or encrypted."""
    with TemporaryDirectory(prefix="triptych-") as name:
        folder = Path(name)
        for _ in unpack(path, folder, Allowance()):
            pass
        listed = folder / "META-INF" / "manifest.xml"
        if listed.exists() and any(local(each) == "encryption-data" for each in parse_file(path, listed).iter()):
            raise BadDocument(f"{path.name} is encrypted.", "Save it without a password.")
        content = parse_file(path, folder / "content.xml")
        with reading(path):
            return FlowDocument(path, _items(content, folder), _title(path, folder), " ".join(_seen(content)))


def _title(path: Path, folder: Path) -> str:
    if not (folder / "meta.xml").exists():
        return ""
    meta = parse_file(path, folder / "meta.xml")
    return next(("".join(each.itertext()) for each in meta.iter() if local(each) == "title"), "")


def _seen(element: Any) -> Iterator[str]:
    """All text but what nobody sees: the source that the items are counted against."""
    if local(element) not in UNSEEN:
        yield element.text or ""
        for child in element:
            yield from _seen(child)
            yield child.tail or ""


def _items(element: Any, folder: Path, bullet: str = "") -> Iterator[Item]:
    for child in element:
        name = local(child)
        if name in ("h", "p"):
            yield from _paragraph(child, folder, bullet)
        elif name == "table":
            rows = square(list(_rows(child)))
            if any(map(any, rows)):
                yield Item("table", rows=rows)
            yield from (_picture(image, folder) for image in child.iter() if local(image) == "image")
        elif name == "image":
            yield _picture(child, folder)
        elif name in ASIDES:
            yield Item("text", " ".join(" ".join(_seen(child)).split()))
        elif name == "page":
            yield Item("heading", _attribute(child, "name") or "Slide", 1)
            yield from _items(child, folder)
        elif name and name not in UNSEEN:
            yield from _items(child, folder, "- " if name == "list" else bullet)


def _paragraph(element: Any, folder: Path, bullet: str) -> Iterator[Item]:
    text = " ".join("".join(_words(element)).split())
    if text and local(element) == "h":
        yield Item("heading", text, min(int(_attribute(element, "outline-level") or 1), 3))
    elif text:
        yield Item("text", bullet + text)
    for child in element.iter():
        if child is not element and local(child) in APART and not _apart_within(child, element):
            yield from _items([child], folder)


def _apart_within(element: Any, outer: Any) -> bool:
    """Whether something between the two is an item of its own already."""
    parent = element.getparent()
    while parent is not outer:
        if local(parent) in APART:
            return True
        parent = parent.getparent()
    return False


def _words(element: Any) -> Iterator[str]:
    """Of a paragraph, without what stands in it as an item of its own."""
    yield element.text or ""
    for child in element:
        name = local(child)
        if name in SPACES or name in APART:
            yield " "
        elif name and name not in UNSEEN:
            yield from _words(child)
        yield child.tail or ""


def _rows(table: Any) -> Iterator[list[str]]:
    """Cells as text; one that spans several, to the right or below, stands in each, as a reader takes it."""
    below: dict[int, tuple[int, str]] = {}  # column -> the last row that a cell above reaches into, and its text
    rows = (row for row in table.iter() if local(row) == "table-row")
    for number, row in enumerate(row for row in rows if _around(row, "table") is table):
        cells: list[str] = []
        covered = 0  # cells of this row that one to their left spans, and that are there already
        for cell in row:
            count = min(_number(cell, "number-columns-repeated"), MOST_REPEATED)
            if local(cell) == "table-cell":
                text = " ".join(" ".join(_seen(cell)).split())
                wide, high = (min(_number(cell, f"number-{of}-spanned"), MOST_REPEATED) for of in ("columns", "rows"))
                covered = wide - 1
                columns = range(len(cells), len(cells) + max(count, wide))
                below |= dict.fromkeys(columns if high > 1 else (), (number + high - 1, text))
                cells += [text] * len(columns)
            elif local(cell) == "covered-table-cell":
                for _ in range(count - covered):
                    last, text = below.get(len(cells), (-1, ""))
                    cells.append(text if last >= number else "")
                covered = max(0, covered - count)
        while cells and not cells[-1]:  # a sheet's width of nothing
            cells.pop()
        yield from [cells] * min(_number(row, "number-rows-repeated"), MOST_REPEATED if any(cells) else 1)


def _around(element: Any, name: str) -> Any:
    return next(up for up in element.iterancestors() if local(up) == name)


def _number(element: Any, name: str) -> int:
    return int(_attribute(element, name) or 1)


def _picture(image: Any, folder: Path) -> Item:
    address = _attribute(image, "href")
    target = (folder / address).resolve()
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        return Item("text", note=f"picture {address[:80]!r} skipped: it is not in the file")
    frame = image.getparent()
    said = (" ".join(child.itertext()) for child in frame if local(child) in ("title", "desc"))
    return figure(target.read_bytes(), repr(address[:80]), " ".join(" ".join(said).split()))


def _attribute(element: Any, name: str) -> str:
    """By its local name: the namespaces of one attribute differ between versions."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
