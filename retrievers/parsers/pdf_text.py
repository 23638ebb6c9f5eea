"""Characters of a PDF page -> lines of text with boxes in page units."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from retrievers.elements import Box
from retrievers.parsers.layout import Line

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

BOLD = 600  # font weight, CSS scale
WORD_GAP = 0.3  # em of ink to ink; a space even where the file holds none (the digit 1 alone leaves 0.25)
CELL_GAP = 1.1  # em; wider than this ends the line: another column or cell begins
SKIPPED = {0x0, 0xFFFE, 0xFFFF}


class _Char(NamedTuple):
    """A letter, its place in the text layer, and its box in PDF points, origin at the bottom left.

    `spaced`: white space came before it.
    """

    text: str
    place: int
    left: float
    low: float
    right: float
    top: float
    spaced: bool


@dataclass(slots=True)
class _Run:
    """A line being put together. Along a vertical run `left`..`right` still are page coordinates."""

    chars: list[_Char]
    text: str
    size: float
    vertical: bool

    def takes(self, char: _Char) -> bool:
        """Whether the letter goes on this line: same baseline, right after it, not a column away."""
        last, first = self.chars[-1], self.chars[0]
        if self.vertical:
            beside = abs((char.left + char.right) - (last.left + last.right)) < self.size
            gap = max(char.low - last.top, last.low - char.top)
            return beside and gap < CELL_GAP * self.size
        if char.left == last.left and char.low == last.low:
            return True  # the second letter of a ligature, which shares its glyph's box
        if char.text in "$€£" and char.spaced and (last.text.isdigit() or last.text in ")%—"):
            return False  # the next cell of a row of money
        middle = (char.low + char.top) / 2
        low, top = min(first.low, last.low), max(first.top, last.top)
        slack = 0.25 * max(top - low, 0.4 * self.size)
        gap = char.left - last.right
        return low - slack <= middle <= top + slack and -0.5 * self.size < gap < CELL_GAP * self.size

    def add(self, char: _Char) -> None:
        last = self.chars[-1]
        wide = not self.vertical and char.left - last.right > WORD_GAP * self.size
        if (char.spaced or wide) and char.left != last.left:
            self.text += " "
        self.text += char.text
        self.chars.append(char)


def read_lines(page: "PdfPage") -> list[Line]:
    """Lines in content order. A line never spans two table cells or two columns."""
    width, height = page.get_size()
    x, y = page.get_bbox()[:2]
    textpage = page.get_textpage()
    lines = []
    for run in _runs(textpage):
        box = Box(
            max(0.0, (min(char.left for char in run.chars) - x) / width),
            max(0.0, 1 - (max(char.top for char in run.chars) - y) / height),
            min(1.0, (max(char.right for char in run.chars) - x) / width),
            min(1.0, 1 - (min(char.low for char in run.chars) - y) / height),
        )
        if box.x0 < box.x1 and box.y0 < box.y1:
            bold = all(_is_bold(textpage.raw, run.chars[end].place) for end in (0, -1))
            lines.append(Line(run.text, box, em=run.size / width, bold=bold, vertical=run.vertical))
    textpage.close()
    return lines


def _runs(textpage: Any) -> list[_Run]:
    runs: list[_Run] = []
    for char in _chars(textpage):
        if runs and runs[-1].takes(char):
            runs[-1].add(char)
        else:
            size, vertical = _style(textpage.raw, char.place)
            runs.append(_Run([char], char.text, size, vertical))
    return runs


def _chars(textpage: Any) -> Iterator[_Char]:
    import pypdfium2.raw as pdfium

    handle = textpage.raw
    left, right, low, top = (ctypes.c_double() for _ in range(4))
    spaced = False
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in SKIPPED or 0xD800 <= code <= 0xDFFF:  # half a surrogate pair is no character
            continue
        text = "-" if code == 2 else chr(code)  # PDFium marks a hyphen at a line's end by U+0002
        if text.isspace():
            spaced = True
            continue
        pdfium.FPDFText_GetCharBox(handle, index, left, right, low, top)
        yield _Char(text, index, left.value, low.value, right.value, top.value, spaced)
        spaced = False


def _style(handle: Any, index: int) -> tuple[float, bool]:
    """Height of the letter's line in points (its font box, so that size in a text matrix counts), and whether it
    runs up or down the page."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(handle, index, box)
    vertical = abs(math.sin(pdfium.FPDFText_GetCharAngle(handle, index))) > 0.7
    size = box.right - box.left if vertical else box.top - box.bottom
    return max(size, 1.0), vertical


def _is_bold(handle: Any, index: int) -> bool:
    """By weight where the font states it, else by name: embedded fonts often state none."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFText_GetFontWeight(handle, index) >= BOLD:
        return True
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(handle, index, name, 128, None)
    return b"bold" in name.value.lower() or b"black" in name.value.lower()
