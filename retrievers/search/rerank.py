"""Candidate pages -> how likely each is to answer: a linear model over what question and page have in common.

Fusion by rank knows only places in lists. Which of the found pages answers shows in things it cannot see: words that
stand side by side in both, the figure or page that the question names, how much of the question a page covers. The
weights are those of a conditional logit (softmax over the candidates of a question), which `triptych fit rerank` makes
again.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import compress, count
from pathlib import PurePath
from typing import NamedTuple

from retrievers.elements import KINDS, Kind
from retrievers.packing import unpack
from retrievers.search.fitted import RERANK, by_words, weights
from retrievers.search.query_references import NAMES, Reference, positions, references
from retrievers.stores.base import Match

VISUAL: tuple[Kind, ...] = ("figure", "table")
COSINE_UNIT = 0.2  # a difference in cosine that counts as much as the whole range of another feature
NOT_WORDS = re.compile(r"[\W_]+")
# One common weight for all but the position is what the questions of strangers want; the fit departs little from it.
WEIGHTS: Mapping[str, float] = weights(RERANK)
WEIGHTS_BY_WORDS: Mapping[str, float] = weights(by_words(RERANK))  # where no list by meaning was asked for


@dataclass(frozen=True)
class Candidate:
    """One page and what of it was found, whole page or regions, in the order of fusion. `placed`: it is where the
    question says, on "the last page" or that of "the second figure"."""

    document: str
    page: int
    matches: Sequence[Match]
    placed: bool = False

    @property
    def text(self) -> str:
        """The page's words, or those of its regions when only they were found."""
        whole = [match.element.text for match in self.matches if match.element.kind == "page"]
        return whole[0] if whole else "\n".join(f"{m.element.caption}\n{m.element.text}" for m in self.matches)

    @property
    def stems(self) -> Sequence[int]:
        """Those of the page, where they are kept with it."""
        return next((unpack(match.element.stems) for match in self.matches if match.element.stems), ())

    @property
    def identity(self) -> str:
        """What the document is called: its title, and its file's name in words, "2023 Q3 ACME.pdf"."""
        return f"{self.matches[0].element.title} {NOT_WORDS.sub(' ', PurePath(self.document).stem)}"

    @property
    def context(self) -> str:
        return "\n".join(dict.fromkeys(match.element.context for match in self.matches))

    def best(self, vector: str, kinds: Sequence[Kind]) -> float | None:
        """The highest similarity by `vector` of a found element of these kinds; None when no list held one."""
        scores = [m.places[vector].score for m in self.matches if m.element.kind in kinds and vector in m.places]
        return max(scores, default=None)


@dataclass(frozen=True)
class Ranked:
    """A candidate with its features by name, the question's stems that it or its context holds, and its score:
    comparable within one question only."""

    candidate: Candidate
    features: dict[str, float]
    held: AbstractSet[int]
    score: float


def rerank(
    question: str,
    candidates: Sequence[Candidate],
    stems: Callable[[str], Sequence[int]],
    weights: Mapping[str, float] = WEIGHTS,
) -> list[Ranked]:
    """Best first, but the page of a document that the question gives the number of before all others. `stems` gives a
    text's word stems in order."""
    asked = stems(question)
    readings = [_read(candidate, asked, stems) for candidate in candidates]
    rows = _features(question, asked, candidates, readings, stems)
    scores = [sum(weights[name] * value for name, value in row.items()) for row in rows]
    around = [reading.around for reading in readings]
    ranked = [Ranked(*parts) for parts in zip(candidates, rows, around, scores, strict=True)]
    by_place = any(one.kind == "page" for one in positions(question))
    by_place &= len({one.document for one in candidates if one.placed}) == 1
    return sorted(ranked, key=lambda one: (not (by_place and one.candidate.placed), -one.score))


class _Reading(NamedTuple):
    """What a page has in common with the question: stems, also with those of its context, and runs of two and three."""

    held: AbstractSet[int]
    around: AbstractSet[int]
    pairs: AbstractSet[tuple[int, ...]]
    triples: AbstractSet[tuple[int, ...]]


def _read(candidate: Candidate, asked: Sequence[int], stems: Callable[[str], Sequence[int]]) -> _Reading:
    text, wanted = candidate.stems or stems(candidate.text), set(asked)
    places = list(compress(count(), map(wanted.__contains__, text)))  # pages are long: looked through only once
    held = {text[place] for place in places}
    around = held | wanted.intersection(stems(candidate.context))
    pairs, triples = (
        _runs(asked, length).intersection(tuple(text[place : place + length]) for place in places) for length in (2, 3)
    )
    return _Reading(held, around, pairs, triples)


