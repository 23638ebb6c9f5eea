"""In which order a page's lines are read: column by column, and the bands between columns where they stand."""

from collections.abc import Sequence
from statistics import median

from retrievers.elements import Block, Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import rows_of

PROSE_WIDTH = 0.16  # page widths; narrower stacks are labels or cells, read row by row
MIN_COLUMN = 4  # lines that make a column


def regions(lines: Sequence[Line]) -> list[list[Line]]:
    """Columns of prose and the bands between them, in reading order.

    The X-Y cut (Nagy & Seth, 1984) with bands found by the lines that cross a gutter, so that a title or a wide
    table above two columns does not hide them.
    """
    gutter = _gutter(lines)
    if gutter is None:
        return [list(lines)] if lines else []
    out: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    across: list[Line] = []
    for line in sorted(lines, key=lambda line: line.box.y0):
        if line.box.x0 < gutter < line.box.x1:
            out.extend(half for half in (left, right) if half)
            left, right = [], []
            across.append(line)
        else:
            if across:
                out.append(across)
                across = []
            (left if line.box.x1 <= gutter else right).append(line)
    out.extend(group for group in (left, right, across) if group)
    return out


def _gutter(lines: Sequence[Line]) -> float | None:
    """x of the empty stripe between two columns of prose, crossed by few lines; None where there is none."""
    best: tuple[int, float] | None = None
    for place in range(30, 71):
        x = place / 100
        left = [line for line in lines if line.box.x1 <= x]
        right = [line for line in lines if line.box.x0 >= x]
        crossing = len(lines) - len(left) - len(right)
        if crossing > len(lines) / 4 or not (_is_prose(left) and _is_prose(right)) or not _side_by_side(left, right):
            continue
        if best is None or crossing < best[0]:
            best = (crossing, x)
    return best[1] if best else None


def _is_prose(lines: Sequence[Line]) -> bool:
    return len(lines) >= MIN_COLUMN and median(line.box.x1 - line.box.x0 for line in lines) > PROSE_WIDTH


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
