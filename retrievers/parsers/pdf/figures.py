"""Figures of a PDF page: embedded pictures, and drawings that the page itself makes out of paths."""

from collections import Counter
from collections.abc import Sequence

from retrievers.elements import Box
from retrievers.parsers.layout.captions import CAPTION
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import stacks
from retrievers.parsers.layout.tables.finding import find_tables
from retrievers.parsers.pdf.objects import BACKGROUND, Objects

MIN_AREA = 0.012  # share of the page; smaller pictures are logos, bullets and icons
MIN_PATHS = 12  # strokes and shapes that make a drawing rather than rules and boxes around text
FEW_PATHS = 4  # that make one when a "Figure ..." caption says so
CAPTION_GAP = 0.05  # page heights between a drawing and its caption
LABEL_LENGTH = 40  # characters; longer lines are prose
MAX_PROSE = 500  # characters of prose in a drawing; more, and the paths only frame text
MIN_LINES = 5  # of a narrow column of text beside a drawing
MIN_LINE = 15  # characters of its lines on average
LABEL_ACROSS = 0.045  # page widths between a drawing and a label at its side
LABEL_DOWN = 0.03  # page heights between a drawing and a label over or under it
MAX_KEY = 0.04  # page units; the largest coloured square or line of a legend
MAX_KEYS = 60  # more small shapes beside a drawing are another drawing
LEGEND_ACROSS = 0.12  # page widths between a drawing and the legend at its side
BAND = 0.003  # page heights by which the cells of a shaded row may differ
JOIN = 0.015  # page units; drawings closer than this are one figure


def find_figures(objects: Objects, lines: Sequence[Line]) -> list[Box]:
    """Boxes of figures, top to bottom, none inside another."""
    images, paths = objects.images, objects.paths
    prose = [line for line in lines if len(line.text) > LABEL_LENGTH]
    labels = [line for line in lines if _is_label(line, prose)]
    labels = _without_columns(labels, lines)
    drawings = [
        _with_legend(_with_labels(box, labels), paths, lines)
        for box, members in _clusters(paths)
        if len(members) >= FEW_PATHS and _area(box) >= MIN_AREA and _is_drawing(members, box, lines)
    ]
    pictures = [box for box in images if MIN_AREA <= _area(box) < BACKGROUND]
    merged = [box for box, _ in _clusters([*pictures, *drawings])]
    return sorted((box for box in merged if _area(box) < BACKGROUND), key=lambda box: (box.y0, box.x0))


def words_in(figure: Box, lines: Sequence[Line]) -> list[Line]:
    """The lines inside a figure; not those of a paragraph that goes on outside it, which is only close to what is
    drawn."""
    inside = [line for line in lines if line.box.overlap(figure) > 0.6]
    within = {id(line) for line in inside}
    prose = [line for line in lines if len(line.text) > LABEL_LENGTH]
    captions = _reached([line for line in prose if CAPTION.match(line.text)], prose, upwards=False)
    outside = [line for line in prose if id(line) not in within and id(line) not in captions]
    held = _reached(outside, [line for line in prose if id(line) not in captions])
    held |= _reached([line for line in inside if id(line) in held], inside, upwards=False)  # its last, short line
    return [line for line in inside if id(line) not in held]


def _reached(start: Sequence[Line], lines: Sequence[Line], upwards: bool = True) -> set[int]:
    """The lines of `start`, and those of `lines` that stand in one paragraph with them."""
    fresh, reached = list(start), {id(line) for line in start}
    while fresh:
        line = fresh.pop()
        near = [
            other
            for other in lines
            if id(other) not in reached and (_follows(line, other) or (upwards and _follows(other, line)))
        ]
        reached |= {id(other) for other in near}
        fresh += near
    return reached


def _follows(above: Line, below: Line) -> bool:
    """Whether a line goes on under a long one, as in a paragraph."""
    height = above.box.y1 - above.box.y0
    beside = abs(above.box.x0 - below.box.x0) < JOIN
    close = 0 < below.box.y0 - above.box.y0 < 2 * height and 0.75 < below.em / max(above.em, 1e-6) < 1.33
    return len(above.text) > LABEL_LENGTH and beside and close


def _with_labels(drawing: Box, labels: Sequence[Line]) -> Box:
    """With the axis labels and titles around it: step by step, those beside it, then those
    beside these."""
    for _ in range(3):
        for box in [line.box for line in labels if _beside(drawing, line.box)]:
            drawing = drawing.union(box)
    return drawing


