"""Letters of a PDF page, each at its place: what PDFium knows of them, and how a turned one lies on its line."""

import ctypes
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

BOLD = 600  # font weight, CSS scale
OBLIQUE = 25  # degrees off the upright; synthetic italics lean less
NO_INK = 0.1  # points; no sign is flatter
SKIPPED = {0x0, 0xFFFE, 0xFFFF}


class Char(NamedTuple):
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


class Style(NamedTuple):
    """Height of a letter's line in points (its font box, so that size in a text matrix counts), how far the letter
    is turned clockwise, in degrees, and its baseline."""

    size: float
    turn: int
    base: float


class Letters:
    """PDFium's calls for one text page, with the memory that they write to. Iterates over what is no white space."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._handle = pdfium, textpage.raw
        self.count: int = textpage.count_chars()
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self._loose = pdfium.FS_RECTF()

    def __iter__(self) -> Iterator[Char]:
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
                box = self.cell(index)
            yield Char(text, index, *box, spaced, broken)
            spaced = broken = False

    def style(self, place: int) -> Style:
        angle = round(math.degrees(self._pdfium.FPDFText_GetCharAngle(self._handle, place)))
        quarter = round(angle / 90) * 90
        turn = (quarter if abs(angle - quarter) < OBLIQUE else angle) % 360
        _, low, _, top = rotated(*self.cell(place), turn)
        return Style(max(top - low, 1.0), turn, self.base(place, turn))

    def cell(self, place: int) -> tuple[float, float, float, float]:
        """Left, low, right, top of the letter's font box: its advance wide, its line high."""
        loose = self._loose
        self._pdfium.FPDFText_GetLooseCharBox(self._handle, place, loose)
        return loose.left, loose.bottom, loose.right, loose.top

    def base(self, place: int, turn: int) -> float:
        x, y = self._edges[:2]
        self._pdfium.FPDFText_GetCharOrigin(self._handle, place, x, y)
        return rotated(x.value, y.value, x.value, y.value, turn)[1]

    def is_bold(self, place: int) -> bool:
        """By weight where the font states it, else by name: embedded fonts often state none."""
        if self._pdfium.FPDFText_GetFontWeight(self._handle, place) >= BOLD:
            return True
        name = ctypes.create_string_buffer(128)
        self._pdfium.FPDFText_GetFontInfo(self._handle, place, name, 128, None)
        return b"bold" in name.value.lower() or b"black" in name.value.lower()

    def is_unmapped(self, place: int) -> bool:
        """Whether PDFium guessed what the letter means, because its font does not say."""
        return bool(self._pdfium.FPDFText_HasUnicodeMapError(self._handle, place) == 1)


def hull(chars: Sequence[Char], turn: int) -> tuple[float, float, float, float]:
    """Left, low, right, top of letters in the page's own coordinates."""
    boxes = [char[2:6] if not turn else rotated(*char[2:6], -turn) for char in chars]
    left, low, right, top = zip(*boxes, strict=True)
    return min(left), min(low), max(right), max(top)


def turned(char: Char, turn: int) -> Char:
    if not turn:
        return char
    left, low, right, top = rotated(char.left, char.low, char.right, char.top, turn)
    return char._replace(left=left, low=low, right=right, top=top)


def rotated(left: float, low: float, right: float, top: float, turn: int) -> tuple[float, float, float, float]:
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
