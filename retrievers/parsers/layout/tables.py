"""Tables from the places of words alone: rows of short cells that line up in columns, ruled or not.

Column gutters are the empty valleys in the horizontal projection of a run of rows (the idea of the "recursive
projection profile" of Nagy; ruling lines are not needed).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from retrievers.elements import Box, CellBoxes, Rows
from retrievers.parsers.layout.headers import column_names, header_rows, header_within, stands_over
from retrievers.parsers.layout.labels import unwrapped
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.no_tables import as_line, is_contents, is_formula, is_list, is_signature, with_mark
from retrievers.parsers.layout.rows import rows_of
from retrievers.parsers.layout.runs import MIN_CELLS, table_runs

BINS = 400  # horizontal resolution of the projection profile
MIN_ROWS = 3
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


def find_tables(lines: Sequence[Line], rules: Sequence[Box] = ()) -> tuple[list[Table], list[Line]]:
    """Tables, and the lines that belong to none. `rules` are drawn lines: under a group of columns they say how far it
    reaches."""
    tables: list[Table] = []
    rest: list[list[Line]] = []
    for run in _split(table_runs(rows_of(lines))):
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


def _split(runs: Sequence[list[list[Line]]]) -> Iterator[list[list[Line]]]:
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


def _over(above: Sequence[list[Line]], run: Sequence[list[Line]], rules: Sequence[Box]) -> list[list[Line]]:
    """Lone lines right above a table that name groups of its columns."""
    over: list[list[Line]] = []
    for row in reversed(above[-MOST_OVER:]):
        if not stands_over(row, [*over, *run], rules):
            break
        over.insert(0, row)
    return over


def _with_symbols(row: Sequence[Line]) -> list[Line]:
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


def _table(run: Sequence[Sequence[Line]], rules: Sequence[Box]) -> Table | None:
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
    caption = ""
    if not any(rows[0][1:]) and len(rows) > MIN_ROWS:  # words over the labels alone are no header
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


def _looks_tabular(run: Sequence[Sequence[Line]]) -> bool:
    """Numbers in a fair share of cells, or short cells throughout."""
    cells = [line.text for row in run if len(row) >= MIN_CELLS for line in row]
    numeric = sum(any(c.isdigit() for c in text) and len(text) < 20 for text in cells) / len(cells)
    return numeric > 0.3 or median(len(text) for text in cells) < 25


def _gutters(run: Sequence[Sequence[Line]]) -> list[float]:
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


def _column(line: Line, edges: Sequence[float]) -> int:
    middle = (line.box.x0 + line.box.x1) / 2
    return sum(middle > edge for edge in edges)


def _text(row: Sequence[Line], edges: Sequence[float], column: int) -> str:
    return " ".join(line.text for line in row if _column(line, edges) == column)


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
