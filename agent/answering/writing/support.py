"""Which sources bear out a sentence that a model wrote: they hold what it says beyond the question.

Words are compared by their stems, the rarer among the sources the weightier; numbers as values, rounded ones with them;
what is put in other words by the meaning of the sentence. It knows nothing of what the model cited or wrote before.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agent.answering.candidates.candidate import Candidates, Quoted
from agent.answering.evidence import words_of
from common.sentences import sentences
from retrievers import embedders
from retrievers.elements import Element, Hit
from retrievers.embedders.languages import language_of, likely_languages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HELD = 0.5  # of the weight of what a sentence adds to the question, at least, in two neighbouring sentences or a row
ALIKE, NEARER = 0.55, 0.05  # cosine of sentence and source, and how much nearer it is than the question was
ON_TOPIC = 0.35  # cosine of sentence and question
LOOKED_AT = 3  # sources, and places of each, whose meaning is compared where words do not tell
NUMERIC = 3.0  # times what a word counts: the same number by accident is rare
POLAR = "yes no"  # all that an answer to whether something is so may add
SCALES = (1.0, 1e3, 1e6, 1e9)
Stems = frozenset[int]
Number = tuple[float, int]  # its value, and how many decimals it is given with
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w*\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")


@dataclass(frozen=True)
class Verdict:
    """`sources` that bear a sentence out, best first. `adds`: it says something beyond the question that could be
    looked for. `denied`: it holds a number that no source has. `on_topic`: it speaks of what was asked. `foreign`: it
    is in a language that no source is in, of which words tell little."""

    sources: tuple[int, ...] = ()
    adds: bool = False
    denied: bool = False
    on_topic: bool = False
    foreign: bool = False


@dataclass(frozen=True)
class _Place:
    """A sentence of a source, or a row with its header; `stems` also of the sentence before and what stands around."""

    source: int
    text: str
    stems: Stems
    numbers: Sequence[Number]


class Support:
    """The sources of one answer; they are numbered from 1."""

    def __init__(self, question: str, hits: Sequence[Hit], found: Candidates) -> None:
        self._lexical = embedders.load("bm25")
        self._dense = embedders.load("minilm")
        self._question = question
        self._asked = self._stems(question)
        self._hits = hits
        self._chances = _chances(found, hits)
        texts = [f"{_setting(hit.element)}\n{words_of(hit.element)}\n{_worked_out(hit, found)}" for hit in hits]
        self._numbers = [numbers(text) for text in texts]
        self._languages = {language_of(text) for text in texts}
        self._places = [place for number, hit in enumerate(hits, 1) for place in self._places_of(number, hit, found)]
        self._counts = Counter(stem for place in self._places for stem in place.stems)

    @property
    def nearest(self) -> int:
        """The source that holds most of the question."""
        return self._ranked(self._shares(self._asked, (), range(1, len(self._hits) + 1)))[0]

    def of(self, sentence: str) -> Verdict:
        said = _bare(sentence)
        stated = frozenset(numbers(said)) - frozenset(numbers(self._question))
        adds = self._stems(_NUMBER.sub(_small, said)) - self._asked - self._stems(POLAR)
        denied = any(not any(_has(held, one) for held in self._numbers) for one in stated)
        foreign = self._is_foreign(said)
        if not adds and not stated:  # it only takes up the question, or says nothing at all
            return Verdict(adds=not self._stems(said), denied=denied, foreign=foreign)
        able = [number for number, held in enumerate(self._numbers, 1) if all(_has(held, one) for one in stated)]
        shares = self._shares(adds, stated, able)
        ranked = self._ranked(shares)
        best = [number for number in ranked if shares[number] >= HELD]
        if not best:
            best = [number for number in ranked[:LOOKED_AT] if self._means(said, number)]
        return Verdict(tuple(best), True, denied, bool(best) or self._is_on_topic(said), foreign)

    def _ranked(self, shares: dict[int, float]) -> list[int]:
        """Of equals the one that answers more probably."""
        return sorted(shares, key=lambda number: (-round(shares[number], 1), -self._chances.get(number, 0.0), number))

    def _shares(self, adds: Stems, stated: Iterable[Number], able: Iterable[int]) -> dict[int, float]:
        """Of each source that is `able`, the largest share of `adds` and `stated` that one of its places holds."""
        words = {stem: self._weight(self._counts[stem]) for stem in adds}
        values = {
            one: NUMERIC * self._weight(sum(_has(place.numbers, one) for place in self._places)) for one in stated
        }
        total = sum(words.values()) + sum(values.values()) or 1.0
        shares = dict.fromkeys(able, 0.0)
        for place in self._places:
            if place.source in shares:
                held = sum(words[stem] for stem in adds & place.stems)
                held += sum(weight for one, weight in values.items() if _has(place.numbers, one))
                shares[place.source] = max(shares[place.source], held / total)
        return shares

    def _weight(self, count: int) -> float:
        """Of what so many places hold: the rarer, the weightier."""
        return math.log(1 + len(self._places) / (1 + count))

    def _means(self, said: str, source: int) -> bool:
        """Whether a place of the source says this, and not only what the question asks about."""
        stems = self._stems(said)
        places = [place for place in self._places if place.source == source]
        nearest = sorted(places, key=lambda place: -len(stems & place.stems))[:LOOKED_AT]
        vectors = self._dense.embed_texts([said, *(place.text for place in nearest)])
        return any(
            float(vector @ vectors[0]) >= max(ALIKE, float(vector @ self._vector) + NEARER) for vector in vectors[1:]
        )

    def _is_on_topic(self, said: str) -> bool:
        return float(self._dense.embed_texts([said])[0] @ self._vector) >= ON_TOPIC

    @cached_property
    def _vector(self) -> "NDArray[np.float32]":
        vector: NDArray[np.float32] = self._dense.embed_texts([self._question])[0]
        return vector

    def _is_foreign(self, said: str) -> bool:
        """Whether it is in a language that no source is in, so that words do not tell."""
        spoken = {*likely_languages(said), *likely_languages(self._question)}  # a short sentence alone tells too little
        return bool(self._languages) and self._languages.isdisjoint(spoken)

    def _stems(self, text: str) -> frozenset[int]:
        return frozenset(self._lexical.embed_query(text).indices)

    def _places_of(self, number: int, hit: Hit, found: Candidates) -> Iterator[_Place]:
        around = self._stems(_setting(hit.element))
        before = frozenset[int]()
        for text in (*_texts(hit.element), *filter(None, [_worked_out(hit, found)])):
            own = self._stems(text)
            yield _Place(number, text, own | before | around, numbers(text))
            before = own if not hit.element.rows else before


def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of two digits and more in a text, each with its decimals; one that can be read in two ways twice."""
    return tuple(dict.fromkeys(value for found in _NUMBER.finditer(text) for value in _values(found[0])))


