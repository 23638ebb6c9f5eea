"""From lines of text with boxes to blocks in reading order: the same path for text layers and for OCR.

Knows nothing of file formats. Boxes are in page units (0..1), so horizontal distances are measured against `em`,
the height of a line expressed in page widths.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median

from retrievers.elements import Block, Box, LineBox, Origin
from retrievers.parsers.layout.captions import CAPTION, NAMED
from retrievers.parsers.layout.grids import ruled_tables
from retrievers.parsers.layout.rows import rows_of
from retrievers.parsers.layout.tables import Table, find_tables
from retrievers.parsers.layout.turning import held_upright, let_go, turned

HEADING_LENGTH = 120  # characters; longer lines are prose, whatever their size
PROSE_WIDTH = 0.16  # page widths; narrower stacks are labels or cells, read row by row
SENTENCE = 4  # words that can be more than a heading
MIN_COLUMN = 4  # lines that make a column
CLOSE = 0.8  # line heights between lines of one paragraph, at most
SPREAD = 1.25  # times the usual distance where text is set with wide spacing
RAGGED = 0.15  # of the column's width, by which a line that runs on may fall short of it


@dataclass(frozen=True, slots=True)
class Line:
    """A run of text on one baseline.

    `turn` says by how many degrees clockwise it is turned on the page: 0, 90 (it runs down the page), 180 or 270.
    `em` is its height in widths of the page as one holds it to read the line; `score` the recogniser's trust, 0..1.
    `mirrored`: it can be read in a mirror; where a turn has brought the page upright, its lines go from bottom to top.
    """

    text: str
    box: Box
    em: float
    bold: bool = False
    score: float = 1.0
    turn: int = 0
    mirrored: bool = False

    @property
    def vertical(self) -> bool:
        """It runs up or down the page: an axis title, a stamp in the margin."""
        return self.turn % 180 == 90

    def turned(self, degrees: int) -> "Line":
        """The same line after the page was turned clockwise by `degrees`, a multiple of 90."""
        return replace(self, box=turned(self.box, degrees), turn=(self.turn + degrees) % 360)


def regions(lines: Sequence[Line]) -> list[list[Line]]:
    """Columns of prose and the bands between them, in reading order.

    The X-Y cut (Nagy & Seth, 1984) with bands found by the lines that cross a gutter, so that a title or a wide
    table above two columns does not hide them.
    """
    gutter = _gutter(lines)
    if gutter is None:
        return [list(lines)] if lines else []
    out: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    across: list[Line] = []
    for line in sorted(lines, key=lambda line: line.box.y0):
        if line.box.x0 < gutter < line.box.x1:
            out.extend(half for half in (left, right) if half)
            left, right = [], []
            across.append(line)
        else:
            if across:
                out.append(across)
                across = []
            (left if line.box.x1 <= gutter else right).append(line)
    out.extend(group for group in (left, right, across) if group)
    return out


def _gutter(lines: Sequence[Line]) -> float | None:
    """x of the empty stripe between two columns of prose, crossed by few lines; None where there is none."""
    best: tuple[int, float] | None = None
    for place in range(30, 71):
        x = place / 100
        left = [line for line in lines if line.box.x1 <= x]
        right = [line for line in lines if line.box.x0 >= x]
        crossing = len(lines) - len(left) - len(right)
        if crossing > len(lines) / 4 or not (_is_prose(left) and _is_prose(right)) or not _side_by_side(left, right):
            continue
        if best is None or crossing < best[0]:
            best = (crossing, x)
    return best[1] if best else None


def _is_prose(lines: Sequence[Line]) -> bool:
    return len(lines) >= MIN_COLUMN and median(line.box.x1 - line.box.x0 for line in lines) > PROSE_WIDTH


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """The columns run beside each other for a good part of the shorter one's height."""
    low = max(min(line.box.y0 for line in left), min(line.box.y0 for line in right))
    high = min(max(line.box.y1 for line in left), max(line.box.y1 for line in right))
    heights = [max(x.box.y1 for x in half) - min(x.box.y0 for x in half) for half in (left, right)]
    return high - low > 0.3 * min(heights)


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """Region by region, and row by row within each."""
    return [line for region in regions(lines) for row in rows_of(region) for line in row]


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


def place_of(box: Box, blocks: Sequence[Block]) -> int:
    """Before the first block below it in its own column, so that columns keep their order."""
    for place, block in enumerate(blocks):
        if block.box.y0 >= box.y0 and block.box.x0 < box.x1 and box.x0 < block.box.x1:
            return place
    return len(blocks)


def _compose_region(region: Sequence[Line], body: float, origin: Origin, rules: Sequence[Box]) -> list[Block]:
    tables, prose = find_tables(region, rules)
    blocks = [_table(table, origin) for table in tables]
    paragraphs: list[list[Line]] = []
    rows, full = rows_of(prose), _full(prose)
    wide = _wide_spacing(rows, full)
    for line in (line for row in rows for line in row):
        near = [(group, wide if group[-1].box.x1 >= full else CLOSE) for group in reversed(paragraphs[-4:])]
        joined = next((group for group, most in near if _continues(group[-1], line, most)), None)
        if joined and NAMED.match(line.text) and joined[-1].text.endswith((".", "!", "?", ":")):
            joined = None  # a caption close under a finished sentence
        if joined is None:
            paragraphs.append([line])
        else:
            joined.append(line)
    blocks += [_block(group, body, origin) for group in paragraphs]
    return _in_rows(blocks)


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


def _continues(above: Line, below: Line, most: float) -> bool:
    """Whether a paragraph goes on; `most` is how many line heights may lie between."""
    height = above.box.y1 - above.box.y0
    close = -0.6 < _distance(above, below) < most
    same_row = abs(above.box.y0 - below.box.y0) < 0.5 * height and -0.01 < below.box.x0 - above.box.x1 < 2 * above.em
    return same_row or (close and _alike(above, below))


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
    return max(CLOSE, SPREAD * median(far)) if run_on and len(far) >= MIN_COLUMN else CLOSE


def _full(lines: Sequence[Line]) -> float:
    """How far a line reaches that runs on into the next."""
    left, right = min((line.box.x0 for line in lines), default=0.0), max((line.box.x1 for line in lines), default=1.0)
    return right - RAGGED * (right - left)


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


def spaced(lines: Sequence[Line]) -> tuple[str, tuple[LineBox, ...]]:
    """What is written in a figure: its lines one after another, and where each stands."""
    starts = accumulate((len(line.text) + 1 for line in lines), initial=0)
    boxes = tuple(LineBox(start, line.box) for start, line in zip(starts, lines, strict=False))
    return " ".join(line.text for line in lines), boxes


def join_lines(lines: Sequence[str]) -> tuple[str, list[int]]:
    """One paragraph, and where in it each line begins; a word hyphenated at a line's end is put together again."""
    text, starts = lines[0], [0]
    for line in lines[1:]:
        hyphenated = len(text) > 2 and text[-1] in "-\u00ad\u2010" and text[-2].isalpha() and line[:1].islower()
        text = text[:-1] if hyphenated else f"{text} "
        starts.append(len(text))
        text += line
    return text, starts
