"""Evidence cut into passages that can be quoted: sentences and figures; and which of them are worth reading.

Tables are whole, to be read by `tables`, and the sentences in their cells beside them. Reads no files, and knows no
model but the embedders it is given.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from common.sentences import sentences
from retrievers.elements import Element, Hit
from retrievers.embedders.languages import spaced

Form = Literal["sentence", "figure", "table"]

PROSE = 6  # words from which a cell or line says something by itself
SENTENCE = 3  # words from which a line does that ends as a sentence does
STOPS = (".", "!", "?", "。", "！", "？", "؟")
JOINED = 24  # words from which lines that do not are not joined further


@dataclass(frozen=True)
class Passage:
    """`source` is the number of its hit.

    `covered` is the share of the question's words that it and its setting hold, 0..1, a word weighing the more the
    rarer it is here; `unnamed` is the share of the question's names and numbers that they lack; `similarity` the cosine
    of their meanings.
    """

    source: int
    form: Form
    text: str
    setting: str
    element: Element
    covered: float = 0.0
    unnamed: float = 0.0
    similarity: float = 0.0


def cut(hits: Sequence[Hit]) -> list[Passage]:
    """All passages of `hits`, a table whole and the sentences in its cells beside it."""
    return [passage for number, hit in enumerate(hits, start=1) for passage in _of(number, hit.element)]


def nearest(question: str, found: Sequence[Passage], dense: Any, most: int) -> list[Passage]:
    """The `most` of `found` that cover most of the question, best first, with their similarity; `dense` has
    `embed_texts`."""
    best = sorted(found, key=lambda one: -one.covered)[:most]
    vectors = dense.embed_texts([question, *(f"{one.setting.partition(chr(10))[0]}: {one.text}" for one in best)])
    alike = map(float, vectors[1:] @ vectors[0])
    return [replace(one, similarity=similarity) for one, similarity in zip(best, alike, strict=True)]


def _of(number: int, element: Element) -> Iterator[Passage]:
    said = element.caption or element.mentions
    setting = "\n".join(part for part in (element.context, said) if part)
    if element.rows:
        yield Passage(number, "table", "\n".join(" | ".join(row) for row in element.rows), setting, element)
        yield from _prose(number, element, setting)
    elif element.kind == "figure":
        words = " ".join(element.text.split())
        yield Passage(number, "figure", f"{element.caption.rstrip('.')}. {words}".strip(". "), element.context, element)
    else:
        headings = {element.title, *element.section}
        before = ""
        for sentence in _joined(one for one in sentences(element.text) if one not in headings):
            around = f"{setting}\n{before}" if before else setting  # "It was built in 1902": what was?
            yield Passage(number, "sentence", sentence, around, element)
            before = sentence


def _joined(found: Iterable[str]) -> Iterator[str]:
    """Lines that say nothing by themselves, as on slides, together with those that follow them."""
    kept: list[str] = []
    for sentence in found:
        whole = _words(sentence) >= (SENTENCE if sentence.endswith(STOPS) else PROSE)
        if whole or sum(map(_words, kept)) > JOINED:
            yield from [" ".join(kept)] * bool(kept)
            kept = []
        if whole:
            yield sentence
        else:
            kept.append(sentence)
    yield from [" ".join(kept)] * bool(kept)


def _words(text: str) -> int:
    """As many as there are letters in scripts without spaces."""
    return len(spaced(text).split())


def _prose(number: int, element: Element, setting: str) -> Iterator[Passage]:
    """The sentences that stand in cells; what else a table says is read by `tables`."""
    header = element.rows[0]
    for row in element.rows[1:]:
        for name, cell in zip(header, row, strict=False):
            if _words(cell) >= PROSE:
                around = "\n".join((setting, name, row[0] if cell != row[0] else ""))
                yield from (Passage(number, "sentence", sentence, around, element) for sentence in sentences(cell))
