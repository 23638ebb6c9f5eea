"""Tables of HTML as grids: what spans several cells stands in each of them, as a reader sees it.

Tables inside a cell follow the table around them. A table that only places things on the page is no table.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrievers.elements import Rows
from retrievers.parsers.flow.items import Item, square
from retrievers.parsers.html.pictures import picture
from retrievers.parsers.html.text import BLOCKS, unseen, words_of

MAX_COLUMNS = 300  # of a grid; a span beyond it is cut
MAX_CELLS = 100_000  # of a grid; from there on no cell spans any other


@dataclass(slots=True)
class _Parts:
    """What stands directly in a table, not in one inside it. Each row: its cells."""

    rows: list[list[Any]] = field(default_factory=list)
    heads: list[bool] = field(default_factory=list)  # rows inside <thead>
    caption: str = ""
    tables: list[Any] = field(default_factory=list)
    pictures: list[Any] = field(default_factory=list)


def places_only(table: Any) -> bool:
    """Whether the table is there for the layout of the page: it says so, holds tables but no headers, or
    is one column of more than words."""
    if table.get("role") in ("presentation", "none"):
        return True
    parts = _parts(table)
    if parts.caption or any(cell.tag == "th" for row in parts.rows for cell in row):
        return False
    if parts.tables or max(map(len, parts.rows), default=0) > 1:
        return bool(parts.tables)
    blocks = any(child.tag in BLOCKS for row in parts.rows for cell in row for child in cell)
    return blocks or len(parts.rows) < 2


def items(table: Any, path: Path) -> Iterator[Item]:
    """The table, its pictures, then the tables inside it."""
    waiting = deque([table])
    while waiting:
        parts = _parts(waiting.popleft())
        rows = _rows(parts)
        if rows:
            yield Item("table", rows=rows, caption=parts.caption)
        elif parts.caption:
            yield Item("text", parts.caption)
        yield from (picture(image, path) for image in parts.pictures)
        waiting.extend(parts.tables)


def _parts(table: Any) -> _Parts:
    from lxml import etree

    parts = _Parts()
    in_head = False
    walker = etree.iterwalk(table, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if tag in ("thead", "tbody", "tfoot"):
            in_head = tag == "thead" and event == "start"
        if event == "end" or element is table:
            continue
        if unseen(element):
            walker.skip_subtree()
        elif tag == "table":
            parts.tables.append(element)
            walker.skip_subtree()
        elif tag == "caption":
            parts.caption = words_of(element)
        elif tag == "img":
            parts.pictures.append(element)
        elif tag == "tr" or (tag in ("td", "th") and not parts.rows):
            parts.rows.append([])
            parts.heads.append(in_head)
        if tag in ("td", "th") and not unseen(element):
            parts.rows[-1].append(element)
    return parts


def _rows(parts: _Parts) -> Rows:
    grid = _grid(parts.rows)
    texts = {cell: words_of(cell, tables=False) for row in parts.rows for cell in row}
    kept = [c for c in range(max(map(len, grid), default=0)) if _differs(grid, c, texts)]
    rows = [[texts[row[c]] if c < len(row) and row[c] is not None else "" for c in kept] for row in grid]
    top = _header_rows(parts)
    if top > 1:
        rows[:top] = [[" ".join(dict.fromkeys(filter(None, column))) for column in zip(*rows[:top], strict=True)]]
    return square([row for row in rows if any(row)])


def _grid(rows: list[list[Any]]) -> list[list[Any]]:
    """The cell at each place, None where there is none, by the HTML standard's way of forming a table."""
    grid: list[list[Any]] = [[] for _ in rows]
    down: dict[int, tuple[int, Any]] = {}  # column -> rows that its cell still reaches into
    placed = 0
    for line, row in zip(grid, rows, strict=True):
        if placed > MAX_CELLS:
            line.extend(row)
            continue
        cells = iter(row)
        cell = next(cells, None)
        while cell is not None or len(line) <= max(down, default=-1):
            if len(line) in down:
                left, above = down.pop(len(line))
                if left > 1:
                    down[len(line)] = (left - 1, above)
                line.append(above)
            elif cell is None:
                line.append(None)
            else:
                wide, high = _span(cell, "colspan"), _span(cell, "rowspan") or len(rows)
                for _ in range(max(1, min(wide, MAX_COLUMNS - len(line)))):
                    if high > 1:
                        down[len(line)] = (high - 1, cell)
                    line.append(cell)
                cell = next(cells, None)
        placed += len(line)
    return grid


def _span(cell: Any, name: str) -> int:
    said = cell.get(name, "1").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 1


def _differs(grid: list[list[Any]], column: int, texts: dict[Any, str]) -> bool:
    """Whether the column says anything that the one to its left, by the same cells, does not."""
    cells = [(row[column], row[column - 1] if column else None) for row in grid if column < len(row)]
    return any(cell is not None and cell is not left and texts[cell] for cell, left in cells)


def _header_rows(parts: _Parts) -> int:
    """Rows that name the columns together: those of <thead>, else those at the top that hold nothing but <th>."""
    pairs = zip(parts.heads, parts.rows, strict=True)
    heads = [head or (bool(row) and all(cell.tag == "th" for cell in row)) for head, row in pairs]
    top = heads.index(False) if False in heads else 0
    return top if top < len(parts.rows) else 0
