"""Tables from the places of words alone: rows of short cells that line up in columns, ruled or not.

Column gutters are the empty valleys in the horizontal projection of a run of rows (the idea of the "recursive
projection profile" of Nagy; ruling lines are not needed).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from retrievers.elements import Box, CellBoxes, Rows
from retrievers.parsers.no_tables import as_line, is_contents, is_formula, is_list, is_signature, with_mark
from retrievers.parsers.table_headers import column_names, header_rows, header_within, stands_over
from retrievers.parsers.table_labels import unwrapped

if TYPE_CHECKING:
    from retrievers.parsers.layout import Line

BINS = 400  # horizontal resolution of the projection profile
MIN_ROWS = 3
MIN_CELLS = 2
ROW_GAP = 3.0  # row heights; a table's groups may stand a blank line apart
LEVEL = 0.7  # of a line's height by which cells of one row may be off
FLAT = 0.3  # of the next row's height: a row of nothing but underscores
CELL_LENGTH = 40  # characters; columns of prose have longer "cells"
MOST_OVER = 2  # lone lines over a table that belong to its header
BAR = " | "  # between cells, where a table is text
OPENING = frozenset({"$", "€", "£", "("})
CLOSING = frozenset({"%", ")", ")%", "%)"})


@dataclass(frozen=True, slots=True)
class Table:
    """Cells row by row, header first. Every row has the same number of cells."""

    box: Box
    rows: Rows
    cells: CellBoxes
    caption: str = ""

    @property
    def text(self) -> str:
        return to_text(self.rows)


def to_text(rows: Rows) -> str:
    """One line per row, cells apart by bars: what is indexed and quoted."""
    return "\n".join(BAR.join(row) for row in rows)


def find_tables(lines: Sequence["Line"], rules: Sequence[Box] = ()) -> tuple[list[Table], list["Line"]]:
    """Tables, and the lines that belong to none. `rules` are drawn lines: under a group of columns they say how far it
    reaches."""
    tables: list[Table] = []
    rest: list[list[Line]] = []
    for run in _split(_runs(rows_of(lines))):
        over = _over(rest, run, rules)
        tabular = sum(len(row) >= MIN_CELLS for row in run) >= MIN_ROWS
        if tabular and (is_contents(run) or is_signature(run)):
            rest.extend([as_line(row)] for row in run)
            continue
        table = _table([*over, *run], rules) if tabular else None
        if table is None:
            rest.extend(map(with_mark, run))
        else:
            tables.append(table)
            del rest[len(rest) - len(over) :]
    return tables, [line for row in rest for line in row]


def _split(runs: Sequence[list[list["Line"]]]) -> Iterator[list[list["Line"]]]:
    """The same, cut before second headers, and lone lines before those apart."""
    for run in runs:
        rest = run
        while place := header_within(rest):
            end = place
            while len(rest[end - 1]) == 1:
                end -= 1
            yield from (rest[:end], rest[end:place])
            rest = rest[place:]
        yield rest


def _over(above: Sequence[list["Line"]], run: Sequence[list["Line"]], rules: Sequence[Box]) -> list[list["Line"]]:
    """Lone lines right above a table that name groups of its columns."""
    over: list[list[Line]] = []
    for row in reversed(above[-MOST_OVER:]):
        if not stands_over(row, [*over, *run], rules):
            break
        over.insert(0, row)
    return over


def rows_of(lines: Sequence["Line"]) -> list[list["Line"]]:
    """Lines that share a baseline, top to bottom, each row left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        if rows and (rows[-1][0].box.y0 <= _middle(line) <= rows[-1][0].box.y1 or _level(line, rows[-1])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.x0) for row in rows]


def _middle(line: "Line") -> float:
    return (line.box.y0 + line.box.y1) / 2


def _level(line: "Line", row: Sequence["Line"]) -> bool:
    """Whether the line stands beside those of a row, a little lower: columns are often set a few points apart."""
    box = line.box
    beside = not any(box.x0 < other.box.x1 and other.box.x0 < box.x1 for other in row)
    heights = ((other, min(box.y1 - box.y0, other.box.y1 - other.box.y0)) for other in row)
    return beside and any(_middle(line) - _middle(other) < LEVEL * height for other, height in heights)


def _with_symbols(row: Sequence["Line"]) -> list["Line"]:
    """Currency signs and opening brackets joined to the number that they stand before, signs of percent and closing
    brackets to the one before them."""
    joined: list[Line] = []
    for line in row:
        if joined and (joined[-1].text in OPENING or (line.text in CLOSING and joined[-1].text not in OPENING)):
            last = joined.pop()
            joined.append(replace(last, text=last.text + line.text, box=last.box.union(line.box)))
        else:
            joined.append(line)
    return joined


