"""Lines of text with boxes: what the text layer of a page and what is recognised in its picture have in common.

Boxes are in page units (0..1), so horizontal distances are measured against `em`, the height of a line expressed in
page widths.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from retrievers.elements import Box, LineBox
from retrievers.parsers.layout.turning import turned


@dataclass(frozen=True, slots=True)
class Line:
    """A run of text on one baseline.

    `turn` says by how many degrees clockwise it is turned on the page: 0, 90 (it runs down the page), 180 or 270.
    `em` is its height in widths of the page as one holds it to read the line; `score` the recogniser's trust, 0..1.
    `mirrored`: it can be read in a mirror; where a turn has brought the page upright, its lines go from bottom to top.
    `gaps` are the spaces between its words, where they are known: the cells of a narrow table may be no farther apart.
    """

    text: str
    box: Box
    em: float
    bold: bool = False
    score: float = 1.0
    turn: int = 0
    mirrored: bool = False
    gaps: tuple[Box, ...] = ()

    @property
    def vertical(self) -> bool:
        """It runs up or down the page: an axis title, a stamp in the margin."""
        return self.turn % 180 == 90

    def turned(self, degrees: int) -> "Line":
        """The same line after the page was turned clockwise by `degrees`, a multiple of 90."""
        return replace(self, box=turned(self.box, degrees), turn=(self.turn + degrees) % 360, gaps=())


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