def _features(
    question: str,
    asked: Sequence[int],
    candidates: Sequence[Candidate],
    readings: Sequence[_Reading],
    stems: Callable[[str], Sequence[int]],
) -> list[dict[str, float]]:
    """Per candidate, the values that `WEIGHTS` weighs; mostly 0..1, differences of cosines in `COSINE_UNIT`s."""
    words = _relative([candidate.best("lexical", ("page",)) for candidate in candidates])
    columns = {
        "words": words,
        "figure_words": _relative([candidate.best("lexical", VISUAL) for candidate in candidates]),
        "meaning": _below_best([candidate.best("text", ("text", *VISUAL)) for candidate in candidates]),
        "page_meaning": _below_best([candidate.best("text", ("page",)) for candidate in candidates]),
        "pairs": _rarest([reading.pairs for reading in readings]),
        "triples": _rarest([reading.triples for reading in readings]),
        "coverage": coverage(set(asked), [reading.held for reading in readings]),
        "coverage_in_context": coverage(set(asked), [reading.around for reading in readings]),
        "reference": [_named(references(question), candidate.text) for candidate in candidates],
        "position": [float(candidate.placed) for candidate in candidates],
        "document": _of_document(candidates, words),
        "document_meaning": _of_document(candidates, _near_best([one.best("text", KINDS) for one in candidates])),
        "identity": _by_identity(candidates, set(asked), stems),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _relative(scores: Sequence[float | None]) -> list[float]:
    """As shares of the highest; what no list held has none."""
    top = max((score for score in scores if score is not None), default=0.0)
    return [score / top if score and top > 0 else 0.0 for score in scores]


def _below_best(scores: Sequence[float | None]) -> list[float]:
    """How far each is below the best; what no list held is as far as the last that one held."""
    known = [score for score in scores if score is not None]
    if not known:
        return [0.0 for _ in scores]
    return [((min(known) if score is None else score) - max(known)) / COSINE_UNIT for score in scores]


def _near_best(scores: Sequence[float | None]) -> list[float]:
    """1 for the best, 0 for what is a `COSINE_UNIT` below it or was not held by any list."""
    top = max((score for score in scores if score is not None), default=0.0)
    return [0.0 if score is None else max(0.0, 1 - (top - score) / COSINE_UNIT) for score in scores]


def _rarest(shared: Sequence[AbstractSet[Hashable]]) -> list[float]:
    """How much each shares with the question, a rare thing weighing more, as shares of the highest."""
    rarity = _rarity(shared)
    return _relative([sum(rarity(thing) for thing in held) for held in shared])


def _runs(stems: Sequence[int], length: int) -> set[tuple[int, ...]]:
    return set(zip(*(stems[start:] for start in range(length)), strict=False))


def coverage(asked: AbstractSet[int], pages: Sequence[AbstractSet[int]]) -> list[float]:
    """Share of the question's stems that each page holds, a rare stem weighing more."""
    held = [asked & page for page in pages]
    rarity = _rarity(held)
    total = sum(rarity(stem) for stem in asked) or 1.0
    return [sum(rarity(stem) for stem in stems) / total for stems in held]


def _rarity(sets: Sequence[AbstractSet[Hashable]]) -> Callable[[Hashable], float]:
    """log(1 + N / (1 + n)) of a thing that n of the N sets hold."""
    counts = Counter(thing for held in sets for thing in held)
    return lambda thing: math.log(1 + len(sets) / (1 + counts[thing]))


def _named(asked: Sequence[Reference], text: str) -> float:
    """How often the page holds what the question names by number: twice for a line that begins with it, a caption."""
    score = 0.0
    for kind, number in asked:
        name = rf"(?:{NAMES[kind].replace(' ', '|')})\.?\s*{re.escape(number)}\b(?!\.\d)"
        score += bool(re.search(rf"\b{name}", text, re.IGNORECASE))
        score += bool(re.search(rf"^\s*{name}", text, re.IGNORECASE | re.MULTILINE))
    return score


def _of_document(candidates: Sequence[Candidate], likeness: Sequence[float]) -> list[float]:
    """What the document's best page gets for its likeness, and half of its second best, and so on: documents about the
    question have many such pages."""
    by_document: dict[str, list[float]] = defaultdict(list)
    for candidate, score in zip(candidates, likeness, strict=True):
        by_document[candidate.document].append(score)
    totals = {
        document: sum(score / 2**place for place, score in enumerate(sorted(scores, reverse=True)))
        for document, scores in by_document.items()
    }
    return _relative([totals[candidate.document] for candidate in candidates])


def _by_identity(
    candidates: Sequence[Candidate], asked: AbstractSet[int], stems: Callable[[str], Sequence[int]]
) -> list[float]:
    """How well the question names each one's document, the best 1: alike reports differ by a name and a date."""
    identities = {one.document: one.identity for one in candidates}
    named = {document: asked & set(stems(identity)) for document, identity in identities.items()}
    rarity = _rarity(list(named.values()))
    return _relative([sum(map(rarity, named[one.document])) for one in candidates])
