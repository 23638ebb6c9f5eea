"""Words of the source against words of the blocks: what was lost on the way is said, whatever lost it.

Knows nothing of order, columns or boxes: only whether a word that the file holds can be found and cited.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import replace

from retrievers.elements import Block, Page

LOSS = 0.03  # share of a page's words; less are hyphens, ligatures and the like
SHOWN = 5  # lost words named in the note
GLUED = 60  # letters; longer ones are no words run together
_SOLID = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # no spaces between words
_WORD = re.compile(rf"[{_SOLID}]|[^\W_{_SOLID}]+")


def words(text: str) -> Counter[str]:
    """How often each word stands in `text`, in lower case; ligatures and raised digits as plain letters and digits."""
    return Counter(word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", text)))


def account(page: Page, source: str, whole: str = "page") -> Page:
    """`page` with the share of `source`'s words that its blocks do not hold, and a note where that is over `LOSS`.

    `source` is all the text that the file holds for this page, read by a shorter way than the blocks were: the text
    layer with form values and annotations; the text nodes of the XML; the visible text; the cells. `whole` is what the
    note calls it.
    """
    expected = words(source)
    if not expected:
        return page
    missing = _truly(expected, words(" ".join(map(_text, page.blocks))))
    lost = missing.total() / expected.total()
    if lost <= LOSS:
        return replace(page, lost=lost)
    named = ", ".join(list(missing)[:SHOWN])
    note = f"{lost:.0%} of this {whole}'s words could not be placed (such as {named})"
    return replace(page, lost=lost, notes=(*page.notes, note))


def _truly(expected: Counter[str], found: Counter[str]) -> Counter[str]:
    """What of `expected` is missing; not what the source only runs together, as PDFium does with turned lines."""
    missing, spare = expected - found, found - expected
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
