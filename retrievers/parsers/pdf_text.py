"""Characters of a PDF page -> lines of text with boxes in page units of the drawn page."""

import ctypes
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from retrievers.elements import Box
from retrievers.parsers.accounting import words
from retrievers.parsers.layout import Line
from retrievers.parsers.pdf_space import PageSpace
from retrievers.parsers.right_to_left import is_leftward, is_point, logical
from retrievers.parsers.superscripts import with_raised

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

BOLD = 600  # font weight, CSS scale
WORD_GAP = 0.3  # em of ink to ink; a space even where the file holds none (the digit 1 alone leaves 0.25)
ADVANCE_GAP = 0.1  # em between the cells of two letters; less is the room that a wide-set font leaves around each
CELL_GAP = 1.1  # em; wider than this ends the line: another column or cell begins
CAPITAL = 0.6  # em; the height of a capital, which a line has even where it begins with a full stop
INDEX_GAP = 0.15  # em between a letter and its index, which may hang far below
RAISED = 0.12  # em over the baseline that make a superscript
SMALLER = 0.95  # of the line's height that a superscript's does not reach
VOID = 0.2  # share of control characters and the like that makes a text layer worthless
UNMAPPED = 0.3  # share of letters whose meaning PDFium guessed that makes it doubtful
SAMPLE_STEP = 5  # every so many letters are asked whether it did
OBLIQUE = 25  # degrees off the upright; synthetic italics lean less
MIN_WORD = 3  # letters of a word that is asked whether it is one
_WORD_LIKE = re.compile(r"[^\W\d_]+([-'’./][^\W\d_]+)*|[\d.,:/-]+[^\W\d_]{0,3}")
# a word that goes on in the next line
_HYPHEN = re.compile(r"[\x02\ufffe](\r?\n)?|(?<=\w)[-\u00ad\u2010]\r?\n(?=[a-z])")
NO_INK = 0.1  # points; no sign is flatter
SKIPPED = {0x0, 0xFFFE, 0xFFFF}


class _Char(NamedTuple):
    """A letter, its place in the text layer, and its box in points, turned so that its line runs to the right.

    `spaced`: white space came before it; `broken`: the end of a line.
    """

    text: str
    place: int
    left: float
    low: float
    right: float
    top: float
    spaced: bool
    broken: bool


class _Style(NamedTuple):
    """Height of a letter's line in points (its font box, so that size in a text matrix counts), how far the letter
    is turned clockwise, in degrees, and its baseline."""

    size: float
    turn: int
    base: float


@dataclass(slots=True)
class _Run:
    """A line being put together. `raised` are its last letters, as long as they are superscripts."""

    style: _Style
    chars: list[_Char]
    text: str
    raised: str = ""
    downward: bool = False
    leftward: bool = field(init=False)

    def __post_init__(self) -> None:
        self.leftward = is_leftward(self.text)

    @property
    def _last(self) -> _Char:
        """The letter that the line goes on after; a vowel point stands over or under one."""
        return next((char for char in reversed(self.chars) if not is_point(char.text)), self.chars[-1])

    def takes(self, char: _Char) -> bool:
        """Whether the letter goes on this line: same baseline, right after it, not a column away."""
        last, first, size = self._last, self.chars[0], self.style.size
        if char.left == last.left and char.low == last.low:
            return True  # the second letter of a ligature, which shares its glyph's box
        if self.downward:
            return False
        if char.text in "$€£" and (char.spaced or char.broken) and (last.text.isdigit() or last.text in ")%—"):
            return False  # the next cell of a row of money
        middle = (char.low + char.top) / 2
        base = self.style.base
        low, top = min(first.low, last.low, base), max(first.top, last.top, base + CAPITAL * size)
        slack = 0.25 * (top - low)
        gap = last.left - char.right if self.leftward and char.left < last.left else char.left - last.right
        beside = low - slack <= middle <= top + slack and -0.5 * size < gap < CELL_GAP * size
        return beside or (abs(gap) < INDEX_GAP * size and char.low < top and char.top > low)

    def stacks(self, char: _Char) -> bool:
        """Whether the letter stands under the last one, as in a column of Japanese or Chinese."""
        last, size = self.chars[-1], self.style.size
        beside = abs((char.left + char.right) - (last.left + last.right)) < size
        under = -0.3 * size < last.low - char.top < 0.5 * size
        return beside and under and (self.downward or len(self.chars) == 1) and _is_wide(char.text + last.text)


