"""Labels of rows that are wrapped: their lines are one label, beside the values of one of them."""

from collections.abc import Sequence
from dataclasses import replace

from retrievers.parsers.layout.lines import Line, join_lines

CLOSE = 0.8  # of a line's height between two lines of one label
NEARER = 1.15  # times as far off as the second line of a label is what follows it
DEEPER = 0.3  # of a line's height, in page heights: by how much the second line of a label is set in


def unwrapped(rows: Sequence[Sequence[Line]], stub: float) -> list[list[Line]]:
    """The rows of a table with each label whole. Labels end before `stub`.

    A line alone goes on with the label above when it is set close under it, closer than what follows, and begins deeper
    or not with a capital. One without values goes on with the line below when that begins with a small letter.
    """
    out: list[list[Line]] = []
    for place, row in enumerate(rows):
        above = out[-1] if out else []
        if not _labelled(above, stub) or not _labelled(row, stub) or not _close(above[0], row[0]):
            out.append(list(row))
        elif len(row) == 1 < len(above) and _goes_on(above[0], row[0], rows[place + 1 : place + 2]):
            out[-1][0] = _joined(above[0], row[0])
        elif len(above) == 1 and row[0].text[0].islower():
            out[-1] = [_joined(above[0], row[0]), *row[1:]]
        else:
            out.append(list(row))
    return out


def _labelled(row: Sequence[Line], stub: float) -> bool:
    return bool(row) and (row[0].box.x0 + row[0].box.x1) / 2 < stub


def _close(above: Line, below: Line) -> bool:
    height = max(above.box.y1 - above.box.y0, below.box.y1 - below.box.y0)
    alike = above.bold == below.bold and 0.9 < below.em / max(above.em, 1e-6) < 1.1
    return alike and below.box.y0 - above.box.y1 < CLOSE * height


def _goes_on(label: Line, line: Line, following: Sequence[Sequence[Line]]) -> bool:
    first = line.text[0]
    if following and _pitch(line, following[0][0]) < NEARER * _pitch(label, line):
        return False
    deeper = line.box.x0 - label.box.x0 > DEEPER * (line.box.y1 - line.box.y0)
    return (deeper or not (first.isupper() or first.isdigit())) and not line.text.endswith(":")


def _pitch(above: Line, below: Line) -> float:
    """From the middle of one line to that of the next."""
    return (below.box.y0 + below.box.y1 - above.box.y0 - above.box.y1) / 2


def _joined(first: Line, second: Line) -> Line:
    text, _ = join_lines([first.text, second.text])
    return replace(first, text=text, box=first.box.union(second.box), gaps=())
