"""The units of a document: parsers yield `Page`s of `Block`s; the index holds `Element`s.

A `Block` is what a parser sees on one page, with no memory of other pages. An `Element` is a block (or a run of
paragraphs) placed in its document: section path, reading order, identity. Boxes are in page units: 0..1 from the
top left corner, so they hold at any rendering size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

Kind = Literal["text", "table", "figure", "page"]
KINDS: tuple[Kind, ...] = ("text", "table", "figure", "page")
Origin = Literal["text", "ocr"]
Picture = Literal["page", "figure"]  # what can be written on
Rows = tuple[tuple[str, ...], ...]


class Box(NamedTuple):
    """A rectangle in page units: 0..1, origin at the top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def union(self, other: "Box") -> "Box":
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    @classmethod
    def around(cls, boxes: Iterable["Box"]) -> "Box":
        """The smallest that holds all of `boxes`. Raises `ValueError` when there are none."""
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return cls(min(lefts), min(tops), max(rights), max(bottoms))

    def within(self, outer: "Box") -> "Box":
        """Where on the page it lies, when it was measured in the part of the page that `outer` bounds."""
        width, height = outer.x1 - outer.x0, outer.y1 - outer.y0
        x0, x1 = (outer.x0 + width * x for x in (self.x0, self.x1))
        y0, y1 = (outer.y0 + height * y for y in (self.y0, self.y1))
        return Box(x0, y0, x1, y1)

    def scaled(self, width: float, height: float) -> "Box":
        """In page units, when it was measured on a page of this size."""
        return Box(self.x0 / width, self.y0 / height, self.x1 / width, self.y1 / height)

    def overlap(self, other: "Box") -> float:
        """Share of this box's area that lies inside `other`, 0..1."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        area = (self.x1 - self.x0) * (self.y1 - self.y0)
        return 0.0 if width <= 0 or height <= 0 or area <= 0 else width * height / area


WHOLE_PAGE = Box(0.0, 0.0, 1.0, 1.0)
NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


class LineBox(NamedTuple):
    """A line of a block's text: where it begins there, in characters, and its box, `NOWHERE` for what is not there."""

    start: int
    box: Box


class CellBoxes(NamedTuple):
    """A box for each row and each column of a table: a cell is where the two meet.

    A row that does not stand on the page is `NOWHERE`: the header of a table that goes on over pages.
    """

    rows: tuple[Box, ...]
    columns: tuple[Box, ...]

    def scaled(self, width: float, height: float) -> "CellBoxes":
        """In page units, when they were measured on a page of this size."""
        return CellBoxes(*(tuple(box.scaled(width, height) for box in boxes) for boxes in self))

    def cell(self, row: int, column: int) -> Box | None:
        """Where a cell stands; None when its row does not stand on the page."""
        across, down = self.rows[row], self.columns[column]
        if across == NOWHERE:
            return None
        return Box(max(across.x0, down.x0), max(across.y0, down.y0), min(across.x1, down.x1), min(across.y1, down.y1))


