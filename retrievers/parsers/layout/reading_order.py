"""In which order a page's lines are read: column by column, and the bands between columns where they stand."""

from collections.abc import Container, Sequence
from statistics import median

from retrievers.elements import Block, Box
from retrievers.parsers.layout.across import rows_across
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.prose import MIN_COLUMN, apart_from_prose, wrapped_paragraphs
from retrievers.parsers.layout.rows import rows_of

PROSE_WIDTH = 0.16  # page widths; narrower stacks are labels or cells, read row by row
ENOUGH = 6  # lines of wrapped prose that make a column of whatever else stands there


def regions(lines: Sequence[Line]) -> list[list[Line]]:
    """Columns of prose and the bands between them, in reading order.

    The X-Y cut (Nagy & Seth, 1984) with bands found by the lines that cross a gutter, so that a title or a wide
    table above two columns does not hide them.
    """
    prose = {id(line) for column in wrapped_paragraphs(lines) for line in column}
    gutter = _gutter(lines, prose)
    if gutter is None:
        return apart_from_prose(lines)
    return [part for region in _cut(lines, gutter, prose) for part in apart_from_prose(region)]


def _cut(lines: Sequence[Line], gutter: float, prose: Container[int]) -> list[list[Line]]:
    out: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    across: list[Line] = []
    rows = rows_of(lines)
    for row, wide in zip(rows, rows_across(rows, gutter, prose), strict=True):
        if wide:
            out.extend(half for half in (left, right) if half)
            left, right = [], []
            across += row
            continue
        if across:
            out.append(across)
            across = []
        for line in row:
            (left if line.box.x1 <= gutter else right).append(line)
    out.extend(group for group in (left, right, across) if group)
    return out


def _gutter(lines: Sequence[Line], prose: Container[int]) -> float | None:
    """x of the empty stripe between two columns of prose, crossed by few lines; None where there is none."""
    best: tuple[int, float] | None = None
    for place in range(30, 71):
        x = place / 100
        left = [line for line in lines if line.box.x1 <= x]
        right = [line for line in lines if line.box.x0 >= x]
        crossing = len(lines) - len(left) - len(right)
        columns = crossing <= len(lines) / 4 and _is_prose(left, prose) and _is_prose(right, prose)
        if columns and _side_by_side(left, right) and (best is None or crossing < best[0]):
            best = (crossing, x)
    return best[1] if best else None


def _is_prose(lines: Sequence[Line], wrapped: Container[int]) -> bool:
    """Whether most lines are prose, or many, where a table in the column has yet more short ones."""
    if len(lines) < MIN_COLUMN:
        return False
    if median(line.box.x1 - line.box.x0 for line in lines) > PROSE_WIDTH:
        return True
    return sum(id(line) in wrapped and line.box.x1 - line.box.x0 > PROSE_WIDTH for line in lines) >= ENOUGH


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """The columns run beside each other for a good part of the shorter one's height."""
    low = max(min(line.box.y0 for line in left), min(line.box.y0 for line in right))
    high = min(max(line.box.y1 for line in left), max(line.box.y1 for line in right))
    heights = [max(x.box.y1 for x in half) - min(x.box.y0 for x in half) for half in (left, right)]
    return high - low > 0.3 * min(heights)


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """Region by region, and row by row within each."""
    return [line for region in regions(lines) for row in rows_of(region) for line in row]


def place_of(box: Box, blocks: Sequence[Block]) -> int:
    """Before the first block below it in its own column, so that columns keep their order."""
    for place, block in enumerate(blocks):
        if block.box.y0 >= box.y0 and block.box.x0 < box.x1 and box.x0 < block.box.x1:
            return place
    return len(blocks)
