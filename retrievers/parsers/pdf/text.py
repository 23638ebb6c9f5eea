"""The text layer of a PDF page: lines of text with boxes in page units of the drawn page."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from retrievers.elements import Box
from retrievers.parsers.accounting import words
from retrievers.parsers.characters.typed import plain
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.pdf.codes import meanings
from retrievers.parsers.pdf.legibility import is_garbled
from retrievers.parsers.pdf.letters import Letters, hull
from retrievers.parsers.pdf.lines import cut, gaps, read_runs
from retrievers.parsers.pdf.space import PageSpace
from retrievers.parsers.pdf.unread import MOST_UNREAD, Unread, unread_words

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# a word that goes on in the next line
_HYPHEN = re.compile(r"[\x02\ufffe](\r?\n)?|(?<=\w)[-\u00ad\u2010]\r?\n(?=[a-z])")


def _signs(text: str) -> Counter[str]:
    """How often each letter and digit stands there."""
    return Counter(sign for sign in plain(text).lower() if sign.isalnum())


class TextLayer(NamedTuple):
    """Lines in content order; `source` counts the words that stand on the page: those of the lines, where these hold
    every letter that PDFium tells, which runs numbers of a row together; else PDFium's own.

    `garbled`: the letters' codes say nothing, because a font has no character map. `unread` are the words where that is
    so of some letters, `drawn` how many of them were read from the drawn page.
    """

    lines: list[Line]
    source: Counter[str]
    garbled: bool
    unread: Sequence[Unread] = ()
    drawn: int = 0


def read_text(page: "PdfPage", rules: Sequence[Box] = ()) -> TextLayer:
    """The text layer of a page. A line never spans two table cells or two columns, nor one of the drawn `rules`.

    What lies outside the page is left out, and so is what was set twice on one place to look bold.
    """
    space = PageSpace.of(page)
    textpage = page.get_textpage()
    letters = Letters(textpage)
    letters.meanings = meanings(letters)
    unread: list[Unread] = []
    lines: list[Line] = []
    places: defaultdict[str, list[Box]] = defaultdict(list)
    doubted = False
    pieces = (piece for run in read_runs(letters) for piece in cut(letters, run, space, rules))
    for run in pieces:
        box = space.box(*hull(run.chars, run.style.turn))
        if box is None or box.x0 >= box.x1 or box.y0 >= box.y1:
            continue
        if any(box.overlap(other) > 0.6 for other in places[run.text]):
            doubted = True
            continue
        doubted = doubted or run.leftward or run.pieced
        places[run.text].append(box)
        bold = all(letters.is_bold(run.chars[end].place) for end in (0, -1))
        turn = (round(run.style.turn / 90) * 90 + space.rotation + 90 * run.downward) % 360
        across = space.width if turn % 180 == space.rotation % 180 else space.height
        em, mirrored = run.style.size / across, run.style.mirrored
        spaces = gaps(run, space) if not turn else ()
        lines.append(Line(plain(run.text), box, em, bold, turn=turn, mirrored=mirrored, gaps=spaces))
        unread.extend(unread_words(run, len(lines) - 1, turn, space))
    read = "\n".join(line.text for line in lines)
    told = letters.told if letters.meanings else textpage.get_text_bounded()
    source = words(_HYPHEN.sub("", read if doubted or not _signs(told) - _signs(read) else told))
    garbled = is_garbled(letters, read.replace("\n", " "))
    textpage.close()
    if garbled or len(unread) > MOST_UNREAD:
        return TextLayer([], Counter(), True)
    return TextLayer(lines, source, False, unread)