@dataclass(frozen=True, slots=True)
class Block:
    """One region of a page as its parser sees it.

    `level` is the heading depth (1 = title) for `heading` blocks, else 0. `rows` holds a table's cells, header
    row first. `text` of a figure is what can be read inside it (labels, OCR); its `caption` stands apart. `hidden` is
    what the author keeps out of sight: a hidden slide, sheet or row. `lines` are those of the text, in its order, and
    `cells` go with `rows`; empty and None where the parser does not know.
    """

    kind: Literal["heading", "text", "table", "figure"]
    text: str
    box: Box
    level: int = 0
    caption: str = ""
    rows: Rows = ()
    origin: Origin = "text"
    hidden: bool = False
    lines: tuple[LineBox, ...] = ()
    cells: CellBoxes | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One parsed page. `number` counts from 1; `notes` say what was skipped or done differently, and why.

    `lost` is the share of the source's words that no block holds, 0..1 (`parsers.accounting`). `printed` is the number
    that stands on it, which its neighbours count on; None where none does. `unread` are pictures whose words were left
    for later, see `parsers.ocr`: its own, or those of its figures.
    """

    number: int
    blocks: Sequence[Block]
    notes: Sequence[str] = ()
    lost: float = 0.0
    printed: int | None = None
    unread: frozenset[Picture] = frozenset()

    @property
    def ocr(self) -> bool:
        return any(block.origin == "ocr" for block in self.blocks)

    @property
    def hidden(self) -> bool:
        """Whether there is nothing to see on it."""
        return bool(self.blocks) and all(block.hidden for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Element:
    """One searchable, citable region.

    `order` is the reading order within the document, dense from 0; neighbours are the elements of the same
    document with adjacent orders. `sha256` is the content hash of the file it came from. `context` (document title,
    section path), caption and `mentions` (the sentences of the page that name this figure or table by its number) are
    indexed together with `text` but never quoted. `stems` of a whole page are the ids of its word stems in order,
    packed by `packing.pack`: kept for the reranker, since finding them takes longer than all else it does.
    What is `hidden` in its document is found after what can be seen there. `lines` and `cells` are a block's boxes,
    packed by `retrievers.marks`, which finds a quotation among them; "" where the parser does not know them, and in
    corpora ingested before they were kept.
    """

    document: str
    sha256: str
    page: int
    kind: Kind
    text: str
    box: Box
    order: int
    title: str = ""
    section: tuple[str, ...] = ()
    caption: str = ""
    rows: Rows = ()
    origin: Origin = "text"
    mentions: str = ""
    stems: str = ""
    hidden: bool = False
    lines: str = ""
    cells: str = ""

    @property
    def id(self) -> UUID:
        """The same element of the same file has the same id in every run and every store."""
        return uuid5(NAMESPACE_URL, f"{self.document}#{self.sha256}#{self.order}")

    @property
    def context(self) -> str:
        return " > ".join(part for part in (self.title, *self.section) if part)

    @property
    def heading(self) -> str:
        """Of the section it stands in, or of the document."""
        return self.section[-1] if self.section else self.title

    @property
    def indexed_text(self) -> str:
        """What the embedders read: the element's words in the setting that a question may name."""
        return "\n".join(part for part in (self.context, self.caption, self.text, self.mentions) if part)

    def payload(self) -> dict[str, Any]:
        """JSON-ready fields, as stored beside the vectors."""
        return {
            "document": self.document,
            "sha256": self.sha256,
            "page": self.page,
            "kind": self.kind,
            "text": self.text,
            "box": [round(edge, 4) for edge in self.box],
            "order": self.order,
            "title": self.title,
            "section": list(self.section),
            "caption": self.caption,
            "rows": [list(row) for row in self.rows],
            "origin": self.origin,
            "mentions": self.mentions,
            "stems": self.stems,
            "hidden": self.hidden,
            "lines": self.lines,
            "cells": self.cells,
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> "Element":
        return cls(
            **payload
            | {
                "box": Box(*payload["box"]),
                "section": tuple(payload["section"]),
                "rows": tuple(tuple(row) for row in payload["rows"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """An element that matched a query.

    `score` is comparable within one result list only. `ranks` gives the element's place (from 1) in each named vector's
    own list, `terms` the query words it holds: together, why it matched. `beside` is the id of the hit near which it
    stands, when it was found only for that, and `relation` what it is to it. `relevance` is the probability that
    its page holds the answer, 0..1, comparable across questions; None where nothing estimated it. `answerable` is the
    probability that the question has an answer among all hits of the search, and `missing` are names and numbers of the
    question that are nowhere in the document. `placed`: its page is where the question says.
    """

    element: Element
    score: float
    ranks: dict[str, int] = field(default_factory=dict)
    terms: tuple[str, ...] = ()
    relevance: float | None = None
    beside: UUID | None = None
    relation: str = ""
    answerable: float | None = None
    missing: tuple[str, ...] = ()
    placed: bool = False

    @property
    def why(self) -> str:
        found = ", ".join(f"{name} #{rank}" for name, rank in self.ranks.items())
        words = f"matched on: {', '.join(self.terms)}" if self.terms else "no query word in common"
        hidden = "hidden in its document" if self.element.hidden else ""
        return "; ".join(filter(None, (found, words, hidden)))
