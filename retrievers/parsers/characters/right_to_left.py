"""Letters that run from right to left, as they lie on the line -> text in logical order (Unicode Annex #9).

PDF keeps no logical order: some writers store lines as they are seen, some as they are read. Their places do not lie.
"""

import unicodedata
from collections.abc import Sequence
from typing import Protocol

_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")  # PDFium and the algorithm both turn brackets round
SPACE = 0.15  # em between two letters that stand apart in the file


class Placed(Protocol):
    """A letter at its place on a line that runs to the right; `spaced`: a space came before it in the file."""

    @property
    def text(self) -> str: ...
    @property
    def place(self) -> int: ...
    @property
    def left(self) -> float: ...
    @property
    def right(self) -> float: ...
    @property
    def spaced(self) -> bool: ...


def is_leftward(text: str) -> bool:
    """Whether the first letter belongs to a script that runs from right to left."""
    return text > "\u0590" and unicodedata.bidirectional(text[0]) in ("R", "AL")


def logical(letters: Sequence[Placed], size: float) -> str:
    """The line's text in the order in which it is read. `size` is the line's height, in the letters' own units."""
    from bidi import get_display

    clusters = _clusters(letters)
    clusters.sort(key=lambda cluster: cluster[-1].left)
    seen = ""
    for before, cluster in zip([None, *clusters], clusters, strict=False):
        if before is not None and _apart(before[-1], cluster[-1], size):
            seen += " "
        seen += "".join(letter.text for letter in cluster)
    leftward = sum(is_leftward(letter.text) for letter in letters)
    rightward = sum(unicodedata.bidirectional(letter.text[0]) == "L" for letter in letters)
    if leftward < rightward:
        return str(get_display(seen, base_dir="L"))
    return str(get_display(seen.translate(_MIRRORED), base_dir="R"))


def _clusters(letters: Sequence[Placed]) -> list[list[Placed]]:
    """Each letter after its vowel points, since the line is turned round: those over or under it."""
    bases = [letter for letter in letters if not is_point(letter.text)] or letters[:1]
    clusters = {base.place: [base] for base in bases}
    for mark in letters:
        if is_point(mark.text) and mark.place not in clusters:
            # letters of one glyph share its place, in the order in which they are seen: the point before its letter
            near = min(
                bases, key=lambda base: (_off(mark, base), base.place < mark.place, abs(base.place - mark.place))
            )
            clusters[near.place].insert(0, mark)
    return list(clusters.values())


def is_point(text: str) -> bool:
    """Whether it is a vowel point or another sign over or under a letter."""
    return text > "\u02ff" and unicodedata.combining(text[0]) > 0


def _off(mark: Placed, base: Placed) -> float:
    """How far the mark's middle is from the letter's."""
    return abs(mark.left + mark.right - base.left - base.right)


def _apart(left: Placed, right: Placed, size: float) -> bool:
    first, second = sorted((left, right), key=lambda letter: letter.place)
    if second.place - first.place <= 2 and second.left != first.left:
        return second.spaced or right.left - left.right > 2 * SPACE * size
    return right.left - left.right > SPACE * size
