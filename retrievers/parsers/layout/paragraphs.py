"""Which lines make one paragraph: of one size, close below each other, as far apart as the page is set."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from retrievers.parsers.layout.captions import NAMED
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.prose import first_word

REGULAR = 1.1  # of the distance from line to line so far
CLOSE = 0.8  # line heights between lines of one paragraph, at most
SPREAD = 1.25  # times the usual distance where text is set with wide spacing
ENOUGH = 4  # distances that tell which one is usual
RAGGED = 0.15  # of the column's width, by which a line that runs on may fall short of it
NEAR = 4  # paragraphs that may go on, the last ones


def paragraphs(rows: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines of each, from rows in reading order."""
    lines = [line for row in rows for line in row]
    found: list[list[Line]] = []
    full, right = _full(lines), max((line.box.x1 for line in lines), default=1.0)
    wide = _wide_spacing(rows, full)
    for line in lines:
        reach = min(full, right - first_word(line))  # had the next word fitted, it would stand there
        near = [(group, wide if group[-1].box.x1 >= reach else None) for group in reversed(found[-NEAR:])]
        joined = next((group for group, most in near if _continues(group, line, most)), None)
        if joined and NAMED.match(line.text) and joined[-1].text.endswith((".", "!", "?", ":")):
            joined = None  # a caption close under a finished sentence
        if joined is None:
            found.append([line])
        else:
            joined.append(line)
    return found


def _continues(group: Sequence[Line], below: Line, wide: float | None) -> bool:
    """Whether a paragraph goes on; `wide` is how many line heights may lie under a line that runs on, None under one
    that does not."""
    above = group[-1]
    height = above.box.y1 - above.box.y0
    close = -0.6 < _distance(above, below) < (wide or CLOSE) or _is_next(group, below, wide)
    same_row = abs(above.box.y0 - below.box.y0) < 0.5 * height and -0.01 < below.box.x0 - above.box.x1 < 2 * above.em
    return same_row or (close and _alike(above, below))


def _is_next(group: Sequence[Line], below: Line, wide: float | None) -> bool:
    """Whether a line follows as the one before did. Without a letter that hangs down, a line ends higher than its
    neighbours, and what follows seems farther off; of the first line its neighbour's height tells."""
    above, step = group[-1], below.box.y0 - group[-1].box.y0
    if wide is None:
        return False
    if len(group) > 1:
        return 0 < step < REGULAR * (above.box.y0 - group[-2].box.y0)
    height = max(line.box.y1 - line.box.y0 for line in (above, below))
    return height < step < (1 + wide) * height


def _alike(above: Line, below: Line) -> bool:
    """Of one size, and one above the other."""
    same_size = 0.75 < below.em / max(above.em, 1e-6) < 1.33 and above.bold == below.bold
    return same_size and min(above.box.x1, below.box.x1) > max(above.box.x0, below.box.x0)


def _distance(above: Line, below: Line) -> float:
    """In heights of the upper line."""
    return (below.box.y0 - above.box.y1) / max(above.box.y1 - above.box.y0, 1e-6)


def _wide_spacing(rows: Sequence[Sequence[Line]], full: float) -> float:
    """How many line heights may lie between lines of a paragraph, if its upper line runs on: more where most lines
    stand as far apart and run on, as in manuscripts and contracts set with double spacing, not in lists."""
    lone = [row[0] for row in rows if len(row) == 1]
    far = [_distance(above, below) for above, below in pairwise(lone) if _alike(above, below)]
    run_on = 2 * sum(line.box.x1 >= full for line in lone) >= len(lone)
    return max(CLOSE, SPREAD * median(far)) if run_on and len(far) >= ENOUGH else CLOSE


def _full(lines: Sequence[Line]) -> float:
    """How far a line reaches that runs on into the next."""
    left, right = min((line.box.x0 for line in lines), default=0.0), max((line.box.x1 for line in lines), default=1.0)
    return right - RAGGED * (right - left)
