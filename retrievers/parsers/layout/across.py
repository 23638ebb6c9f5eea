"""What goes across the gutter between two columns of prose: titles and captions, and the rows of wide tables."""

from collections.abc import Container, Sequence
from statistics import median

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.prose import goes_on
from retrievers.parsers.layout.rows import crosses
from retrievers.parsers.layout.tables.headers import is_value

TABLE_GAP = 3.0  # row heights between the rows of a wide table
CELL_LENGTH = 40  # characters; columns of prose have longer lines
WIDE_LEVEL = 0.25  # of a row's height by which the cells of a wide table may be off


def rows_across(rows: Sequence[list[Line]], gutter: float, prose: Container[int]) -> list[bool]:
    """Which rows go across a gutter: titles and captions, and the rows of a wide table that stand close to one."""
    across = [crosses(row, gutter) for row in rows]
    for places in (range(len(rows)), range(len(rows) - 1, -1, -1)):
        last: int | None = None
        for place in places:
            if across[place]:
                last = place
            elif last is not None and not _near(rows[last], rows[place]):
                last = None
            elif last is not None and (
                _is_wide_row(rows[place], prose) or _ends_paragraph(rows[place - 1], rows[place], place - 1 == last)
            ):
                between = range(min(last, place), max(last, place) + 1)
                across[between.start : between.stop] = [True] * len(between)
                last = place
    return across


def _near(one: Sequence[Line], other: Sequence[Line]) -> bool:
    first, second = sorted((Box.around(line.box for line in row) for row in (one, other)), key=lambda box: box.y0)
    return second.y0 - first.y1 < TABLE_GAP * min(first.y1 - first.y0, second.y1 - second.y0)


def _ends_paragraph(above: Sequence[Line], row: Sequence[Line], directly: bool) -> bool:
    """Whether a row is the last, short line of a title or caption."""
    return directly and len(row) == len(above) == 1 and goes_on(above[0], row[0])


def _is_wide_row(row: Sequence[Line], prose: Container[int]) -> bool:
    """Cells that are level, with values among them or all short; none of them belongs to a paragraph."""
    longest = max(len(line.text) for line in row)
    if len(row) < 2 or longest > CELL_LENGTH or any(id(line) in prose for line in row):
        return False
    middle, height = median(line.box.y0 + line.box.y1 for line in row), max(line.box.y1 - line.box.y0 for line in row)
    level = all(abs(line.box.y0 + line.box.y1 - middle) / 2 < WIDE_LEVEL * height for line in row)
    return level and (any(is_value(line.text) for line in row) or 2 * longest < CELL_LENGTH)