def _values(digits: str) -> Iterator[Number]:
    if len(digits) < 2:
        return
    if thousands := _THOUSANDS.fullmatch(digits):
        whole = digits.replace(thousands[1], "").replace(",", ".")
        yield float(whole), len(whole.partition(".")[2])
    parts = re.split("[.,]", digits)
    if len(parts) <= 2:
        yield float(".".join(parts)), len(parts[1]) if len(parts) == 2 else 0


def _small(match: re.Match[str]) -> str:
    """A number that is read as a word is."""
    return match[0] if len(match[0]) < 2 else " "


def _has(held: Sequence[Number], stated: Number) -> bool:
    """Whether one of `held` is the number stated, or rounds to it, in a scale of its own ("1.2 million")."""
    value, decimals = stated
    for one, _ in held:
        for scale in SCALES:
            rounded = scale > 1 or decimals > 0
            if abs(one / scale - value) <= (0.5 * 10**-decimals if rounded else 0) + 1e-9:
                return True
    return False


def _bare(sentence: str) -> str:
    """Without what only lays it out."""
    return re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+|[*_`#|]", " ", sentence)


def _setting(element: Element) -> str:
    return "\n".join(part for part in (element.title, element.context, element.caption) if part)


def _texts(element: Element) -> Iterator[str]:
    if element.rows:
        header = " | ".join(element.rows[0])
        yield from (f"{header}\n{' | '.join(row)}" for row in element.rows[1:])
    else:
        yield from sentences(element.text)


def _worked_out(hit: Hit, found: Candidates) -> str:
    """What was computed from the source's cells, which stands nowhere in it."""
    lines = [
        f"{one.computed.working} {one.computed.reading} {', '.join(one.computed.values)}"
        for one in found.best
        if not isinstance(one, Quoted) and any(region.id == hit.element.id for region in one.regions)
    ]
    return "\n".join(lines)


def _chances(found: Candidates, hits: Sequence[Hit]) -> dict[int, float]:
    """How probably each source answers; sources without a candidate are left out."""
    numbers = {hit.element.id: number for number, hit in enumerate(hits, 1)}
    chances: dict[int, float] = {}
    for one in found.best:
        for number in (numbers[region.id] for region in one.regions if region.id in numbers):
            chances[number] = max(chances.get(number, 0.0), one.chance)
    return chances