def _runs(rows: Sequence[list["Line"]]) -> list[list[list["Line"]]]:
    """Cut the page into runs of rows that may be one table and runs that may not, and at wide gaps.

    One-cell rows stay inside a table (group labels such as "Current assets:") when cells follow soon on both sides.
    """
    tabular = [_tabular(row) for row in rows]
    member = list(tabular)
    for place, row in enumerate(rows):
        before, after = ([other for other in some if _tabular(other)] for some in _around(rows, place))
        if not tabular[place] and before and after:
            member[place] = _label(row) or _before_values(row, [*before, *after])
    runs: list[list[list[Line]]] = []
    for index, row in enumerate(rows):
        if index and member[index] == member[index - 1] and _near(rows[index - 1], row):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _tabular(row: Sequence["Line"]) -> bool:
    """Several cells, most of them short: a number, a name, a unit; not columns of prose."""
    return len(row) >= MIN_CELLS and median(len(line.text) for line in row) <= CELL_LENGTH


def _label(row: Sequence["Line"]) -> bool:
    return len(row) == 1 and len(row[0].text) <= 2 * CELL_LENGTH


def _around(rows: Sequence[list["Line"]], place: int) -> tuple[Sequence[list["Line"]], Sequence[list["Line"]]]:
    """The two rows above, and the two below."""
    return rows[max(0, place - 2) : place], rows[place + 1 : place + 3]


def _before_values(row: Sequence["Line"], tabular: Sequence[Sequence["Line"]]) -> bool:
    """Whether a lone line, however long, ends where the values of the rows around it have not begun."""
    return len(row) == 1 and row[0].box.x1 < min(other[1].box.x0 for other in tabular)


def _near(above: Sequence["Line"], below: Sequence["Line"]) -> bool:
    height, next_height = (max(line.box.y1 - line.box.y0 for line in row) for row in (above, below))
    if height < FLAT * next_height:  # blanks to fill in
        height = next_height
    return min(line.box.y0 for line in below) - max(line.box.y1 for line in above) < ROW_GAP * height


def _table(run: Sequence[Sequence["Line"]], rules: Sequence[Box]) -> Table | None:
    depth = header_rows(run)
    body = [_with_symbols(row) for row in run[depth:]]
    edges = _gutters(body)
    if not edges or not _looks_tabular(body):
        return None
    body = unwrapped(body, edges[0])
    filled = [[line for row in body for line in row if _column(line, edges) == c] for c in range(len(edges) + 1)]
    kept = [column for column, lines in enumerate(filled) if lines]
    rows = tuple(tuple(_text(row, edges, column) for column in kept) for row in body)
    if len(kept) < MIN_CELLS or is_list(rows) or is_formula(rows):
        return None
    bounds = [0.0, *edges, 1.0]
    columns = [_within(filled[column], bounds[column], bounds[column + 1]) for column in kept]
    rows, columns = _merge_symbols(rows, columns)
    heights = [Box.around(line.box for line in row) for row in body]
    if depth:
        rows = (column_names(run[:depth], columns, rules), *rows)
        heights.insert(0, Box.around(line.box for row in run[:depth] for line in row))
    box = Box.around(line.box for row in run for line in row)
    return Table(
        box,
        rows,
        CellBoxes(
            tuple(box._replace(y0=height.y0, y1=height.y1) for height in heights),
            tuple(box._replace(x0=width.x0, x1=width.x1) for width in columns),
        ),
    )


def _looks_tabular(run: Sequence[Sequence["Line"]]) -> bool:
    """Numbers in a fair share of cells, or short cells throughout."""
    cells = [line.text for row in run if len(row) >= MIN_CELLS for line in row]
    numeric = sum(any(c.isdigit() for c in text) and len(text) < 20 for text in cells) / len(cells)
    return numeric > 0.3 or median(len(text) for text in cells) < 25


def _gutters(run: Sequence[Sequence["Line"]]) -> list[float]:
    """x of the middle of every empty valley between columns; a few spanning cells do not fill a valley."""
    cover = [0] * (BINS + 1)
    wide = [row for row in run if len(row) >= MIN_CELLS]
    for row in wide:
        for line in row:
            for place in range(max(0, int(line.box.x0 * BINS)), min(BINS, int(line.box.x1 * BINS)) + 1):
                cover[place] += 1
    spanning = max(len(wide) // 10, 1 if len(wide) > 4 else 0)  # so many titles may lie across a gutter
    occupied = [place for place in range(BINS + 1) if cover[place] > spanning]
    return [(left + right) / 2 / BINS for left, right in pairwise(occupied) if right - left > 2]


def _column(line: "Line", edges: Sequence[float]) -> int:
    middle = (line.box.x0 + line.box.x1) / 2
    return sum(middle > edge for edge in edges)


def _text(row: Sequence["Line"], edges: Sequence[float], column: int) -> str:
    return " ".join(line.text for line in row if _column(line, edges) == column)


def _within(lines: Sequence["Line"], left: float, right: float) -> Box:
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
