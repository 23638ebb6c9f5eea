"""Measuring and drawing lines of text, and tables of them.

The typeface is the one inside Pillow, so that a layout is the same on every machine; it knows little beyond ASCII.
Any other letter gets a cell of fixed width, filled from a font of the system if one has it, else with the letter
without its accent, else with the typeface's own box. The layout does not depend on which.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from retrievers.elements import Box, CellBoxes, Rows

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

INK, GREY, RULE, SHADE = "#1f2328", "#57606a", "#c9d1d9", "#f0f3f6"
CELL = 16  # letters in a cell, at most
SYSTEM_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "NotoSansCJK-Regular.ttc")
LONG_WORD = 250  # characters; more than a line holds
CELLS = {"—": 1.0, "–": 0.55, "•": 0.5}  # em


@cache
def font(size: int, name: str = "") -> Any:
    """Pillow's own scalable font, or the system's font called `name`. Raises `OSError` when that is not there."""
    from PIL import ImageFont

    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@cache
def _has(char: str, name: str = "") -> bool:
    try:
        face = font(40, name)
    except OSError:  # not on this machine
        return False
    glyph, missing = face.getmask(char), face.getmask("\U0010fffe")
    return char.isspace() or (glyph.size, bytes(glyph)) != (missing.size, bytes(missing))


@cache
def _advance(char: str, size: int) -> float:
    if _has(char):
        return float(font(size).getlength(char))
    if unicodedata.combining(char):
        return 0.0
    return size * CELLS.get(char, 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.6)


@lru_cache(maxsize=50_000)
def length(text: str, size: int) -> float:
    """Width of one line, letter by letter: the font's own measure of a whole line takes milliseconds."""
    return sum(_advance(char, size) for char in text)


def wrap(text: str, size: int, width: int) -> list[str]:
    """Lines of at most `width` units; a word that is longer is broken."""
    lines, used, space = [""], 0.0, length(" ", size)
    for word in text.split():
        for piece in _pieces(word, size, width):
            long = length(piece, size)
            if used + space + long <= width:
                lines[-1] = f"{lines[-1]} {piece}".strip()
                used += space + long
            else:
                lines.append(piece)
                used = long
    return [line for line in lines if line] or [""]


def _pieces(word: str, size: int, width: int) -> Iterator[str]:
    while len(word) > 20 and (long := length(head := word[:LONG_WORD], size)) > width:
        cut = max(10, int(len(head) * width / long) - 1)
        yield word[:cut]
        word = word[cut:]
    yield word


def write(draw: "ImageDraw", place: tuple[float, float], text: str, color: str, size: int) -> None:
    """Draw one line from its top left corner."""
    if all(_has(char) for char in set(text)):
        draw.text(place, text, color, font(size))
        return
    x, baseline = place[0], place[1] + float(font(size).getmetrics()[0])
    for char in text:
        cell = _advance(char, size)
        shown, face = _shown(char)
        draw.text((x + cell / 2, baseline), shown, color, font(size, face), anchor="ms")
        x += cell


@cache
def _shown(char: str) -> tuple[str, str]:
    """What stands for `char`, and the font to draw it in."""
    for name in ("", *SYSTEM_FONTS):
        if _has(char, name):
            return char, name
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return (plain if plain and all(_has(c) for c in plain) else char), ""


def column_widths(rows: Rows, width: float) -> list[float]:
    """Shares of `width`: as much as the longest cell of a column wants, within reason."""
    columns = max(len(row) for row in rows)
    wants = [min(max((len(row[c]) for row in rows if c < len(row)), default=1) + 2, 60) for c in range(columns)]
    return [width * want / sum(wants) for want in wants]


def table_boxes(rows: Rows, left: float, top: float, width: float, height: float) -> CellBoxes:
    """Where `draw_table` draws them, in the units of what it is given."""
    widths = column_widths(rows, width)
    lefts = accumulate(widths, initial=left)
    bottom = top + height * len(rows)
    tops = (top + height * row for row in range(len(rows)))
    return CellBoxes(
        tuple(Box(left, y, left + width, y + height) for y in tops),
        tuple(Box(x, top, x + across, bottom) for x, across in zip(lefts, widths, strict=False)),
    )


def draw_table(draw: "ImageDraw", rows: Rows, left: int, top: int, width: int, height: int) -> None:
    """Rows of one height, header shaded, columns as wide as their longest cell allows."""
    widths = column_widths(rows, width)
    draw.rectangle((left, top, left + width, top + height), fill=SHADE)
    size = min(CELL, round(height * 0.55))
    for index, row in enumerate(rows):
        y, x = top + index * height, float(left)
        for cell, column in zip(row, widths, strict=False):
            write(draw, (x + 6, y + (height - size) / 2 - 1), fit(cell, size, column - 10), INK, size)
            x += column
        draw.line((left, y + height, left + width, y + height), fill=RULE)


def fit(text: str, size: int, width: float) -> str:
    """One line of `text`, cut with an ellipsis where it is longer than `width`."""
    text = " ".join(text.split())
    if length(text, size) <= width:
        return text
    while text and length(text + "...", size) > width:
        text = text[: int(len(text) * 0.9)] if len(text) > 20 else text[:-1]
    return text + "..."
