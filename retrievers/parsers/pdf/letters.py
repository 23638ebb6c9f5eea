"""Letters of a PDF page, each at its place: what PDFium knows of them, and how a turned one lies on its line."""

import ctypes
import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

BOLD = 600  # font weight, CSS scale
OBLIQUE = 25  # degrees off the upright; synthetic italics lean less
NO_INK = 0.1  # points; no sign is flatter
NOTHING = 0xFFFF  # no character
SKIPPED = {0x0, 0xFFFE, NOTHING}
HYPHEN = 2  # PDFium's own mark of a word that goes on in the next line
SAMPLE_STEP = 5  # every so many letters are asked whether PDFium guessed them


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
    is turned clockwise, in degrees, its baseline, and whether it is drawn as a mirror shows it."""

    size: float
    turn: int
    base: float
    mirrored: bool


class Letters:
    """PDFium's calls for one text page, with the memory that they write to. Iterates over what is no white space."""

    def __init__(self, textpage: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._handle = pdfium, textpage.raw
        self.count: int = textpage.count_chars()
        self.codes = _joined([pdfium.FPDFText_GetUnicode(self._handle, place) for place in range(self.count)])
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self._loose = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self.text = "".join(map(chr, self.codes))  # all of it, also what lies outside the page, a character a place
        self.meanings: dict[int, str] = {}  # of letters at these places, other than PDFium says

    def __iter__(self) -> Iterator[Char]:
        handle, meanings = self._handle, self.meanings
        char_box = self._pdfium.FPDFText_GetCharBox
        left, right, low, top = self._edges
        spaced = broken = False
        for index, (code, letter) in enumerate(zip(self.codes, self.text, strict=True)):
            if code in SKIPPED and index not in meanings:
                continue
            text = meanings.get(index, "-" if code == HYPHEN else letter)
            if not text:
                continue
            if text.isspace():
                if text in "\r\n":
                    broken = True
                else:
                    spaced = True
                continue
            char_box(handle, index, left, right, low, top)
            bottom, upper = low.value, top.value
            if upper - bottom > NO_INK:
                yield Char(text, index, left.value, bottom, right.value, upper, spaced, broken)
            else:  # no ink: this machine lacks the font
                yield Char(text, index, *self.cell(index), spaced, broken)
            spaced = broken = False

    @property
    def told(self) -> str:
        """The text with what its letters mean."""
        letters = (self.meanings.get(place, letter) for place, letter in enumerate(self.text))
        return "".join(letters).replace(chr(NOTHING), "")

    def style(self, place: int) -> Style:
        angle = round(math.degrees(self._pdfium.FPDFText_GetCharAngle(self._handle, place)))
        mirrored = self._is_mirrored(place)
        angle = -angle if mirrored else angle
        quarter = round(angle / 90) * 90
        turn = (quarter if abs(angle - quarter) < OBLIQUE else angle) % 360
        _, low, _, top = rotated(*self.cell(place), turn)
        return Style(max(top - low, 1.0), turn, self.base(place, turn), mirrored)

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
        name = self.font(place).lower()
        return b"bold" in name or b"black" in name

    def _is_mirrored(self, place: int) -> bool:
        matrix = self._matrix
        read = self._pdfium.FPDFText_GetMatrix(self._handle, place, matrix)
        return bool(read) and matrix.a * matrix.d < matrix.b * matrix.c

    def font(self, place: int) -> bytes:
        """Its name, which a subset has a mark before."""
        name = ctypes.create_string_buffer(128)
        self._pdfium.FPDFText_GetFontInfo(self._handle, place, name, 128, None)
        return name.value

    def is_unmapped(self, place: int) -> bool:
        """Whether PDFium guessed what the letter means, because its font does not say."""
        return bool(self._pdfium.FPDFText_HasUnicodeMapError(self._handle, place) == 1)

    @cached_property
    def unmapped(self) -> float:
        """Share of the letters that are, by a sample."""
        places = range(0, self.count, SAMPLE_STEP)
        return sum(map(self.is_unmapped, places)) / max(len(places), 1)

    def is_drawn(self, place: int) -> bool:
        """Whether the page draws something there; white space and marks that PDFium puts in are not drawn."""
        left, right, low, top = self._edges
        self._pdfium.FPDFText_GetCharBox(self._handle, place, left, right, low, top)
        return not self.is_generated(place) and right.value - left.value > NO_INK

    def is_generated(self, place: int) -> bool:
        """Whether PDFium put it in: white space where it saw letters apart."""
        return bool(self._pdfium.FPDFText_IsGenerated(self._handle, place) == 1)


def _joined(codes: Sequence[int]) -> list[int]:
    """A character beyond 0xFFFF stands at two places, as halves of it; here the second has nothing."""
    joined = list(codes)
    for place, code in enumerate(codes):
        if 0xD800 <= code < 0xE000:
            low = codes[place + 1] if place + 1 < len(codes) else 0
            whole = code < 0xDC00 <= low < 0xE000
            joined[place] = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00 if whole else NOTHING
    return joined


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
