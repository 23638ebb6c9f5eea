"""Blocks of one page after another -> the elements of a document: sections, reading order, passages of a good size.

Runs in page order and carries little state, so that ingestion can stop after any page and go on later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from retrievers.elements import NOWHERE, WHOLE_PAGE, Block, Box, CellBoxes, Element, Kind, LineBox, Origin, Page, Rows
from retrievers.ingestion.caption_mentions import lead_in, mentioning
from retrievers.ingestion.table_continuation import LastTable, continued
from retrievers.marks import packed_cells, packed_lines
from retrievers.parsers.layout.tables.table import to_text

PASSAGE = 900  # characters; about what the text embedder reads in one go
TABLE = 1400  # characters; longer tables are cut between rows, each piece under the header row
MENTIONS = 400  # characters of the sentences that mention a figure or table
RESERVED = 1000  # places in the order, for a page whose picture is still to be read: more than any page has
PAGE_TEXT = 20_000  # characters of a page kept for page-level search; a spreadsheet's page may hold more


@dataclass
class Assembler:
    """Places the pages of one file. `state` is all it remembers: save and restore it to resume."""

    document: str
    sha256: str
    title: str
    order: int = 0
    sections: tuple[tuple[int, str], ...] = ()
    table: LastTable | None = None

    def state(self) -> dict[str, Any]:
        table = self.table.state() if self.table else None
        return {"order": self.order, "sections": [list(section) for section in self.sections], "table": table}

    def restore(self, state: dict[str, Any]) -> None:
        self.order = state["order"]
        self.sections = tuple((level, text) for level, text in state["sections"])
        self.table = LastTable.restored(state["table"]) if state.get("table") else None

    def place(self, page: Page) -> list[Element]:
        """Elements of `page`: first the page itself, then its regions in reading order."""
        page, self.table = continued(page, self.table)
        elements = [self._whole(page)] if page.blocks else []
        prose = [block.text for block in page.blocks if block.kind == "text"]
        run: list[Block] = []
        for block in page.blocks:
            if run and (block.kind not in ("heading", "text") or not _fits(run, block)):
                elements += self._passages(page, run)
                run = []
            if block.kind == "heading":
                self._enter(block)
            if block.kind in ("heading", "text"):
                run.append(block)
            else:
                said = (" ".join(mentioning(prose, block.caption)) or lead_in(page.blocks, block))[:MENTIONS]
                elements += (
                    self._tables(page, block, said) if block.kind == "table" else [self._figure(page, block, said)]
                )
        return elements + (self._passages(page, run) if run else [])

    def reserve(self) -> None:
        """Room for a page whose words are not known yet: what follows keeps other places than all that it will have."""
        self.order += RESERVED

    def _whole(self, page: Page) -> Element:
        words = "\n".join(part for block in page.blocks for part in (block.caption, block.text) if part)
        origin: Origin = "ocr" if page.ocr else "text"
        return self._element(page, "page", words[:PAGE_TEXT], WHOLE_PAGE, origin=origin, hidden=page.hidden)

    def _enter(self, heading: Block) -> None:
        outer = tuple(section for section in self.sections if section[0] < heading.level)
        self.sections = (*outer, (heading.level, heading.text))

    def _passages(self, page: Page, run: Sequence[Block]) -> list[Element]:
        text = "\n".join(block.text for block in run)
        whole, shared = Box.around(block.box for block in run), {"origin": run[0].origin, "hidden": run[0].hidden}
        starts = accumulate((len(block.text) + 1 for block in run), initial=0)
        lines = [
            LineBox(start + line.start, line.box)
            for start, block in zip(starts, run, strict=False)
            for line in block.lines or (LineBox(0, NOWHERE),)  # notes of a slide do not stand on it
        ]
        pieces = [text] if len(text) <= PASSAGE * 1.3 else splitter()(text)
        known = any(block.lines for block in run)
        places = lines_of(pieces, text, lines) if known else [[] for _ in pieces]
        return [
            self._element(page, "text", piece, _around(held) or whole, lines=packed_lines(held), **shared)
            for piece, held in zip(pieces, places, strict=True)
        ]

    def _figure(self, page: Page, block: Block, mentions: str) -> Element:
        lines = packed_lines(block.lines)
        return self._element(page, "figure", block.text, block.box, lines=lines, **_shared(block, mentions))

    def _tables(self, page: Page, block: Block, mentions: str) -> Iterator[Element]:
        for rows, box, cells in _row_groups(block):
            packed = packed_cells(cells)
            yield self._element(page, "table", to_text(rows), box, rows=rows, cells=packed, **_shared(block, mentions))

    def _element(self, page: Page, kind: Kind, text: str, box: Box, **fields: Any) -> Element:
        element = Element(
            document=self.document,
            sha256=self.sha256,
            page=page.number,
            kind=kind,
            text=text,
            box=Box(*(round(edge, 4) for edge in box)),  # as it is stored: whoever reads it there sees the same
            order=self.order,
            title=self.title,
            section=tuple(section for _, section in self.sections),
            **fields,
        )
        self.order += 1
        return element


def _shared(block: Block, mentions: str) -> dict[str, Any]:
    """What the elements of a table or figure have of its block."""
    return {"caption": block.caption, "origin": block.origin, "hidden": block.hidden, "mentions": mentions}


def _fits(run: Sequence[Block], block: Block) -> bool:
    """A passage ends before a heading (unless only headings came so far), where what is hidden begins or ends, and when
    it is long enough."""
    if block.hidden != run[0].hidden:
        return False
    if block.kind == "heading":
        return all(other.kind == "heading" for other in run)
    return sum(len(other.text) for other in run) + len(block.text) <= PASSAGE


def _row_groups(block: Block) -> Iterator[tuple[Rows, Box, CellBoxes | None]]:
    """A long table in pieces, the header row over each; every piece's box is that of its rows, or its share of the
    table's height where the rows have none."""
    header, body = block.rows[:1], block.rows[1:]
    if len(block.text) <= TABLE or len(body) < 2:
        yield block.rows, block.box, block.cells
        return
    size = max(1, len(body) * TABLE // len(block.text))
    height = block.box.y1 - block.box.y0
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        if block.cells is None:
            top = block.box.y0 + height * start / len(body)
            bottom = block.box.y0 + height * (start + len(piece)) / len(body)
            yield header + piece, Box(block.box.x0, top, block.box.x1, bottom), None
        else:
            rows = block.cells.rows[1 + start : 1 + start + len(piece)]
            cells = block.cells._replace(rows=block.cells.rows[:1] + rows)
            yield header + piece, Box.around(rows), cells


def lines_of(pieces: Sequence[str], text: str, lines: Sequence[LineBox]) -> Iterator[list[LineBox]]:
    """The lines of each of the `pieces` that `text` was cut into; none of a piece that is not found in it."""
    end = 0
    ends = [*(line.start for line in lines[1:]), len(text)]
    for piece in pieces:
        start = text.find(piece, end)
        if start < 0:
            yield []
            continue
        end = start + len(piece)
        yield [
            LineBox(max(0, line.start - start), line.box)
            for line, following in zip(lines, ends, strict=True)
            if line.start < end and start < following
        ]


def _around(lines: Sequence[LineBox]) -> Box | None:
    boxes = [line.box for line in lines]
    return Box.around(boxes) if boxes and NOWHERE not in boxes else None


@cache
def splitter() -> Callable[[str], list[str]]:
    """LlamaIndex's sentence splitter: passages of whole sentences, sized in characters."""
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(chunk_size=PASSAGE, chunk_overlap=0, tokenizer=list).split_text
