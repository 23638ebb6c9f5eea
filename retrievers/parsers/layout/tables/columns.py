"""From rows to a table: its columns, its header, and the cells that both make.

Column gutters are the empty valleys in the horizontal projection of a run of rows (the idea of the "recursive
projection profile" of Nagy; ruling lines are not needed). Where cells stand under no column, their order tells.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from retrievers.elements import Box, CellBoxes, Rows
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.tables.cells import column_at, cut_at
from retrievers.parsers.layout.tables.headers import Row, column_names, header_rows
from retrievers.parsers.layout.tables.labels import unwrapped
from retrievers.parsers.layout.tables.no_tables import is_formula, is_list
from retrievers.parsers.layout.tables.ordered import columns_of, in_order, names_all, names_in_order
from retrievers.parsers.layout.tables.runs import MIN_CELLS
from retrievers.parsers.layout.tables.table import Table

BINS = 1000  # horizontal resolution of the projection profile
MIN_VALLEY = 6  # bins without text between two columns
MIN_CAPTIONED = 3  # rows under words that are no header
OPENING = frozenset({"$", "€", "£", "("})
CLOSING = frozenset({"%", ")", ")%", "%)"})


def _with_symbols(row: Sequence[Line]) -> list[Line]:
    """Currency signs and opening brackets joined to the number that they stand before, signs of percent and closing
    brackets to the one before them."""
    joined: list[Line] = []
    for line in row:
        if joined and (joined[-1].text in OPENING or (line.text in CLOSING and joined[-1].text not in OPENING)):
            last = joined.pop()
            joined.append(replace(last, text=last.text + line.text, box=last.box.union(line.box), gaps=()))
        else:
            joined.append(line)
    return joined


def table_of(run: Sequence[Row], rules: Sequence[Box]) -> Table | None:
    """The table that rows make, header first; None when they make none. `rules` are drawn lines."""
    depth = header_rows(run)
    body = [_with_symbols(row) for row in run[depth:]]
    edges = _gutters(body)
    if not edges or not _looks_tabular(body):
        return None
    head = run[:depth]
    ordered = in_order(body, head, edges)
    return _ordered(ordered, head) if ordered else _in_columns(body, head, edges, rules)


def _ordered(body: Sequence[Row], head: Sequence[Row]) -> Table:
    count = max(map(len, body))
    rows = tuple((*(line.text for line in row), *[""] * (count - len(row))) for row in body)
    return _made(rows, columns_of(body), body, head, names_in_order(head, count))


def _in_columns(body: Sequence[Row], head: Sequence[Row], edges: Sequence[float], rules: Sequence[Box]) -> Table | None:
    body = unwrapped(body, edges[0])
    filled = [[line for row in body for line in row if column_at(line, edges) == c] for c in range(len(edges) + 1)]
    kept = [column for column, lines in enumerate(filled) if lines]
    rows = tuple(tuple(_text(row, edges, column) for column in kept) for row in body)
    if len(kept) < MIN_CELLS or is_list(rows) or is_formula(rows):
        return None
    bounds = [0.0, *edges, 1.0]
    columns = [_within(filled[column], bounds[column], bounds[column + 1]) for column in kept]
    rows, columns = _merge_symbols(rows, columns)
    if head and names_all(head[-1], body):
        names = names_in_order(head, len(columns))
    else:  # groups stand above the names of columns
        pieces = [*head[:-1], *([piece for line in row for piece in cut_at(line, edges)] for row in head[-1:])]
        names = column_names(pieces, columns, rules)
    return _made(rows, columns, body, head, names)


def _made(
    rows: Rows,
    columns: Sequence[Box],
    body: Sequence[Row],
    head: Sequence[Row],
    names: tuple[str, ...],
) -> Table:
    heights = [Box.around(line.box for line in row) for row in body]
    if head:
        rows = (names, *rows)
        heights.insert(0, Box.around(line.box for row in head for line in row))
    box = Box.around(line.box for row in [*head, *body] for line in row)
    caption = ""
    if not any(rows[0][1:]) and len(rows) > MIN_CAPTIONED:  # words over the labels alone are no header
        caption, rows, heights = rows[0][0], rows[1:], heights[1:]
    return Table(
        box,
        rows,
        CellBoxes(
            tuple(box._replace(y0=height.y0, y1=height.y1) for height in heights),
            tuple(box._replace(x0=width.x0, x1=width.x1) for width in columns),
        ),
        caption,
    )


def _looks_tabular(run: Sequence[Row]) -> bool:
    """Numbers in a fair share of cells, or short cells throughout."""
    cells = [line.text for row in run if len(row) >= MIN_CELLS for line in row]
    numeric = sum(any(c.isdigit() for c in text) and len(text) < 20 for text in cells) / len(cells)
    return numeric > 0.3 or median(len(text) for text in cells) < 25


def _gutters(run: Sequence[Row]) -> list[float]:
    """x of the middle of every empty valley between columns; a few spanning cells do not fill a valley."""
    cover = [0] * (BINS + 1)
    wide = [row for row in run if len(row) >= MIN_CELLS]
    for row in wide:
        for line in row:
            for place in range(max(0, int(line.box.x0 * BINS)), min(BINS, int(line.box.x1 * BINS)) + 1):
                cover[place] += 1
    spanning = max(len(wide) // 10, 1 if len(wide) > 4 else 0)  # so many titles may lie across a gutter
    occupied = [place for place in range(BINS + 1) if cover[place] > spanning]
    return [(left + right) / 2 / BINS for left, right in pairwise(occupied) if right - left > MIN_VALLEY]


def _text(row: Sequence[Line], edges: Sequence[float], column: int) -> str:
    return " ".join(line.text for line in row if column_at(line, edges) == column)


def _within(lines: Sequence[Line], left: float, right: float) -> Box:
    """Around lines of one column; a title over several reaches beyond it."""
    box = Box.around(line.box for line in lines)
    return box._replace(x0=max(left, box.x0), x1=min(right, box.x1))


def _merge_symbols(rows: Rows, boxes: Sequence[Box]) -> tuple[Rows, list[Box]]:
    """Columns of currency or percent signs and brackets join the numbers they belong to, and their boxes."""
    merged: list[tuple[str, ...]] = []
    joined: list[Box] = []
    for column, box in zip(zip(*rows, strict=True), boxes, strict=True):
        if merged and (_mostly(column, CLOSING) or (len(merged) > 1 and _mostly(merged[-1], OPENING))):
            merged[-1] = tuple(
                (left + right) if left in OPENING or right in CLOSING else f"{left} {right}".strip()
                for left, right in zip(merged[-1], column, strict=True)
            )
            joined[-1] = joined[-1].union(box)
        else:
            merged.append(column)
            joined.append(box)
    return tuple(zip(*merged, strict=True)), joined


def _mostly(column: Sequence[str], symbols: frozenset[str]) -> bool:
    cells = [cell for cell in column if cell]
    return sum(cell in symbols for cell in cells) > len(cells) / 2
