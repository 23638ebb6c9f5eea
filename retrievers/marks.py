"""Where on its page a quotation from an element stands: boxes of the lines or cells that hold it.

Boxes are kept as ten-thousandths of the page, which is half a pixel of a page drawn 5,000 pixels wide.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from retrievers.elements import NOWHERE, Box, CellBoxes, Element, LineBox
from retrievers.packing import pack, unpack
from retrievers.parsers.characters.right_to_left import is_leftward
from retrievers.parsers.flow.text_drawing import length
from retrievers.parsers.layout.tables.table import BAR

UNIT = 10_000  # parts of a page's width or height
FURTHEST = 2**16  # characters; lines that begin later are not kept
SIZE = 20  # of the letters that a line's are measured by, in pixels


def quote_boxes(element: Element, quote: str) -> tuple[Box, ...]:
    """Where `quote`, a part of the element's text or several of them, each in a line, stands: a box for each of its
    lines, or cells if it is of a table.

    White space may differ. Of whole rows, each a line as `row_line` writes it, there is a box a row. The element's own
    box when it holds no such words, or its lines are not known.
    """
    lines = quote.split("\n")
    boxes = (
        [*_found(element, quote)]
        or [*_rows_among(element, set(lines))]
        or [box for line in lines for box in _found(element, line)]
    )
    return tuple(boxes) or (element.box,)


def _found(element: Element, words: str) -> Iterator[Box]:
    """Where these words stand; nothing where they do not."""
    found = re.search(r"\s+".join(map(re.escape, words.split())), element.text) if words.strip() else None
    if found is not None:
        yield from (_cells_between if element.rows else _lines_between)(element, *found.span())


def row_line(row: Sequence[str]) -> str:
    """A table's row as it is quoted: its cells that hold something, in order."""
    return "; ".join(cell for cell in row if cell)


def _rows_among(element: Element, lines: set[str]) -> Iterator[Box]:
    """The rows that these lines quote, as far as they stand on the page."""
    cells = unpacked_cells(element)
    for row, box in zip(element.rows, cells.rows if cells else (), strict=False):
        if box != NOWHERE and row_line(row) in lines:
            yield box


def cell_box(element: Element, row: int, column: int) -> Box:
    """Where a cell of a table stands, both counted from 0; the element's own box when that is not known."""
    cells = unpacked_cells(element)
    return (cells and cells.cell(row, column)) or element.box


def _lines_between(element: Element, start: int, end: int) -> Iterator[Box]:
    """The parts of lines that hold `text[start:end]`."""
    lines = unpacked_lines(element.lines)
    ends = [*(line.start for line in lines[1:]), len(element.text)]
    for line, following in zip(lines, ends, strict=False):
        if line.box != NOWHERE and line.start < end and start < following:
            text = element.text[line.start : following].rstrip()
            yield _part(line.box, text, max(0, start - line.start), end - line.start)


def _part(box: Box, text: str, start: int, end: int) -> Box:
    """What `text[start:end]` takes of the box of its line, as far as an ordinary typeface tells.

    All of a line that runs up or down the page, or from right to left.
    """
    whole = length(text, SIZE)
    if not whole or any(map(is_leftward, text)) or box.y1 - box.y0 > box.x1 - box.x0:
        return box
    scale = (box.x1 - box.x0) / whole
    x0, x1 = (box.x0 + scale * length(text[:place], SIZE) for place in (start, end))
    return box._replace(x0=x0, x1=x1)


def _cells_between(element: Element, start: int, end: int) -> Iterator[Box]:
    """The cells that hold `text[start:end]`, row by row as `tables.to_text` writes them."""
    cells, place = unpacked_cells(element), 0
    for row, texts in enumerate(element.rows if cells else ()):
        for column, text in enumerate(texts):
            if place < end and start < place + len(text):
                box = cells and cells.cell(row, column)
                yield from [box] if box else []
            place += len(text) + len(BAR)
        place += 1 - len(BAR)


def packed_lines(lines: Iterable[LineBox]) -> str:
    """As `Element.lines` holds them."""
    kept = (line for line in lines if line.start < FURTHEST)
    return pack(chain.from_iterable((line.start, *_units(line.box)) for line in kept), "H")


def unpacked_lines(packed: str) -> list[LineBox]:
    numbers = unpack(packed, "H")
    return [LineBox(numbers[at], _box(numbers[at + 1 : at + 5])) for at in range(0, len(numbers), 5)]


def packed_cells(cells: CellBoxes | None) -> str:
    """As `Element.cells` holds them."""
    return pack(chain.from_iterable(map(_units, (*cells.rows, *cells.columns))), "H") if cells else ""


def unpacked_cells(element: Element) -> CellBoxes | None:
    numbers, rows = unpack(element.cells, "H"), len(element.rows)
    boxes = tuple(_box(numbers[at : at + 4]) for at in range(0, len(numbers), 4))
    return CellBoxes(boxes[:rows], boxes[rows:]) if boxes else None


def _units(box: Box) -> Iterator[int]:
    return (round(UNIT * min(1.0, max(0.0, edge))) for edge in box)


def _box(units: Sequence[int]) -> Box:
    return Box(*(unit / UNIT for unit in units))
