"""The cells of a row that were read as one line, for they are hardly farther apart than words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.tables.headers import is_value

VALUE_GAP = 0.45  # em between two values in cells of their own; words of a line set wide are as far apart
LABEL_GAP = 0.8  # em between a label and its value
GROUP_GAP = 0.6  # em that are more than the space in "1 234"
_NOTE = re.compile(r"\(\d{1,2}\)")  # of a footnote
_GROUP = re.compile(r"\d{3}(?!\d)")


def cells_in(line: Line) -> list[Line]:
    """The cells of a narrow table that were read as one line, for they are hardly farther apart than words: values
    beside each other at its end, and the label before them. The groups of a long number ("1 234 567") are one value."""
    words = line.text.split(" ") if _gaps(line) else [line.text]
    values = next((place for place in range(len(words), 0, -1) if not is_value(words[place - 1])), 0)
    ends = [place for place in range(max(values, 1), len(words)) if _ends_cell(line, words, place)]
    return _cut(line, ends)


def column_at(line: Line, edges: Sequence[float]) -> int:
    """The column, from 0, of those between `edges` that the middle of a line lies in."""
    return sum((line.box.x0 + line.box.x1) / 2 > edge for edge in edges)


def _gaps(line: Line) -> tuple[Box, ...]:
    """The spaces between its words; none where not each is known."""
    return line.gaps if len(line.gaps) == line.text.count(" ") else ()


def _ends_cell(line: Line, words: Sequence[str], place: int) -> bool:
    """Whether a cell ends before the word at `place`, which is a value."""
    gap, left, right = line.gaps[place - 1], words[place - 1], words[place]
    width = (gap.x1 - gap.x0) / line.em
    if not is_value(left):
        return width > LABEL_GAP and not _NOTE.fullmatch(right)
    return width > (GROUP_GAP if _GROUP.match(right) and left[-1].isdigit() else VALUE_GAP)


def _piece(line: Line, words: Sequence[str], first: int, last: int) -> Line:
    """The words from `first` to before `last`."""
    if (first, last) == (0, len(words)):
        return line
    left = line.gaps[first - 1].x1 if first else line.box.x0
    right = line.gaps[last - 1].x0 if last < len(words) else line.box.x1
    box, gaps = line.box._replace(x0=left, x1=right), line.gaps[first : last - 1]
    return replace(line, text=" ".join(words[first:last]), box=box, gaps=gaps)


def cut_at(line: Line, edges: Sequence[float]) -> list[Line]:
    """The pieces of a header's line that stand over different columns, whose names are farther apart than words."""
    inside = [edge for edge in edges if line.box.x0 < edge < line.box.x1]
    ends = [
        next((place for place, gap in enumerate(_gaps(line), 1) if _is_wide(gap, line) and _near(gap, edge, line)), 0)
        for edge in inside
    ]
    if 0 in ends or len({*ends}) < len(ends):
        return [line]
    return _cut(line, ends)


def _is_wide(gap: Box, line: Line) -> bool:
    return gap.x1 - gap.x0 > VALUE_GAP * line.em


def _near(gap: Box, edge: float, line: Line) -> bool:
    return gap.x0 - line.em < edge < gap.x1 + line.em


def cut_widest(lines: Sequence[Line], count: int) -> list[Line]:
    """The lines with the `count` widest spaces between their words cut, where these are wider than between words."""
    widths = [
        (gap.x1 - gap.x0, number, place)
        for number, line in enumerate(lines)
        for place, gap in enumerate(_gaps(line), 1)
    ]
    cuts = [cut for cut in sorted(widths, reverse=True)[:count] if cut[0] > LABEL_GAP * lines[cut[1]].em]
    ends = [sorted(place for _, number, place in cuts if number == line) for line in range(len(lines))]
    return [piece for line, some in zip(lines, ends, strict=True) for piece in _cut(line, some)]


def _cut(line: Line, ends: Sequence[int]) -> list[Line]:
    """The pieces of a line that end before the words at `ends`."""
    words = line.text.split(" ")
    return [_piece(line, words, first, last) for first, last in pairwise([0, *ends, len(words)])]
