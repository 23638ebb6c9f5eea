"""Headers of tables without drawn cells: which rows they take, and the one name of each column.

A header may be wrapped over several rows, and a group ("2023") may stand over several columns ("Revenue", "Costs").
Where a group reaches is told by rules under it, else by its middle or its left side: it stands over all its columns.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise, product
from statistics import median

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.tables.rules import joined_rules

MOST_ROWS = 6  # of a header
MIN_BODY = 2  # rows of values under it
NUMERIC = 0.75  # share of rows with values: where they are that common, a row without belongs to the header
UNIT = 3  # letters of a unit after a number
MIN_GROUPED = 3  # columns of a table that may have groups
TOUCHING = 0.2  # of the narrower: what a cell lies over of its column at least
UNCOVERED = 0.3  # of the columns' distance: how far off a group may stand rather than leave a column without one
HEAD_LENGTH = 40  # characters of a group
HEAD_GAP = 1.2  # row heights between a group and what it stands over
RULED_GAP = 2.0  # likewise, where a rule lies between
RULE_GAP = 0.8  # row heights between a group and the rule under it
_YEAR = re.compile(r"(19|20)\d\d\b(?![,.]\d)")
_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
_SYMBOLS = " $€£¥()[]+-−–—~<>≈±*"

Row = Sequence[Line]


def is_value(text: str) -> bool:
    """A number, with its sign and unit; no year and no date. A dash stands for one."""
    core = text.strip(_SYMBOLS)
    if not core:
        return bool(text.strip("()[] ")) and text.strip() not in "$€£¥"
    if not core[0].isdigit() or _YEAR.match(core) or _DATE.fullmatch(core):
        return False
    return sum(map(str.isalpha, core)) <= UNIT


def header_rows(run: Sequence[Row]) -> int:
    """How many rows at the top of a table come before its values; 0 where the first has some, or that is unclear."""
    valued = list(map(_has_value, run))
    if True not in valued:
        return 2 if len(run) > 2 and _grouped(*run[:2]) else 0
    depth = valued.index(True)
    below = [has for has, row in zip(valued[depth:], run[depth:], strict=True) if len(row) > 1]
    if not 0 < depth <= MOST_ROWS or sum(below) < max(MIN_BODY, NUMERIC * len(below)):
        return 0
    return _before_labels(run[:depth], _stub(run[depth:]))


def _grouped(first: Row, second: Row) -> bool:
    """Whether the first row of a table of words stands over several cells of the second at once."""
    between = (sum(cell.box.x0 < _middle(line.box) < cell.box.x1 for cell in second) != 1 for line in first)
    inside = all(second[0].box.x0 <= line.box.x0 and line.box.x1 <= second[-1].box.x1 for line in first)
    return len(first) < len(second) and inside and any(between)


def _has_value(row: Row) -> bool:
    return any(is_value(line.text) for line in row)


def _stub(body: Sequence[Row]) -> float:
    """How far the column of labels reaches at least."""
    return min(row[0].box.x1 for row in body if len(row) > 1)


def _before_labels(head: Sequence[Row], stub: float) -> int:
    """Without the first labels of the body ("Assets:")."""
    named = False
    for place, row in enumerate(head):
        labelled = row[0].box.x0 < stub
        if labelled and (named or len(row) == 1):
            return place
        named = named or labelled
    return len(head)


def header_within(run: Sequence[Row]) -> int:
    """The row with which a second header begins in a run of rows, and so another table; 0 where none does.

    It stands apart from the column of labels, has no values, and follows a lone line.
    """
    depth = header_rows(run)
    if not depth:
        return 0
    stub = _stub(run[depth:])
    for place in range(depth + 1, len(run) - MIN_BODY):
        named = len(run[place]) > 1 and len(run[place - 1]) == 1 and run[place][0].box.x0 > stub
        if named and not _has_value(run[place]) and header_rows(run[place:]):
            return place
    return 0


def stands_over(row: Row, run: Sequence[Row], rules: Sequence[Box] = ()) -> bool:
    """Whether a lone line above a table is a group of its columns ("Year ended 31 December") rather than its title. One
    with a rule under it, longer than itself, may stand farther off."""
    if len(row) != 1 or len(row[0].text) > HEAD_LENGTH or is_value(row[0].text):
        return False
    box, first = row[0].box, run[0]
    height = box.y1 - box.y0
    top = min(line.box.y0 for line in first)
    ruled = any(box.y1 - 0.3 * height < rule.y0 < top and rule.x0 < box.x0 and box.x1 < rule.x1 for rule in rules)
    body = [cells for cells in run if _has_value(cells[1:])]
    if (
        len(body) < MIN_BODY
        or not header_rows(run)
        or row[0].bold > first[-1].bold
        or not -0.5 * height < top - box.y1 < (RULED_GAP if ruled else HEAD_GAP) * height
    ):
        return False
    left = max(cells[0].box.x1 for cells in body)
    values = Box.around(line.box for cells in body for line in cells[1:])
    middle = abs(box.x0 + box.x1 - values.x0 - values.x1) / 2
    several = max(len(cells) for cells in body) > 2
    return several and box.x0 > min(left, values.x0) and middle < max(height, 0.25 * (values.x1 - values.x0))


def column_names(head: Sequence[Row], columns: Sequence[Box], rules: Sequence[Box] = ()) -> tuple[str, ...]:
    """One name per column: what stands over it, from the top, each once. No group stands over the first column."""
    names: list[list[str]] = [[] for _ in columns]
    for place, row in enumerate(head):
        for line, over in zip(row, _reach(row, columns, head[place + 1 :], rules), strict=True):
            for column in over:
                if line.text not in names[column]:
                    names[column].append(line.text)
    return tuple(map(" ".join, names))


def _reach(row: Row, columns: Sequence[Box], below: Sequence[Row], rules: Sequence[Box]) -> list[range]:
    """The columns that each cell of a header's row stands over."""
    touched = [_touched(line.box, columns) for line in row]
    groups = [place for place, over in enumerate(touched) if over[0] > 0]
    boxes = [row[place].box for place in groups]
    if not groups or len(columns) < MIN_GROUPED:
        return touched
    ruled = _ruled(boxes, columns, rules) if below else None
    spread = ruled or _spread(boxes, [touched[place] for place in groups], columns)
    wide = any(len(touched[place]) > 1 for place in groups) or (len(row) == 1 and _is_whole(below, columns))
    if not ruled and not (spread and (wide or (below and _repeats(spread, below[-1], columns)))):
        return touched
    over = dict(zip(groups, spread or (), strict=True))
    return [over.get(place, touched[place]) for place in range(len(row))]


