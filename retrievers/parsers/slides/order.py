"""In which order the shapes of a slide are read: column by column where there are columns, else from top to bottom."""

from collections.abc import Callable, Sequence

from retrievers.elements import Box

OVERLAP = 0.1  # share of a shape's own size by which it may reach into the next column or row
MANY = 300  # shapes; more are a drawing, read from top to bottom
BACKGROUND = 0.8  # share of the slide; a shape that covers more is behind the others


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Places in `boxes`, first read first.

    The X-Y cut (Nagy & Seth, 1984), with bands as high as they can be and still fall into columns: two columns with
    a heading over each are read one after the other, below a title over both.
    """
    if len(boxes) > MANY:
        return sorted(range(len(boxes)), key=lambda place: (boxes[place].y0, boxes[place].x0))
    behind = [i for i, box in enumerate(boxes) if (box.x1 - box.x0) * (box.y1 - box.y0) > BACKGROUND]
    return behind + _ordered(boxes, [i for i in range(len(boxes)) if i not in behind])


def _ordered(boxes: Sequence[Box], places: Sequence[int]) -> list[int]:
    if len(places) < 2:
        return list(places)
    rows = _parts(places, lambda place: (boxes[place].y0, boxes[place].y1))
    found: list[int] = []
    start = 0
    while start < len(rows):
        end, columns = _band(boxes, rows, start)
        if len(columns) > 1:
            found += [place for column in columns for place in _ordered(boxes, column)]
        elif len(rows) > 1:
            found += _ordered(boxes, columns[0])
        else:  # nothing divides them
            found += sorted(places, key=lambda place: (boxes[place].y0, boxes[place].x0))
        start = end
    return found


def _band(boxes: Sequence[Box], rows: Sequence[list[int]], start: int) -> tuple[int, list[list[int]]]:
    """The end of the longest run of rows that falls into columns, and these; one row where there is none."""
    rest = [place for row in rows[start:] for place in row]
    width = max(boxes[place].x1 for place in rest) - min(boxes[place].x0 for place in rest)
    found, band = (start + 1, [rows[start]]), list[int]()
    for end, row in enumerate(rows[start:], start=start + 1):
        band += row
        columns = _parts(band, lambda place: (boxes[place].x0, boxes[place].x1))
        if len(columns) > 1:
            found = end, columns
        elif max(boxes[place].x1 for place in band) - min(boxes[place].x0 for place in band) >= width:
            break  # it stays one column, whatever follows
    return found


def _parts(places: Sequence[int], extent: Callable[[int], tuple[float, float]]) -> list[list[int]]:
    """Groups that overlap one another along one direction, in its order."""
    groups: list[list[int]] = []
    reach = float("-inf")
    for place in sorted(places, key=extent):
        low, high = extent(place)
        margin = OVERLAP * (high - low)
        if low + margin >= reach or not groups:
            groups.append([])
            reach = high - margin
        groups[-1].append(place)
        reach = max(reach, high - margin)
    return groups
