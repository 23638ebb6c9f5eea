"""Tables whose cells stand under no column: bars with their values in them, each value where its bar ends.

What belongs together is told by the order in which it stands: the second value of every row is of the second name in
the legend.
"""

from collections.abc import Sequence
from itertools import pairwise

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import as_line
from retrievers.parsers.layout.tables.cells import column_at, cut_widest
from retrievers.parsers.layout.tables.headers import Row, is_value

MIN_CELLS = 3  # of a row: a label and two values
MIN_ROWS = 2
LEGEND_GAP = 2.0  # row heights between a legend and the first row


def in_order(body: Sequence[Row], head: Sequence[Row], edges: Sequence[float]) -> list[list[Line]] | None:
    """The rows of such a table, label first; None unless all are a label and equally many values, and columns between
    `edges` do not hold them. A row without values stays alone."""
    rows = [_labelled(row) for row in body]
    counts = {len(row) for row in rows if len(row) > 1}
    if not all(rows) or len(counts) != 1 or sum(len(row) > 1 for row in rows) < MIN_ROWS:
        return None
    (count,) = counts
    places = [[column_at(line, edges) for line in row] for row in rows]
    shared = sum(len({*row}) < len(row) for row in places)
    columns = len({place for row in places for place in row})
    named = any(names_in_order(head, count))
    odd = shared >= MIN_ROWS or (columns != count and (named or are_apart(columns_of(rows)[1:])))
    return rows if count >= MIN_CELLS and odd and (named or not head) else None


def columns_of(rows: Sequence[Row]) -> list[Box]:
    """Around the first cells of all rows, around the second ones ..."""
    return [Box.around(row[place].box for row in rows if place < len(row)) for place in range(max(map(len, rows)))]


def are_apart(columns: Sequence[Box]) -> bool:
    return all(left.x1 < right.x0 for left, right in pairwise(columns))


def _labelled(row: Row) -> list[Line]:
    """A row with its label, which may be a number itself, as one cell; nothing where values and words are mixed."""
    first = next((place for place, line in enumerate(row) if place and is_value(line.text)), len(row))
    if not all(is_value(line.text) for line in row[first:]):
        return []
    return [as_line(row[:first]), *row[first:]]


def names_in_order(head: Sequence[Row], count: int) -> tuple[str, ...]:
    """`count` names of columns, from left to right, the one over the labels "" where there is none; all "" where no row
    of the header has as many, for then which is whose cannot be told. A lone line above them is said of all."""
    rows = [row if len(row) != 1 else cut_widest(row, count - 2) for row in head]
    place = next((place for place, row in enumerate(rows) if len(row) in (count - 1, count)), None)
    if place is None:
        wrapped = _over_each_other([line for row in rows for line in row])
        return ("", *wrapped) if len(wrapped) == count - 1 else ("",) * count
    labels: list[list[Line]] = [[]] * (count - len(rows[place]))
    names = [*([line] for line in rows[place])]
    for number, row in enumerate(rows):
        for line in row if number != place else ():
            whole = len(row) == 1 and number < place and line.box.x1 > names[0][-1].box.x0
            over = names if whole else [name for name in names if _overlap(line.box, name[-1].box)]
            over = over or [*labels, *names][:1]
            for name in over:
                name.insert(number, line) if number < place else name.append(line)
    return tuple(" ".join(line.text for line in name) for name in [*labels, *names])


def names_all(row: Row, run: Sequence[Row]) -> bool:
    """Whether a lone line close over a table is a legend: as many names, wide apart, as each row has values."""
    counts = {len(cells) - 1 for cells in run if len(cells) > 1}
    if len(row) != 1 or len(counts) != 1 or len(run) < MIN_ROWS:
        return False
    (count,) = counts
    values = all(is_value(line.text) for cells in run for line in cells[1:])
    box, below = row[0].box, min(line.box.y0 for line in run[0])
    close = -0.5 < (below - box.y1) / (box.y1 - box.y0) < LEGEND_GAP
    return count > 1 and values and close and len(cut_widest(row, count - 1)) == count


def _over_each_other(lines: Sequence[Line]) -> list[str]:
    """Names that are wrapped, from left to right."""
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.x0):
        if groups and _overlap(line.box, Box.around(other.box for other in groups[-1])):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [" ".join(line.text for line in sorted(group, key=lambda line: line.box.y0)) for group in groups]


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1