class _Reader:
    """PDFium's calls for one text page, with the memory that they write to."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._handle = pdfium, textpage.raw
        self.count: int = textpage.count_chars()
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self._loose = pdfium.FS_RECTF()

    def runs(self) -> list[_Run]:
        runs: list[_Run] = []
        turn = 0
        for upright in self._chars():
            char = _turned(upright, turn) if turn else upright
            run = runs[-1] if runs else None
            if run is not None and run.takes(char):
                self.add(run, char)
            elif run is not None and run.stacks(char):
                run.downward = True
                self.add(run, char)
            else:
                style = self._style(upright.place)
                turn = style.turn
                runs.append(_Run(style, [_turned(upright, turn)], upright.text))
        for run in runs:
            _settle(run)
        return runs

    def _chars(self) -> Iterator[_Char]:
        handle, edges = self._handle, self._edges
        unicode, char_box = self._pdfium.FPDFText_GetUnicode, self._pdfium.FPDFText_GetCharBox
        left, right, low, top = edges
        spaced = broken = False
        for index in range(self.count):
            code = unicode(handle, index)
            if code in SKIPPED or 0xD800 <= code <= 0xDFFF:  # half a surrogate pair is no character
                continue
            text = "-" if code == 2 else chr(code)  # PDFium marks a hyphen at a line's end by U+0002
            if text.isspace():
                if text in "\r\n":
                    broken = True
                else:
                    spaced = True
                continue
            char_box(handle, index, left, right, low, top)
            if top.value - low.value > NO_INK:
                box = left.value, low.value, right.value, top.value
            else:  # no ink: this machine lacks the font
                box = self._cell(index)
            yield _Char(text, index, *box, spaced, broken)
            spaced = broken = False

    def add(self, run: _Run, char: _Char) -> None:
        last, size = run.chars[-1], run.style.size
        if not run.downward and (char.left != last.left or char.low != last.low):
            leftward = run.leftward and char.left < last.left
            gap = last.left - char.right if leftward else char.left - last.right
            far = gap > (ADVANCE_GAP if char.broken else WORD_GAP) * size
            if char.spaced or (far and self._advances(last, char, run.style)):
                _settle(run)
                run.text += " "
        if self._is_raised(run, char):
            run.raised += char.text
        else:
            _settle(run)
            run.text += char.text
        run.leftward = run.leftward or is_leftward(char.text)
        run.chars.append(char)

    def _advances(self, last: _Char, char: _Char, style: _Style) -> bool:
        """Whether room is left between the cells of two letters: a monospaced font leaves much around an "i"."""
        ends = _rotated(*self._cell(last.place), style.turn)
        begins = _rotated(*self._cell(char.place), style.turn)
        return max(begins[0] - ends[2], ends[0] - begins[2]) > ADVANCE_GAP * style.size

    def _is_raised(self, run: _Run, char: _Char) -> bool:
        style = run.style
        if char.low <= style.base + RAISED * style.size or style.turn % 90:
            return False
        _, low, _, top = _rotated(*self._cell(char.place), style.turn)
        return (
            self._base(char.place, style.turn) - style.base > RAISED * style.size and top - low < SMALLER * style.size
        )

    def _style(self, place: int) -> _Style:
        angle = round(math.degrees(self._pdfium.FPDFText_GetCharAngle(self._handle, place)))
        quarter = round(angle / 90) * 90
        turn = (quarter if abs(angle - quarter) < OBLIQUE else angle) % 360
        _, low, _, top = _rotated(*self._cell(place), turn)
        return _Style(max(top - low, 1.0), turn, self._base(place, turn))

    def _cell(self, place: int) -> tuple[float, float, float, float]:
        """Left, low, right, top of the letter's font box: its advance wide, its line high."""
        loose = self._loose
        self._pdfium.FPDFText_GetLooseCharBox(self._handle, place, loose)
        return loose.left, loose.bottom, loose.right, loose.top

    def _base(self, place: int, turn: int) -> float:
        x, y = self._edges[:2]
        self._pdfium.FPDFText_GetCharOrigin(self._handle, place, x, y)
        return _rotated(x.value, y.value, x.value, y.value, turn)[1]

    def is_garbled(self, text: str) -> bool:
        """Whether the letters have no meaning: no character map, or one that leads to nothing or anywhere."""
        sample = text[::SAMPLE_STEP]
        void = sum(unicodedata.category(char) in ("Cc", "Co", "Cn") or char == "\ufffd" for char in sample)
        if void > VOID * len(sample):
            return True
        places = range(0, self.count, SAMPLE_STEP)
        unmapped = sum(self._pdfium.FPDFText_HasUnicodeMapError(self._handle, place) == 1 for place in places)
        return unmapped > UNMAPPED * max(len(places), 1) and not is_language(text)

    def is_bold(self, place: int) -> bool:
        """By weight where the font states it, else by name: embedded fonts often state none."""
        if self._pdfium.FPDFText_GetFontWeight(self._handle, place) >= BOLD:
            return True
        name = ctypes.create_string_buffer(128)
        self._pdfium.FPDFText_GetFontInfo(self._handle, place, name, 128, None)
        return b"bold" in name.value.lower() or b"black" in name.value.lower()


