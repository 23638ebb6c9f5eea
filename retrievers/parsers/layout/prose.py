"""Columns of wrapped prose, and what stands beside one for a part of a page: a table, a chart."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import crosses, rows_of, stacks

MIN_COLUMN = 4  # lines that make a column
LABELS = 0.8  # share of lines that begin with a capital or digit: rows of labels
WRAPPED = 0.75  # share of a paragraph's lines that have no room for the first word of the next
MIN_LETTERS = 12  # of the lines of a narrow column, on average
NARROWEST = 0.13  # page widths of a column; names of columns are narrower
MIN_BESIDE = 3  # lines that stand beside a column of prose
MIN_WIDTH = 0.08  # page widths of what stands beside; marks and numbers of paragraphs are narrower
LEVEL = 0.2  # of a line's height by which lines of one row may be off
IN_ROWS = 0.65  # share of what stands beside that is level with a line of the column: a table with long cells
LEADING = 2.4  # heights of a line, without what hangs below it, from one to the next
INDENT = 0.012  # page widths by which lines of a column may begin elsewhere


def apart_from_prose(lines: Sequence[Line]) -> list[list[Line]]:
    """A narrow column of prose apart from the table or chart that stands beside it for a part of the page."""
    for column in wrapped_paragraphs(lines):
        bounds = Box.around(line.box for line in column)
        beside = [line for line in lines if _beside(line.box, bounds)]
        wide = len(beside) >= MIN_BESIDE and _width(beside) > MIN_WIDTH and bounds.x1 - bounds.x0 > NARROWEST
        if not wide or _in_rows(beside, column):
            continue
        if all(line.box.x0 >= bounds.x1 for line in beside):
            gutter = (bounds.x1 + min(line.box.x0 for line in beside)) / 2
        elif all(line.box.x1 <= bounds.x0 for line in beside):
            gutter = (bounds.x0 + max(line.box.x1 for line in beside)) / 2
        else:
            continue
        top, bottom = _band(lines, column, gutter)
        above, band, below = (
            [line for line in lines if line.box.y0 < top],
            [line for line in lines if top <= line.box.y0 < bottom],
            [line for line in lines if bottom <= line.box.y0],
        )
        halves = ([line for line in band if (line.box.x0 < gutter) is left] for left in (True, False))
        return [part for group in (above, *halves, below) for part in apart_from_prose(group)]
    return [list(lines)] if lines else []


def wrapped_paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Paragraphs that are wrapped: hardly a line has room for the first word of the next, as labels of rows have."""
    return (column for column in stacks(lines, goes_on) if len(column) >= MIN_COLUMN and _is_wrapped(column))


def goes_on(above: Line, below: Line, indent: float = INDENT / 2) -> bool:
    box, height = below.box, above.box.y1 - above.box.y0
    under = abs(above.box.x0 - box.x0) < indent and 0 < box.y0 - above.box.y0 < LEADING * height
    return under and abs(above.em - below.em) < 0.05 * above.em and above.bold == below.bold


def _is_wrapped(column: Sequence[Line]) -> bool:
    right = max(line.box.x1 for line in column)
    if sum(line.text[0].isupper() or line.text[0].isdigit() for line in column) > LABELS * len(column):
        return False
    full = [above.box.x1 + first_word(below) > right for above, below in pairwise(column)]
    return sum(full) >= WRAPPED * len(full) and sum(len(line.text) for line in column) >= MIN_LETTERS * len(column)


def first_word(line: Line) -> float:
    """The width of its first word and a space, about."""
    return (line.box.x1 - line.box.x0) * (len(line.text.split(maxsplit=1)[0]) + 1) / len(line.text)


def _beside(box: Box, column: Box) -> bool:
    return column.y0 < (box.y0 + box.y1) / 2 < column.y1 and (box.x0 >= column.x1 or box.x1 <= column.x0)


def _width(lines: Sequence[Line]) -> float:
    bounds = Box.around(line.box for line in lines)
    return bounds.x1 - bounds.x0


def _in_rows(beside: Sequence[Line], column: Sequence[Line]) -> bool:
    """Whether most of the lines are level with those of the column, as the cells of a table are."""
    level = sum(any(_is_level(line.box, other.box) for other in column) for line in beside)
    return level >= IN_ROWS * len(beside)


def _is_level(one: Box, other: Box) -> bool:
    return abs(one.y0 + one.y1 - other.y0 - other.y1) / 2 < LEVEL * (other.y1 - other.y0)


def _band(lines: Sequence[Line], column: Sequence[Line], gutter: float) -> tuple[float, float]:
    """From where to where the page is set in two about a column: as far as no line crosses the gutter, and on the
    column's side nothing but lines as wide as it stands that are not level with what is beside them."""
    bounds = Box.around(line.box for line in column)
    top, bottom = 0.0, 1.0
    level = False  # whether the row before went on beyond the gutter
    for row in rows_of(lines):
        own = [line for line in row if (line.box.x0 < gutter) is (bounds.x0 < gutter)]
        other = [line for line in row if line not in own]
        odd = any(line.box.x0 < bounds.x0 - INDENT for line in own)
        alone = own and not any(goes_on(*pair, 2 * INDENT) for pair in _neighbours(own[0], lines))
        was_level, level = level, bool(other and alone and _in_rows(other, own))
        if crosses(row, gutter) or (other and (odd or len(own) > 1)) or (level and was_level):
            middle = ((own or row)[0].box.y0 + (own or row)[0].box.y1) / 2
            if middle < bounds.y0:
                top = max(top, middle)
            elif middle > bounds.y1:
                bottom = min(bottom, *(line.box.y0 for line in row))
    return top, bottom


def _neighbours(line: Line, lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    for other in lines:
        if other is not line:
            yield (line, other) if other.box.y0 > line.box.y0 else (other, line)
