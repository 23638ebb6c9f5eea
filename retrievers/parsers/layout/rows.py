"""Lines of text that stand beside each other: the rows of a page, and of its tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line

LEVEL = 0.7  # of a line's height by which cells of one row may be off


def rows_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that share a baseline, top to bottom, each row left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        if rows and (rows[-1][0].box.y0 <= _middle(line) <= rows[-1][0].box.y1 or _level(line, rows[-1])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.x0) for row in rows]


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2


def _level(line: Line, row: Sequence[Line]) -> bool:
    """Whether the line stands beside those of a row, a little lower: columns are often set a few points apart."""
    box = line.box
    beside = not any(box.x0 < other.box.x1 and other.box.x0 < box.x1 for other in row)
    heights = ((other, min(box.y1 - box.y0, other.box.y1 - other.box.y0)) for other in row)
    return beside and any(_middle(line) - _middle(other) < LEVEL * height for other, height in heights)


def as_line(row: Sequence[Line]) -> Line:
    """The pieces of a row as one line."""
    return replace(row[-1], text=" ".join(line.text for line in row), box=Box.around(line.box for line in row), gaps=())


def crosses(row: Sequence[Line], x: float) -> bool:
    """Whether any of its lines stands on both sides of `x`."""
    return any(line.box.x0 < x < line.box.x1 for line in row)


def stacks(lines: Sequence[Line], follows: Callable[[Line, Line], bool]) -> Iterator[list[Line]]:
    """Lines under each other, from the top: each, and what `follows` the last that was taken."""
    rest = sorted(lines, key=lambda line: line.box.y0)
    while rest:
        stack = [rest.pop(0)]
        for line in rest:
            if follows(stack[-1], line):
                stack.append(line)
        members = {id(line) for line in stack}
        rest = [line for line in rest if id(line) not in members]
        yield stack