class TextLayer(NamedTuple):
    """Lines in content order; `source` counts the words that PDFium itself says stand on the page, or the lines' where
    PDFium repeats them or has letters of a ligature the wrong way round.

    `garbled`: the letters' codes say nothing, because a font has no character map.
    """

    lines: list[Line]
    source: Counter[str]
    garbled: bool


def read_text(page: "PdfPage", rules: Sequence[Box] = ()) -> TextLayer:
    """The text layer of a page. A line never spans two table cells or two columns, nor one of the drawn `rules`.

    What lies outside the page is left out, and so is what was set twice on one place to look bold.
    """
    space = PageSpace.of(page)
    textpage = page.get_textpage()
    reader = _Reader(textpage)
    lines: list[Line] = []
    places: defaultdict[str, list[Box]] = defaultdict(list)
    doubted = False
    pieces = (piece for run in _joined(reader.runs()) for piece in _cut(reader, run, space, rules))
    for run in pieces:
        box = space.box(*_hull(run.chars, run.style.turn))
        if box is None or box.x0 >= box.x1 or box.y0 >= box.y1:
            continue
        if any(box.overlap(other) > 0.6 for other in places[run.text]):
            doubted = True
            continue
        doubted = doubted or run.leftward
        places[run.text].append(box)
        bold = all(reader.is_bold(run.chars[end].place) for end in (0, -1))
        turn = (round(run.style.turn / 90) * 90 + space.rotation + 90 * run.downward) % 360
        across = space.width if turn % 180 == space.rotation % 180 else space.height
        lines.append(Line(run.text, box, em=run.style.size / across, bold=bold, turn=turn))
    source = words(" ".join(line.text for line in lines) if doubted else _HYPHEN.sub("", textpage.get_text_bounded()))
    garbled = reader.is_garbled(" ".join(line.text for line in lines))
    textpage.close()
    return TextLayer([], Counter(), True) if garbled else TextLayer(lines, source, False)


def _joined(runs: list[_Run]) -> Iterator[_Run]:
    """Pieces of a line that change their direction, such as a number in Hebrew, are one line."""
    held: _Run | None = None
    for run in runs:
        if held is not None and (held.leftward or run.leftward) and _on_one_line(held, run):
            held.chars += run.chars
            held.leftward = True
        else:
            if held is not None:
                yield _read(held)
            held = run
    if held is not None:
        yield _read(held)


def _read(run: _Run) -> _Run:
    if run.leftward:
        run.text = logical(run.chars, run.style.size)
    return run


