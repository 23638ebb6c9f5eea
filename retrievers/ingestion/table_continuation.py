"""Tables that go on over pages: the part on the later page gets the header of the first.

A part goes on when nothing but margins lies between it and the table before, its columns stand under the same ones,
and its first row is no header of its own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from retrievers.elements import NOWHERE, Block, Box, CellBoxes, Page
from retrievers.parsers.layout.captions import CAPTION
from retrievers.parsers.layout.tables.headers import is_value
from retrievers.parsers.layout.tables.table import to_text

MARGIN = 0.1  # page heights at the top and at the bottom: what stands there does not part a table
LOW, HIGH = 0.6, 0.3  # page heights: how far down the first part reaches at least, and where the next begins at most
TOUCHING = 0.2  # of the narrower: how far two columns stand over one another at least
ALIGNED = 0.006  # page units between the left sides of columns of words


@dataclass(frozen=True, slots=True)
class LastTable:
    """What a table that ends page number `page` hands on: the header, where its columns are, and its caption."""

    page: int
    header: tuple[str, ...]
    columns: tuple[Box, ...]
    caption: str

    def state(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Self:
        columns = tuple(Box(*column) for column in state["columns"])
        return cls(state["page"], tuple(state["header"]), columns, state["caption"])


def continued(page: Page, last: LastTable | None) -> tuple[Page, LastTable | None]:
    """`page` with the header of the table that goes on at its top, and the table that may go on after it."""
    blocks = list(page.blocks)
    first = next((place for place, block in enumerate(blocks) if not _is_header(block)), None)
    caption = ""
    if last is not None and first is not None and last.page == page.number - 1:
        whole = _with_header(blocks[first], last)
        if whole is not None:
            blocks[first], caption = whole, last.caption
    final = next((place for place in reversed(range(len(blocks))) if not _is_footer(blocks[place])), None)
    if final is None:
        return page, None
    kept = _last_table(page.number, blocks[final], caption if final == first else "")
    return replace(page, blocks=tuple(blocks)), kept


def _is_header(block: Block) -> bool:
    """Whether it is plain text in the upper margin; a heading or a caption there says that something new begins."""
    return block.kind == "text" and block.box.y1 <= MARGIN and not CAPTION.match(block.text)


def _is_footer(block: Block) -> bool:
    """Whether it is a line in the lower margin, such as the number of the page, which may be set as a heading is."""
    return block.kind in ("text", "heading") and block.box.y0 >= 1 - MARGIN and not CAPTION.match(block.text)


def _last_table(page: int, block: Block, caption: str) -> LastTable | None:
    if block.cells is None or len(block.rows) < 2 or any(map(is_value, block.rows[0][1:])):
        return None
    if not _is_turned(block.cells.columns) and block.box.y1 < LOW:
        return None
    return LastTable(page, block.rows[0], block.cells.columns, caption or block.caption)


def _with_header(block: Block, last: LastTable) -> Block | None:
    """The table under the header of the one before; None where it is another table."""
    if block.cells is None or not _is_same(block.caption, last.caption):
        return None
    if not _is_turned(block.cells.columns) and block.box.y0 > HIGH:
        return None
    places = _aligned(block.cells.columns, last.columns)
    if places is None:
        return None
    shown = block.caption or (f"{last.caption} (continued)" if last.caption else "")
    if _plain(block.rows[0]) == _plain(last.header):
        return replace(block, caption=shown)
    if not _goes_on(block, [last.columns[place] for place in places]):
        return None
    rows = (last.header, *(_spread(row, places, len(last.header)) for row in block.rows))
    columns = tuple(_beside(block.box, column, last.columns) for column in last.columns)
    if len(places) == len(columns):
        columns = block.cells.columns
    cells = CellBoxes((NOWHERE, *block.cells.rows), columns)
    return replace(block, rows=rows, cells=cells, text=to_text(rows), caption=shown)


def _goes_on(block: Block, above: Sequence[Box]) -> bool:
    """Whether the first row is one of the body: it has values, or, in a table of words, stands in line with those
    above."""
    assert block.cells is not None
    if any(is_value(cell) for row in block.rows for cell in row[1:]):
        return next((any(map(is_value, row[1:])) for row in block.rows if sum(map(bool, row)) > 1), False)
    axis = int(_is_turned(above))
    return all(abs(one[axis] - other[axis]) <= ALIGNED for one, other in zip(block.cells.columns, above, strict=True))


def _is_same(caption: str, before: str) -> bool:
    """Whether a caption is none, or names the same table again ("Table 3, continued")."""
    named, known = CAPTION.match(caption), CAPTION.match(before)
    return not caption or bool(named and known and _plain([named.group()]) == _plain([known.group()]))


def _aligned(columns: Sequence[Box], above: Sequence[Box]) -> list[int] | None:
    """Under which of the columns above each column stands, from left to right; None where not each stands under one."""
    if _is_turned(columns) != _is_turned(above) or len(columns) < 2:
        return None
    axis = int(_is_turned(above))
    places: list[int] = []
    for column in columns:
        over = [place for place, other in enumerate(above) if _touch(column, other, axis)]
        if len(over) != 1 or (places and over[0] <= places[-1]):
            return None
        places += over
    return places if 2 * len(places) > len(above) else None


def _touch(one: Box, other: Box, axis: int) -> bool:
    common = min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])
    return common > TOUCHING * min(one[axis + 2] - one[axis], other[axis + 2] - other[axis])


def _is_turned(columns: Sequence[Box]) -> bool:
    """Whether the columns of a table lie one under another, because it lies on its side."""
    return len(columns) > 1 and abs(columns[0].x0 - columns[1].x0) < abs(columns[0].y0 - columns[1].y0)


def _beside(box: Box, column: Box, columns: Sequence[Box]) -> Box:
    """A column of the table above, as far as this one reaches."""
    if _is_turned(columns):
        return column._replace(x0=box.x0, x1=box.x1)
    return column._replace(y0=box.y0, y1=box.y1)


def _spread(row: Sequence[str], places: Sequence[int], count: int) -> tuple[str, ...]:
    cells = dict(zip(places, row, strict=True))
    return tuple(cells.get(place, "") for place in range(count))


def _plain(texts: Sequence[str]) -> list[str]:
    return ["".join(text.casefold().split()).rstrip(".:") for text in texts]