def _without_columns(labels: Sequence[Line], lines: Sequence[Line]) -> list[Line]:
    """Without the lines of a narrow column of text: many of the size that most of the page has, one under another."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.em, 3)] += len(line.text)
    body = max(sizes, key=lambda size: sizes[size], default=0.0)
    columns: set[int] = set()
    for column in stacks([line for line in labels if line.em > 0.95 * body], _stands_under):
        if len(column) >= MIN_LINES and sum(len(line.text) for line in column) >= MIN_LINE * len(column):
            columns |= {id(line) for line in column}
    return [line for line in labels if id(line) not in columns]


def _stands_under(above: Line, below: Line) -> bool:
    height = above.box.y1 - above.box.y0
    return abs(above.box.x0 - below.box.x0) < JOIN / 3 and 0 < below.box.y0 - above.box.y0 < 2.5 * height


def _with_legend(drawing: Box, paths: Sequence[Box], lines: Sequence[Line]) -> Box:
    """With the legend at its side: small equal shapes one under another, each with words in its row."""
    band = Box(0.0, drawing.y0 - JOIN, 1.0, drawing.y1 + JOIN)
    beside = [path for path in paths if _is_key(path) and path.overlap(band) > 0.99 and not path.overlap(drawing)]
    if len(beside) > MAX_KEYS:
        return drawing
    for first in beside:
        column = [key for key in beside if _same_shape(first, key) and abs(key.x0 - first.x0) < JOIN / 5]
        rows = [[line for line in lines if len(line.text) <= LABEL_LENGTH and _in_row(line.box, key)] for key in column]
        reach = max(drawing.x0 - first.x1, first.x0 - drawing.x1)
        if len({round(key.y0, 2) for key in column}) > 1 and all(rows) and reach < LEGEND_ACROSS:
            for box in [*column, *(line.box for row in rows for line in row)]:
                drawing = drawing.union(box)
    return drawing


def _is_key(path: Box) -> bool:
    width, height = path.x1 - path.x0, path.y1 - path.y0
    return 0 < width < MAX_KEY and 0 < height < MAX_KEY


def _same_shape(one: Box, other: Box) -> bool:
    return abs((one.x1 - one.x0) - (other.x1 - other.x0)) + abs((one.y1 - one.y0) - (other.y1 - other.y0)) < JOIN / 5


def _in_row(line: Box, key: Box) -> bool:
    return line.x0 > key.x0 and line.y0 < (key.y0 + key.y1) / 2 < line.y1


def _is_label(line: Line, prose: Sequence[Line]) -> bool:
    """Short, plain, and not the end of a paragraph of the longer lines, `prose`."""
    if len(line.text) > LABEL_LENGTH or line.bold or CAPTION.match(line.text):
        return False
    if line.vertical:
        return True
    height = line.box.y1 - line.box.y0
    return not any(
        abs(other.box.x0 - line.box.x0) < JOIN and 0 < line.box.y0 - other.box.y0 < 2 * height for other in prose
    )


def _beside(drawing: Box, label: Box) -> bool:
    across = max(label.x0 - drawing.x1, drawing.x0 - label.x1)
    down = max(label.y0 - drawing.y1, drawing.y0 - label.y1)
    return across < LABEL_ACROSS and down < LABEL_DOWN and (across < 0 or down < 0)


def _clusters(boxes: Sequence[Box]) -> list[tuple[Box, list[Box]]]:
    """Groups of boxes that touch or nearly do, each with its hull. Repeats until no hull meets another."""
    groups = [(box, [box]) for box in boxes]
    merged = True
    while merged:
        merged = False
        out: list[tuple[Box, list[Box]]] = []
        for box, members in sorted(groups, key=lambda group: group[0].y0):
            for place in range(len(out) - 1, -1, -1):
                if _touch(out[place][0], box):
                    out[place] = (out[place][0].union(box), out[place][1] + members)
                    merged = True
                    break
            else:
                out.append((box, members))
        groups = out
    return groups


def _touch(one: Box, other: Box) -> bool:
    return (
        one.x0 - JOIN <= other.x1
        and other.x0 - JOIN <= one.x1
        and one.y0 - JOIN <= other.y1
        and other.y0 - JOIN <= one.y1
    )


def _is_drawing(members: Sequence[Box], hull: Box, lines: Sequence[Line]) -> bool:
    """Not the rules and shading of a table, nor boxes behind paragraphs: words cover little of a drawing."""
    inside = [line for line in lines if line.box.overlap(hull) > 0.6]
    caption = _nearest_caption(hull, lines)
    if caption and not caption.lower().lstrip().startswith("table"):
        return True
    if caption or any(hull.overlap(table.box) > 0.5 for table in find_tables(inside)[0]):
        return False
    if sum(len(line.text) for line in inside if len(line.text) > LABEL_LENGTH) > MAX_PROSE:
        return False
    if len(members) < MIN_PATHS:
        return False
    covered = sum(_area(line.box) for line in inside)
    shapes = [box for box in members if (box.x1 - box.x0) > 0.004 and (box.y1 - box.y0) > 0.003]
    return covered < 0.25 * _area(hull) and len(shapes) >= MIN_PATHS // 2 and not _is_one_band(shapes)


def _is_one_band(shapes: Sequence[Box]) -> bool:
    """Whether they stand side by side and are all as high: the cells of a shaded row."""
    first = shapes[0]
    return all(abs(box.y0 - first.y0) + abs(box.y1 - first.y1) < BAND for box in shapes)


def _nearest_caption(hull: Box, lines: Sequence[Line]) -> str:
    """The "Figure 1: ..." or "Table 1: ..." line right above or below, or ""."""
    near = [
        (max(line.box.y0 - hull.y1, hull.y0 - line.box.y1), line.text)
        for line in lines
        if CAPTION.match(line.text) and line.box.x0 < hull.x1 and hull.x0 < line.box.x1
    ]
    close = [(abs(gap), text) for gap, text in near if -0.02 < gap < CAPTION_GAP]
    return min(close)[1] if close else ""


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
