"""Words of the source against words of the blocks: what was lost on the way is said, whatever lost it.

Knows nothing of order, columns or boxes: only whether a word that the file holds can be found and cited.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from retrievers.elements import Block, Page

LOSS = 0.03  # share of a page's words; less are hyphens, ligatures and the like
SHOWN = 5  # lost words named in the note
GLUED = 60  # letters; longer ones are no words run together
_SOLID = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # no spaces between words
UNKNOWN = "\ufffd"  # a letter that could not be read
_WORD = re.compile(rf"[{_SOLID}]|(?:[^\W_{_SOLID}]|{UNKNOWN})+")


def words(text: str) -> Counter[str]:
    """How often each word stands in `text`, in lower case; ligatures and raised digits as plain letters and digits."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text))
    return Counter(word.lower() for word in found if word != UNKNOWN)


class Balance:
    """Words of a source against those of the blocks, counted as they come: what is even takes no memory."""

    def __init__(self, source: str = "") -> None:
        self._expected = 0
        self._open: Counter[str] = Counter()  # more than 0: expected and not placed; less: placed, and not expected
        self.expect(source)

    def expect(self, text: str) -> None:
        counted = words(text)
        self._expected += counted.total()
        self._count(counted, 1)

    def place(self, block: Block) -> None:
        placed = words(_text(block))
        self._count({word: number for word, number in placed.items() if UNKNOWN not in word}, -1)

    def loss(self, whole: str) -> tuple[float, tuple[str, ...]]:
        """The share of the words expected that are missing, 0..1, and a note where that is over `LOSS`. `whole` is what
        the note calls it all."""
        missing = _truly(+self._open, -self._open)
        lost = missing.total() / max(1, self._expected)
        named = ", ".join(list(missing)[:SHOWN])
        note = f"{lost:.0%} of this {whole}'s words could not be placed (such as {named})"
        return lost, (note,) if lost > LOSS else ()

    def _count(self, counted: Mapping[str, int], sign: int) -> None:
        for word, number in counted.items():
            left = self._open[word] + sign * number
            if left:
                self._open[word] = left
            else:
                self._open.pop(word, None)


def account(page: Page, source: str, whole: str = "page") -> Page:
    """`page` with the share of `source`'s words that its blocks do not hold, and a note where that is over `LOSS`.

    `source` is all the text that the file holds for this page, read by a shorter way than the blocks were: the text
    layer with form values and annotations; the text nodes of the XML; the visible text; the cells. A word with a letter
    that could not be read is lost, wherever it stands.
    """
    balance = Balance(source)
    for block in page.blocks:
        balance.place(block)
    lost, notes = balance.loss(whole)
    return replace(page, lost=lost, notes=(*page.notes, *notes) if notes else page.notes)


def _truly(missing: Counter[str], spare: Counter[str]) -> Counter[str]:
    """What of `missing` is so; not what the source only runs together, as PDFium does with turned lines."""
    for word in list(missing):
        while missing[word] and (parts := _parts(word, spare)):
            spare.subtract(parts)
            missing[word] -= 1
    return +missing


def _parts(word: str, spare: Counter[str]) -> tuple[str, ...]:
    """Words of `spare` that make up `word`, one after another; empty where they do not."""
    reached: dict[int, tuple[str, ...]] = {0: ()}  # by how much of the word they make up
    for end in range(1, min(len(word), GLUED) + 1):
        for start, parts in tuple(reached.items()):
            piece = word[start:end]
            if spare[piece] > parts.count(piece):
                reached[end] = (*parts, piece)
                break
    return reached.get(len(word), ())


def _text(block: Block) -> str:
    body = " ".join(cell for row in block.rows for cell in row) if block.rows else block.text
    return f"{block.caption} {body}"
