"""DOCX: all that is written in it, in reading order: body, text boxes, notes and comments, headers and footers once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.office.ooxml import attempt, opening, plain_package, qn, root
from retrievers.parsers.office.source import written, written_in
from retrievers.parsers.word.flow import Flow, note_items
from retrievers.parsers.word.styles import Styles

_NOTE_PARTS = {  # end of the relationship's type, name of an element there -> the mark in the text
    "footnotes": ("w:footnote", "w:footnoteReference"),
    "endnotes": ("w:endnote", "w:endnoteReference"),
    "comments": ("w:comment", "w:commentReference"),
}


def open_word(path: Path) -> FlowDocument:
    """Raises `BadDocument` when the file is damaged."""
    import docx

    with opening(path):
        document: Any = docx.Document(plain_package(path))  # type: ignore[arg-type]
        part = document.part
        body = part.element.body
        items = list(_items(part, body))
        title, _ = attempt("title", lambda: [document.core_properties.title])
        return FlowDocument(path, items, "".join(filter(None, title)), _source(part, body))


def _items(part: Any, body: Any) -> Iterator[Item]:
    styles = Styles(_related_root(part, "styles"))
    notes = {key: element for _, key, element in _notes(part)}
    flow = Flow(part, styles, notes)
    yield from _margins(part, styles, notes, "header")
    yield from flow.whole(body)
    for kind, key in list(notes):  # that no mark leads to
        if (kind, key) in notes:
            yield from note_items(kind, notes.pop((kind, key)), flow)
    yield from _margins(part, styles, notes, "footer")


def _parts(part: Any, kind: str) -> list[Any]:
    """Those of a kind that the document's own part is related to."""
    found = [one for one in part.rels.values() if (one.reltype or "").endswith(f"/{kind}") and not one.is_external]
    return [one.target_part for one in found]


def _related_root(part: Any, kind: str) -> Any:
    """The root of the first part of that kind, or None."""
    return next(map(root, _parts(part, kind)), None)


def _notes(part: Any) -> Iterator[tuple[Any, tuple[str, str], Any]]:
    """Part, mark and id, and element of every note and comment; separators are none."""
    for kind, (element, mark) in _NOTE_PARTS.items():
        for notes in _parts(part, kind):
            for note in root(notes).findall(qn(element)):
                if note.get(qn("w:type"), "normal") == "normal":
                    yield notes, (mark, note.get(qn("w:id"), "")), note


def _margins(part: Any, styles: Styles, notes: dict[tuple[str, str], Any], kind: str) -> Iterator[Item]:
    """What the headers, or footers, of all sections say, once."""
    said: set[str] = set()
    for margin in _parts(part, kind):
        for item in Flow(margin, styles, notes).whole(root(margin)):
            if item.kind in ("heading", "text") and item.text:
                if item.text not in said:
                    yield Item("text", f"{kind.capitalize()}: {item.text}", hidden=item.hidden)
                said.add(item.text)
            else:
                yield item


def _source(part: Any, body: Any) -> str:
    """The text nodes of all parts that are read; paragraphs of headers and footers that are alike count once."""
    margins = [written_in(margin) for kind in ("header", "footer") for margin in _parts(part, kind)]
    drawings = [written_in(drawing) for kind in ("chart", "chartEx", "diagramData") for drawing in _parts(part, kind)]
    notes = [written(note) for _, _, note in _notes(part)]
    return "\n".join([written(body), *notes, *drawings, *dict.fromkeys("\n".join(margins).splitlines())])
