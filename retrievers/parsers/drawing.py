"""Drawing of laid-out pages with Pillow, in points, at any width.

One typeface: the one inside Pillow, so that a layout is the same on every machine. It knows little beyond ASCII;
other characters get a cell of fixed width, filled from a font of the system if there is one, else with the letter
without its accent, else with a box. The layout never depends on which.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SUPERSAMPLING = 2  # hinting is in whole pixels: at twice the size, letters stand where the layout put them
SYSTEM_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf")
_CELLS = {"–": 0.55, "—": 0.9, "•": 0.45, "…": 0.9, "\t": 1.2, "\u200b": 0.0}  # em


@dataclass(frozen=True, slots=True)
class Text:
    """One line; `y` is its baseline. Sizes and places are in points."""

    x: float
    y: float
    text: str
    size: float
    color: str = "#1f2328"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rect:
    x0: float
    y0: float
    x1: float
    y1: float
    fill: str | None = None
    outline: str | None = None
    round: bool = False


@dataclass(frozen=True, slots=True)
class Paste:
    """A picture, loaded only when it is drawn."""

    x0: float
    y0: float
    x1: float
    y1: float
    load: Callable[[], "Image"]


Mark = Text | Rect | Paste


@cache
def _font(size: int, name: str = "") -> "FreeTypeFont":
    from PIL import ImageFont

    font: Any = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    return font


@cache
def _covers(name: str, char: str) -> bool:
    if char.isspace():
        return True
    try:
        font = _font(40, name)
    except OSError:  # not installed here
        return False
    glyph, missing = font.getmask(char), font.getmask("\U0010fffe")
    return (glyph.size, bytes(glyph)) != (missing.size, bytes(missing))


@cache
def _base(char: str) -> str:
    """The letter without its accents, when the built-in font has it; else nothing."""
    base = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return base if base and all(_covers("", c) for c in base) else ""


class _Advances(dict[str, float]):
    """Width of each character in em, the same on every machine."""

    def __missing__(self, char: str) -> float:
        if char in _CELLS:
            width = _CELLS[char]
        elif unicodedata.combining(char) or unicodedata.category(char) in ("Cc", "Cf"):
            width = 0.0
        elif _covers("", char):
            width = _font(1000).getlength(char) / 1000
        elif _base(char):
            width = sum(self[c] for c in _base(char))
        else:
            width = 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.65
        self[char] = width
        return width


_advances = _Advances()


def measure(text: str, size: float) -> float:
    """Width of one line in points."""
    return size * sum(map(_advances.__getitem__, text))


def wrap(text: str, size: float, width: float) -> list[tuple[str, str]]:
    """Lines no wider than `width`, each with what joins it to the next: a line break, a space, or nothing (a cut word)."""
    lines: list[tuple[str, str]] = []
    for hard in text.split("\n"):
        lines.extend(_wrap_line(hard, size, width))
    return lines


def _wrap_line(text: str, size: float, width: float) -> Iterable[tuple[str, str]]:
    if len(text) * size <= width or measure(text, size) <= width:
        yield text, "\n"
        return
    line, used = "", 0.0
    space = measure(" ", size)
    for word in text.split(" "):
        wide = measure(word, size)
        if line and used + space + wide > width:
            yield line, " "
            line, used = "", 0.0
        rest = word
        while wide > width:
            cut = _fitting(rest, size, width)
            yield rest[:cut], ""
            rest = rest[cut:]
            wide = measure(rest, size) if len(rest) < 4096 else width + 1
        line, used = (f"{line} {rest}", used + space + wide) if line else (rest, wide)
    yield line, "\n"


def _fitting(word: str, size: float, width: float) -> int:
    """How many characters of `word` fit, at least one."""
    used = 0.0
    for count, char in enumerate(word):
        used += size * _advances[char]
        if used > width:
            return max(1, count)
    return max(1, len(word))


def placeholders(text: str) -> int:
    """How many characters of `text` cannot be drawn here as they are: they appear without accent, or as a box."""
    return sum(1 for char in text if _advances[char] and not any(_covers(name, char) for name in ("", *SYSTEM_FONTS)))


def draw(marks: Iterable[Mark], size: tuple[float, float], width: int) -> "Image":
    """RGB picture, `width` pixels wide, of a white page of `size` points with `marks` on it, in order."""
    from PIL import Image, ImageDraw

    height = max(1, round(width * size[1] / size[0]))
    picture = Image.new("RGB", (SUPERSAMPLING * width, SUPERSAMPLING * height), "white")
    pen = ImageDraw.Draw(picture)
    scale = SUPERSAMPLING * width / size[0]
    for mark in marks:
        if isinstance(mark, Text):
            _write(pen, mark, scale)
        elif isinstance(mark, Rect):
            _rect(pen, mark, scale)
        else:
            corners = [round(scale * edge) for edge in (mark.x0, mark.y0, mark.x1, mark.y1)]
            fitted = mark.load().resize((max(1, corners[2] - corners[0]), max(1, corners[3] - corners[1])))
            picture.paste(fitted, (corners[0], corners[1]))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _rect(pen: "ImageDraw", mark: Rect, scale: float) -> None:
    corners = [scale * edge for edge in (mark.x0, mark.y0, mark.x1, mark.y1)]
    if corners[2] < corners[0] or corners[3] < corners[1]:
        return
    if mark.round:
        pen.ellipse(corners, mark.fill, mark.outline)
    else:
        pen.rectangle(corners, mark.fill, mark.outline, width=max(1, round(0.6 * scale)))


def _write(pen: "ImageDraw", mark: Text, scale: float) -> None:
    """Word by word at the places the layout gives, so that rounding does not add up along the line."""
    x = mark.x
    for word in mark.text.split(" "):
        if all(_covers("", char) for char in word):
            _put(pen, mark, word, x, scale, "")
        else:
            _write_mixed(pen, mark, word, x, scale)
        x += measure(f"{word} ", mark.size)


def _write_mixed(pen: "ImageDraw", mark: Text, word: str, x: float, scale: float) -> None:
    for char in unicodedata.normalize("NFC", word):
        font = next((name for name in ("", *SYSTEM_FONTS) if _covers(name, char)), None)
        if font is None and not _base(char):
            cell = mark.size * _advances[char]
            _rect(pen, Rect(x + 0.5, mark.y - 0.7 * mark.size, x + cell - 0.5, mark.y, outline="#8c959f"), scale)
        else:
            _put(pen, mark, char if font is not None else _base(char), x, scale, font or "")
        x += mark.size * _advances[char]


def _put(pen: "ImageDraw", mark: Text, text: str, x: float, scale: float, font: str) -> None:
    if text.strip():
        size = max(1, round(mark.size * scale))
        weight = 0.03 * size if mark.bold else 0
        place = (scale * x, scale * mark.y)
        pen.text(place, text, mark.color, _font(size, font), anchor="ls", stroke_width=weight, stroke_fill=mark.color)
