"""From lines of text with boxes to blocks in reading order: the same path for text layers and for OCR.

Knows nothing of file formats.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from retrievers.elements import Block, Box, LineBox, Origin
from retrievers.parsers.layout.captions import CAPTION
from retrievers.parsers.layout.lines import Line, join_lines
from retrievers.parsers.layout.paragraphs import paragraphs
from retrievers.parsers.layout.reading_order import place_of, regions
from retrievers.parsers.layout.rows import rows_of
from retrievers.parsers.layout.tables.finding import find_tables
from retrievers.parsers.layout.tables.ruled import ruled_tables
from retrievers.parsers.layout.tables.table import Table
from retrievers.parsers.layout.turning import held_upright, let_go

HEADING_LENGTH = 120  # characters; longer lines are prose, whatever their size
SENTENCE = 4  # words that can be more than a heading


def compose(lines: Sequence[Line], origin: Origin = "text", rules: Sequence[Box] = ()) -> list[Block]:
    """Tables, headings and paragraphs of one page, in reading order; captions are not joined yet.

    Lines that are turned or mirrored are read as one holds the page to read them, the direction of most letters first.
    `rules` are straight lines that are drawn: they bound the cells of tables.
    """
    letters: Counter[tuple[int, bool]] = Counter()
    for line in lines:
        letters[line.turn, line.mirrored] += len(line.text)
    blocks: list[Block] = []
    for (turn, mirrored), _ in letters.most_common():
        alike = [line for line in lines if (line.turn, line.mirrored) == (turn, mirrored)]
        upright = [replace(line, box=held_upright(line.box, turn, mirrored), turn=0, mirrored=False) for line in alike]
        body = _body_size(upright)
        held = [held_upright(rule, turn, mirrored) for rule in rules]
        tables, rest = ruled_tables(upright, held) if held else ([], upright)
        found = [block for region in regions(rest) for block in _compose_region(region, body, origin, held)]
        for table in tables:
            found.insert(place_of(table.box, found), _table(table, origin))
        blocks += [let_go(block, turn, mirrored) for block in found] if turn or mirrored else found
    return _with_body(blocks)


def _with_body(blocks: list[Block]) -> list[Block]:
    """A page of nothing but headings says something all the same: its longest sentence."""
    longest = max(blocks, key=lambda block: len(block.text), default=None)
    if longest is None or any(block.kind != "heading" for block in blocks) or len(longest.text.split()) < SENTENCE:
        return blocks
    return [replace(block, kind="text", level=0) if block is longest else block for block in blocks]


def _compose_region(region: Sequence[Line], body: float, origin: Origin, rules: Sequence[Box]) -> list[Block]:
    tables, prose = find_tables(region, rules)
    blocks = [_table(table, origin) for table in tables]
    return _in_rows([*blocks, *(_block(group, body, origin) for group in paragraphs(rows_of(prose)))])


def _in_rows(blocks: Sequence[Block]) -> list[Block]:
    """From top to bottom; what begins on one line, as a label and its value do, from left to right."""
    rows: list[list[Block]] = []
    for block in sorted(blocks, key=lambda block: block.box.y0):
        if rows and block.box.y0 < _first_middle(rows[-1][0]):
            rows[-1].append(block)
        else:
            rows.append([block])
    return [block for row in rows for block in sorted(row, key=lambda block: block.box.x0)]


def _first_middle(block: Block) -> float:
    """The middle of its first line."""
    first = block.lines[0].box if block.lines else block.cells.rows[0] if block.cells else block.box
    return (first.y0 + first.y1) / 2


def _body_size(lines: Sequence[Line]) -> float:
    """The line height that most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.em, 3)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _table(table: Table, origin: Origin) -> Block:
    return Block(
        "table", table.text, table.box, caption=table.caption, rows=table.rows, origin=origin, cells=table.cells
    )


def _block(lines: Sequence[Line], body: float, origin: Origin) -> Block:
    box = Box.around(line.box for line in lines)
    text, starts = join_lines([line.text for line in lines])
    places = tuple(LineBox(start, line.box) for start, line in zip(starts, lines, strict=True))
    size = max(line.em for line in lines)
    large, bold = size > 1.15 * body, all(line.bold for line in lines)
    standalone = len(lines) <= 3 and len(text) <= HEADING_LENGTH and any(c.isalpha() for c in text)
    if standalone and (large or bold) and not text.endswith((".", ",", ";")) and not CAPTION.match(text):
        level = 1 if size > 1.6 * body else 2 if large else 3
        return Block("heading", text, box, level=level, origin=origin, lines=places)
    return Block("text", text, box, origin=origin, lines=places)
