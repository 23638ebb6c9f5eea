"""The body of a Word document, or of any part of it, as items in reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from retrievers.parsers.flow.items import MIN_PICTURE, Item, open_picture, square
from retrievers.parsers.office.charts import read_chart
from retrievers.parsers.office.drawingml import smart_art
from retrievers.parsers.office.ooxml import DELETED, attempt, branch, name, qn, related, root, symbol, value
from retrievers.parsers.word.styles import Styles
from retrievers.parsers.word.text import OFF, carried, text_of

_CONTAINERS = frozenset({"w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag"})
_NOTES = {"w:footnoteReference": "Footnote", "w:endnoteReference": "Endnote", "w:commentReference": "Comment"}
_DRAWING = {qn("w:drawing"), qn("w:pict"), qn("w:object")}


class Flow:
    """Reads one part. `notes` holds the footnotes, endnotes and comments of the document that its marks lead to, by
    kind and id; each is taken out of it when it is read."""

    def __init__(self, part: Any, styles: Styles, notes: dict[tuple[str, str], Any]) -> None:
        self._part = part
        self._styles = styles
        self._notes = notes

    def whole(self, part: Any) -> Iterator[Item]:
        """All of a part, whose root `part` is."""
        self._styles.spell_out_hidden(part)
        yield from self.items(part)

    def items(self, parent: Any) -> Iterator[Item]:
        """What stands below `parent`, block by block; what is wrong with one is noted and the next is read."""
        for child in parent:
            kind = name(child)
            if kind == "w:p":
                yield from self._attempt("paragraph", self._paragraph, child)
            elif kind == "w:tbl":
                yield from self._attempt("table", self._table, child)
            elif kind in _CONTAINERS:
                yield from self.items(child)
            elif kind == "mc:AlternateContent":
                chosen = branch(child, "w:p", "w:tbl")
                yield from () if chosen is None else self.items(chosen)
            elif kind == "w:altChunk":
                yield Item("text", note="an embedded document (altChunk) was not read")

    def _attempt(self, what: str, read: Any, element: Any) -> Iterator[Item]:
        found, note = attempt(what, lambda: read(element))
        yield from found
        if note:
            yield Item("text", note=note)

    def _paragraph(self, paragraph: Any) -> Iterator[Item]:
        text, level = text_of(paragraph), self._styles.level(paragraph)
        if text and level:
            yield Item("heading", text, level)
        elif text:
            yield Item("text", f"- {text}" if self._styles.listed(paragraph) else text)
        yield from _beside(paragraph)
        yield from self._carried(paragraph)

    def _carried(self, element: Any) -> Iterator[Item]:
        for one in carried(element):
            what = "picture" if name(one) in ("a:blip", "v:imagedata") else name(one).partition(":")[2]
            yield from self._attempt(what, self._one_carried, one)

    def _one_carried(self, element: Any) -> Iterator[Item]:
        match name(element):
            case "w:txbxContent":
                yield from self.items(element)
            case "a:blip" | "v:imagedata":
                yield self._picture(element)
            case "c:chart" | "cx:chart":
                yield from _chart(related(self._part, element.get(qn("r:id"))))
            case "dgm:relIds":
                data = related(self._part, element.get(qn("r:dm")))
                yield from (Item("text", line) for line in smart_art(root(data)))
            case "v:textpath":  # letters bent along a line: WordArt, watermarks
                yield from _texts(element.get("string", ""))
            case kind:
                yield from self._note(kind, element.get(qn("w:id"), ""))

    def _note(self, kind: str, key: str) -> Iterator[Item]:
        """The note that a mark leads to; one that was read already, or is not there, says nothing."""
        note = self._notes.pop((kind, key), None)
        if note is not None:
            yield from note_items(kind, note, self)

    def _picture(self, element: Any) -> Item:
        key = element.get(qn("r:embed")) or element.get(qn("r:link")) or element.get(qn("r:id")) or ""
        data = related(self._part, key).blob
        if min(open_picture(data).size) < MIN_PICTURE:
            return Item("text", note=f"picture skipped: smaller than {MIN_PICTURE} pixels")
        return Item("figure", caption=_description(element), picture=data)

    def _table(self, table: Any) -> Iterator[Item]:
        """The table, then what its cells carry: tables of their own, pictures, notes. A single cell is only a frame."""
        cells = [(row, cell) for row in _children(table, "w:tr") for cell in _children(row, "w:tc")]
        if len(cells) == 1:
            yield from self.items(cells[0][1])
            return
        yield from _seen_and_hidden([(hidden, row) for hidden, row in _rows(table) if row])
        for row, cell in cells:
            found = chain.from_iterable(self._in_cell(inner, row) for inner in _inner(cell))
            yield from (replace(item, hidden=True) for item in found) if _is_hidden_row(row) else found

    def _in_cell(self, inner: Any, row: Any) -> Iterator[Item]:
        if name(inner) == "w:p":
            yield from _beside(inner)
            yield from self._carried(inner)
        else:
            yield from self._inner_table(inner, row)

    def _inner_table(self, inner: Any, row: Any) -> Iterator[Item]:
        """A table in a cell, captioned with the label of its row."""
        label = next(filter(None, map(_own_text, _children(row, "w:tc"))), "")
        for item in self._attempt("table", self._table, inner):
            yield Item("table", rows=item.rows, caption=label) if item.kind == "table" and not item.caption else item


def _beside(paragraph: Any) -> Iterator[Item]:
    """What is hidden of a paragraph, and what could not be read of it."""
    yield from _texts(text_of(paragraph, hidden=True), hidden=True)
    unknown = {one.get(qn("w:font"), "") for one in paragraph.iter(qn("w:sym")) if symbol(one) == "\ufffd"}
    yield from (Item("text", note=f"signs of the font {font!r} are not known") for font in sorted(unknown))


def _texts(text: str, hidden: bool = False) -> Iterator[Item]:
    words = " ".join(text.split())
    if words:
        yield Item("text", words, hidden=hidden)


def note_items(kind: str, note: Any, flow: Flow) -> Iterator[Item]:
    """A footnote, endnote or comment, named as what it is, with its author."""
    author = note.get(qn("w:author"), "")
    label = f"{_NOTES[kind]} ({author}): " if author else f"{_NOTES[kind]}: "
    for item in flow.items(note):
        yield Item("text", label + item.text) if item.kind == "text" and item.text else item
        label = "" if item.text else label


def _chart(part: Any) -> Iterator[Item]:
    chart = read_chart(root(part))
    yield from (Item("table", rows=rows, caption=chart.title) for rows in chart.tables)
    words = chart.words if chart.tables else f"{chart.title} {chart.words}".strip()
    if words:
        yield Item("text", words)
    if not chart.tables:
        yield Item("text", note="chart: its values are not in the file")


def _description(picture: Any) -> str:
    """What the drawing around it says for readers who do not see it."""
    drawing = next((parent for parent in picture.iterancestors() if parent.tag in _DRAWING), None)
    if drawing is None:
        return ""
    described = (element.get("descr", "") for element in drawing.iter(qn("wp:docPr")))
    return next((" ".join(text.split()) for text in described if text), "")


def _seen_and_hidden(rows: Sequence[tuple[bool, Sequence[str]]]) -> Iterator[Item]:
    """The table of the rows that are shown, then that of those that are not, under the same header."""
    cells = square([row for _, row in rows])
    shown, concealed = (
        tuple(row for row, (hidden, _) in zip(cells, rows, strict=True) if hidden is out_of_sight)
        for out_of_sight in (False, True)
    )
    if any(map(any, shown)):
        yield Item("table", rows=shown)
    if any(map(any, concealed)):
        yield Item("table", rows=(*shown[:1], *concealed), caption="(hidden rows)", hidden=True)


def _is_hidden_row(row: Any) -> bool:
    """ECMA-376 part 1, 17.4.20."""
    mark = row.find(f"{qn('w:trPr')}/{qn('w:hidden')}")
    return mark is not None and mark.get(qn("w:val"), "1") not in OFF


def _rows(table: Any) -> Iterator[tuple[bool, list[str]]]:
    """Whether a row is hidden, and its cells as text on the table's grid: what a cell spans, to the right or below,
    says the same."""
    above: list[str] = []
    for row in _children(table, "w:tr"):
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
            continue
        cells = [""] * _count(value(row, "w:trPr/w:gridBefore"), 0)
        for cell in _children(row, "w:tc"):
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            continued = merged is not None and merged.get(qn("w:val"), "continue") == "continue"
            upper = above[len(cells)] if len(cells) < len(above) else ""
            text = upper if continued else _own_text(cell)
            cells += [text] * _count(value(cell, "w:tcPr/w:gridSpan"), 1)
        above = cells
        yield _is_hidden_row(row), cells


def _count(number: str, usual: int) -> int:
    """A span as it is written, in bounds: Word has 63 columns at most."""
    return min(int(number), 63) if number.isdigit() and int(number) else usual


def _own_text(cell: Any) -> str:
    """The words of a cell without those of tables in it."""
    texts = (text_of(inner) for inner in _inner(cell) if name(inner) == "w:p")
    return " ".join(text for text in texts if text)


def _inner(cell: Any) -> Iterator[Any]:
    """Paragraphs and tables of a cell, also those in content controls and changes around them."""
    for child in cell:
        if name(child) in ("w:p", "w:tbl"):
            yield child
        elif name(child) not in DELETED:
            yield from _inner(child)


def _children(parent: Any, wanted: str) -> Iterator[Any]:
    """Rows of a table, or cells of a row, also those in content controls around them."""
    for child in parent:
        if name(child) == wanted:
            yield child
        elif name(child) in _CONTAINERS:
            yield from _children(child, wanted)
