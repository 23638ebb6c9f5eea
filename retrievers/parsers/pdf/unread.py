"""Words of a text layer some of whose letters have no meaning: read from the drawn page, as far as they can be.

Ligatures of fonts without a character map are the usual case: "di\ufffdculties", "e↵orts", "di!erent".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from retrievers.elements import Box, Page
from retrievers.parsers import ocr
from retrievers.parsers.accounting import UNKNOWN, words
from retrievers.parsers.characters.typed import plain
from retrievers.parsers.layout.blocks import compose
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.pdf.letters import Char, hull
from retrievers.parsers.pdf.lines import WORD_GAP, Run
from retrievers.parsers.pdf.space import PageSpace

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_UNREAD = 60  # places on a page; where there are more the whole page is recognised
SURE = 0.8  # the recogniser's trust in a word of which little else is known
MARGIN = 0.15  # of a line's height, around what is recognised
MOST_GROUPS = 4  # of unknown letters, in words that are compared letter by letter
LIGATURE = 4  # characters that one unknown letter may stand for
_DOUBTFUL = re.compile(rf"{UNKNOWN}+|(?<=[^\W\d_])[!\"#$%](?=[^\W\d_])|[\u2190-\u21ff\u2300-\u27bf]")
_LIGATURES = re.compile("f[fijlt]{1,2}")  # what such signs stand for: ff, ffi, ...


class Unread(NamedTuple):
    """Neighbouring words of the line at place `line` of a page's text layer. `turn`: see `Line`."""

    line: int
    text: str
    box: Box
    turn: int


def unread_words(run: Run, line: int, turn: int, space: PageSpace) -> Iterator[Unread]:
    """The stretches of a line whose words have letters without a meaning. A lone sign is no word."""
    if run.leftward or run.downward or not _DOUBTFUL.search(run.text):
        return
    for unread, stretch in groupby(_words(run), key=lambda word: _is_unread(_text(word))):
        together = list(stretch)
        box = space.box(*hull([char for word in together for char in word], run.style.turn))
        if unread and box is not None:
            yield Unread(line, plain(" ".join(map(_text, together))), box, turn)


def _words(run: Run) -> list[list[Char]]:
    words: list[list[Char]] = []
    for char in run.chars:
        if not words or char.spaced or char.broken or char.left - words[-1][-1].right > WORD_GAP * run.style.size:
            words.append([char])
        else:
            words[-1].append(char)
    return words


def _text(word: Sequence[Char]) -> str:
    return "".join(char.text for char in word)


def _is_unread(word: str) -> bool:
    """Whether letters are unknown, or a sign stands among small letters as if it were one."""
    if UNKNOWN in word:
        return sum(char.isalnum() or char == UNKNOWN for char in word) > 1
    return any(
        word[sign.start() - 1 : sign.start()].islower() or word[sign.end() : sign.end() + 1].islower()
        for sign in _DOUBTFUL.finditer(word)
    )


def read_from_page(lines: Sequence[Line], unread: Sequence[Unread], picture: "Image") -> tuple[list[Line], int]:
    """The lines with what could be read on the drawn page in place of unknown letters, and in how many places."""
    found, count = list(lines), 0
    for one in unread:
        line = found[one.line]
        reading = _reading(one.text, *ocr.recognise_line(_crop(picture, one)))
        if reading and one.text in line.text:
            found[one.line] = replace(line, text=line.text.replace(one.text, reading, 1))
            count += 1
    return found, count


def with_text_layer(page: Page, lines: Sequence[Line]) -> Page:
    """A recognised page with what a short text layer says beyond it, such as a stamp."""
    beyond = [
        line
        for line in lines
        if not any(line.box.overlap(b.box) > 0.5 and not words(line.text) - words(b.text) for b in page.blocks)
    ]
    return replace(page, blocks=(*page.blocks, *compose(beyond)))


def unknown_letters(lines: Sequence[Line], drawn: int) -> list[str]:
    """A note of what became of letters whose meaning the file does not tell; `drawn` places were read."""
    said = " ".join(line.text for line in lines)
    counts = {"places read by OCR": drawn}
    if UNKNOWN in said:
        counts["words unread"] = sum(count for word, count in words(said).items() if UNKNOWN in word)
        counts["unknown signs"] = said.split().count(UNKNOWN)
    told = ", ".join(f"{what}: {count}" for what, count in counts.items() if count)
    return [f"letters whose meaning the file does not tell; {told}"] if told else []


def _crop(picture: "Image", one: Unread) -> "Image":
    """The words, upright."""
    width, height = picture.size
    x0, y0, x1, y1 = one.box.x0 * width, one.box.y0 * height, one.box.x1 * width, one.box.y1 * height
    margin = MARGIN * (x1 - x0 if one.turn % 180 else y1 - y0) + 1
    part = picture.crop((int(x0 - margin), int(y0 - margin), int(x1 + margin), int(y1 + margin)))
    return part.rotate(one.turn, expand=True) if one.turn else part


def _reading(text: str, seen: str, trust: float) -> str:
    """`text` with its unknown letters as they were `seen`; empty where what was seen does not fit it."""
    known, unknown = sum(map(str.isalnum, text)), text.count(UNKNOWN)
    if known < unknown or len(_DOUBTFUL.findall(text)) > MOST_GROUPS:
        seems = trust >= SURE and unknown / 2 <= len(seen.replace(" ", "")) - known <= 2 * unknown
        return seen if unknown and seems else ""
    match = re.fullmatch(rf"[\W_]*{_pattern(text)}[\W_]*", seen, re.IGNORECASE)
    if match is None:
        return ""
    letters = iter(match.groups())
    return _DOUBTFUL.sub(lambda sign: _meant(sign.group(), next(letters)), text)


def _pattern(text: str) -> str:
    """A regular expression of the letters that are known, with a group for each that is not."""
    pattern, end = "", 0
    for sign in _DOUBTFUL.finditer(text):
        pattern += _known(text[end : sign.start()])
        pattern += rf"(\S{{{len(sign.group())},{LIGATURE * len(sign.group())}}}?)"
        end = sign.end()
    return pattern + _known(text[end:])


def _known(text: str) -> str:
    """Letters as they are; what stands between them may be seen as any other signs, but beside an unknown letter, which
    may be one of them, as a few."""
    few = re.sub(r"^[\W_]+|[\W_]+$", "\0", text)  # a character that no text layer has
    return re.sub(r"[^\w\0]+|_+", r"[\\W_]*+", few).replace("\0", r"[\W_]{0,3}")


def _meant(sign: str, seen: str) -> str:
    """A sign that the file names gives way to a ligature alone: it may as well be what it says."""
    return seen if UNKNOWN in sign or _LIGATURES.fullmatch(seen) else sign
