"""Runs of rows that may be one table, told from prose before columns are looked for."""

from collections.abc import Sequence
from statistics import median

from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.tables.headers import is_value

MIN_CELLS = 2
ROW_GAP = 3.0  # row heights; a table's groups may stand a blank line apart
BAR_GAP = 6.0  # likewise, between rows of a label and as many values each: bars are thicker than lines
FLAT = 0.3  # of the next row's height: a row of nothing but underscores
CELL_LENGTH = 40  # characters; columns of prose have longer "cells"


def table_runs(rows: Sequence[list[Line]]) -> list[list[list[Line]]]:
    """Cut the page into runs of rows that may be one table and runs that may not, and at wide gaps.

    One-cell rows stay inside a table (group labels such as "Current assets:") when cells follow soon on both sides.
    """
    tabular = [_tabular(row) for row in rows]
    member = list(tabular)
    for place, row in enumerate(rows):
        before, after = ([other for other in some if _tabular(other)] for some in _around(rows, place))
        if (
            not tabular[place]
            and before
            and after
            and not (place and _is_prose(rows[place - 1], row, member[place - 1]))
        ):
            member[place] = _label(row) or _before_values(row, [*before, *after])
    runs: list[list[list[Line]]] = []
    for index, row in enumerate(rows):
        if index and member[index] == member[index - 1] and _near(rows[index - 1], row):
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _tabular(row: Sequence[Line]) -> bool:
    """Several cells, most of them short: a number, a name, a unit; not columns of prose."""
    return len(row) >= MIN_CELLS and median(len(line.text) for line in row) <= CELL_LENGTH


def _label(row: Sequence[Line]) -> bool:
    return len(row) == 1 and len(row[0].text) <= 2 * CELL_LENGTH


def _around(rows: Sequence[list[Line]], place: int) -> tuple[Sequence[list[Line]], Sequence[list[Line]]]:
    """The two rows above, and the two below."""
    return rows[max(0, place - 2) : place], rows[place + 1 : place + 3]


def _is_prose(above: Sequence[Line], row: Sequence[Line], in_table: bool) -> bool:
    """Whether a lone line goes on under one that is in no table, as the last of a paragraph does."""
    height = row[0].box.y1 - row[0].box.y0
    return len(above) == 1 and not in_table and row[0].box.y0 - above[0].box.y1 < height


def _before_values(row: Sequence[Line], tabular: Sequence[Sequence[Line]]) -> bool:
    """Whether a lone line, however long, ends where the values of the rows around it have not begun."""
    return len(row) == 1 and row[0].box.x1 < min(other[1].box.x0 for other in tabular)


def _near(above: Sequence[Line], below: Sequence[Line]) -> bool:
    height, next_height = (max(line.box.y1 - line.box.y0 for line in row) for row in (above, below))
    if height < FLAT * next_height:  # blanks to fill in
        height = next_height
    gap = min(line.box.y0 for line in below) - max(line.box.y1 for line in above)
    return gap < (BAR_GAP if _alike(above, below) else ROW_GAP) * height


def _alike(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """Whether both are a label, which may be a number itself, and as many values."""
    return len(above) == len(below) > MIN_CELLS and all(is_value(line.text) for line in (*above[1:], *below[1:]))