def _on_one_line(one: _Run, other: _Run) -> bool:
    size = one.style.size
    gap = max(
        min(char.left for char in other.chars) - max(char.right for char in one.chars),
        min(char.left for char in one.chars) - max(char.right for char in other.chars),
    )
    same = one.style.turn == other.style.turn and abs(one.style.base - other.style.base) < 0.25 * size
    return same and -0.5 * size < gap < CELL_GAP * size


def _settle(run: _Run) -> None:
    if run.raised:
        run.text, run.raised = with_raised(run.text, run.raised), ""


def _settled(run: _Run) -> _Run:
    _settle(run)
    return run


def _cut(reader: _Reader, run: _Run, space: PageSpace, rules: Sequence[Box]) -> Iterator[_Run]:
    """The pieces of a line between the rules that cross it, where they pass between two letters."""
    box = space.box(*_hull(run.chars, run.style.turn))
    flat = (run.style.turn + space.rotation) % 180 == 0
    crossing = [] if box is None or run.leftward or run.downward else [r for r in rules if _crosses(r, box, flat)]
    if not crossing:
        yield run
        return
    piece = _Run(run.style, run.chars[:1], run.chars[0].text)
    for last, char in pairwise(run.chars):
        between = space.box(*_between(last, char, run.style.turn))
        if between is not None and any(_crosses(rule, between, flat) for rule in crossing):
            yield _settled(piece)
            piece = _Run(run.style, [char], char.text)
        else:
            reader.add(piece, char)
    yield _settled(piece)


def _crosses(rule: Box, box: Box, flat: bool) -> bool:
    """Whether a rule stands across a line of text that runs along the page (`flat`) or up or down it."""
    x, y = (rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2
    if (rule.y1 - rule.y0 > rule.x1 - rule.x0) is not flat:
        return False
    if flat:
        return box.x0 < x < box.x1 and rule.y0 < (box.y0 + box.y1) / 2 < rule.y1
    return box.y0 < y < box.y1 and rule.x0 < (box.x0 + box.x1) / 2 < rule.x1


def _between(last: _Char, char: _Char, turn: int) -> tuple[float, float, float, float]:
    """The room between two letters, in the page's own coordinates."""
    low, top = min(last.low, char.low), max(last.top, char.top)
    return _rotated(min(last.right, char.left), low, max(last.right, char.left), top, -turn)


def _hull(chars: Sequence[_Char], turn: int) -> tuple[float, float, float, float]:
    """Left, low, right, top of letters in the page's own coordinates."""
    boxes = [char[2:6] if not turn else _rotated(*char[2:6], -turn) for char in chars]
    left, low, right, top = zip(*boxes, strict=True)
    return min(left), min(low), max(right), max(top)


def _turned(char: _Char, turn: int) -> _Char:
    if not turn:
        return char
    left, low, right, top = _rotated(char.left, char.low, char.right, char.top, turn)
    return char._replace(left=left, low=low, right=right, top=top)


def _rotated(left: float, low: float, right: float, top: float, turn: int) -> tuple[float, float, float, float]:
    """A rectangle turned counter-clockwise by `turn` degrees about the origin; by no quarter, its centre is."""
    match turn % 360:
        case 0:
            return left, low, right, top
        case 90:
            return -top, left, -low, right
        case 180:
            return -right, -top, -left, -low
        case 270:
            return low, -right, top, -left
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    x, y, across, up = (left + right) / 2, (low + top) / 2, (right - left) / 2, (top - low) / 2
    x, y = x * cosine - y * sine, x * sine + y * cosine
    return x - across, y - up, x + across, y + up


def is_language(text: str) -> bool:
    """Whether most of the longer words look like words: letters of one script, or numbers."""
    tokens = [token for token in text.split() if len(token) >= MIN_WORD]
    return not tokens or sum(map(_is_word, tokens)) >= len(tokens) / 2


def _is_word(token: str) -> bool:
    core = token.strip("".join(char for char in token if not char.isalnum())) or token
    scripts = {unicodedata.name(char, "?").split()[0] for char in core if char.isalpha()}
    return len(scripts) <= 1 and _WORD_LIKE.fullmatch(core) is not None


def _is_wide(text: str) -> bool:
    return text > "\u2e80" and all(unicodedata.east_asian_width(char) in "WF" for char in text)