def _touched(box: Box, columns: Sequence[Box]) -> range:
    """Columns over which a cell lies, or the nearest one."""
    over = [
        place
        for place, column in enumerate(columns)
        if min(box.x1, column.x1) - max(box.x0, column.x0) > TOUCHING * min(box.x1 - box.x0, column.x1 - column.x0)
    ]
    if over:
        return range(over[0], over[-1] + 1)
    nearest = min(range(len(columns)), key=lambda place: abs(_middle(columns[place]) - _middle(box)))
    return range(nearest, nearest + 1)


def _ruled(cells: Sequence[Box], columns: Sequence[Box], rules: Sequence[Box]) -> list[range] | None:
    """The columns over the rule that is drawn under each cell; None unless each has one of its own."""
    found: list[range] = []
    for cell in cells:
        height = cell.y1 - cell.y0
        under = [rule for rule in rules if -0.3 * height < rule.y0 - cell.y1 < RULE_GAP * height]
        rule = next((rule for rule in joined_rules(under) if rule.x0 <= _middle(cell) <= rule.x1), None)
        over = [place for place in range(1, len(columns)) if rule and rule.x0 <= _middle(columns[place]) <= rule.x1]
        if not over or (found and over[0] < found[-1].stop):
            return None
        found.append(range(over[0], over[-1] + 1))
    return found if any(len(over) > 1 for over in found) else None


def _spread(cells: Sequence[Box], touched: Sequence[range], columns: Sequence[Box]) -> list[range] | None:
    """Neighbouring columns for each cell, so that cells stand over the middle, or the left side, of theirs.

    None where no way is found in which cells do not share columns.
    """
    pitch = median(right.x0 - left.x0 for left, right in pairwise(columns))
    found = [_best(cells, touched, columns, UNCOVERED * pitch, centred) for centred in (True, False)]
    cost, ranges = min(found, key=lambda pair: pair[0])
    return ranges if cost < float("inf") else None


def _best(
    cells: Sequence[Box],
    touched: Sequence[range],
    columns: Sequence[Box],
    uncovered: float,
    centred: bool,
) -> tuple[float, list[range]]:
    """Least sum of distances between cells and the columns given to them, by dynamic programming from left to right."""

    @cache
    def rest(cell: int, start: int) -> tuple[float, tuple[range, ...]]:
        if cell == len(cells):
            return uncovered * (len(columns) - start), ()
        best: tuple[float, tuple[range, ...]] = (float("inf"), ())
        for first, last in product(range(start, touched[cell][0] + 1), range(touched[cell][-1], len(columns))):
            hull = Box(columns[first].x0, 0.0, columns[last].x1, 0.0)
            off = _middle(cells[cell]) - _middle(hull) if centred else cells[cell].x0 - hull.x0
            cost, ranges = rest(cell + 1, last + 1)
            total = abs(off) + uncovered * (first - start) + cost
            if total < best[0]:
                best = (total, (range(first, last + 1), *ranges))
        return best

    cost, ranges = rest(0, 1)
    return cost, list(ranges)


def _is_whole(below: Sequence[Row], columns: Sequence[Box]) -> bool:
    """Whether the next row of a header says something under a lone group for each column; a last row, as of units,
    stands for all."""
    return not below or {place for line in below[0] for place in _touched(line.box, columns)} >= {
        *range(1, len(columns))
    }


def _repeats(spread: Sequence[range], below: Row, columns: Sequence[Box]) -> bool:
    """Whether the row below says the same under each of several groups."""
    said = {place: line.text for line in below for place in _touched(line.box, columns)}
    under = [[said.get(place) for place in over] for over in spread]
    return len(under) > 1 and len(under[0]) > 1 and all(under[0]) and all(names == under[0] for names in under)


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2
