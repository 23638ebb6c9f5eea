"""How much of a question is there: the share of its words that each passage holds, and what of it nothing holds."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from agent.answering.candidates.passages import Passage
from retrievers.search.names import WORD, names

CONTEXT_SHARE = 0.6  # what a question word counts that is in the passage's setting rather than in itself


@dataclass(frozen=True)
class Lacking:
    """What of a question stands nowhere in what was found: `missing` of its `asked` words.

    `strangest` is how unlike the strangest of them is: 0 is there, 1 has nothing to do with any word there. `rival` is
    how like one of them another is that stands in its place: "north" in "the north tower" where the west one was asked
    for, 7 in "pier 7" where it was pier 9; 1 is as like as can be, 0 if there is none.
    """

    asked: int = 0
    missing: int = 0
    strangest: float = 0.0
    rival: float = 0.0


def weighed(question: str, found: Sequence[Passage], lexical: Any, dense: Any) -> tuple[list[Passage], Lacking]:
    """`found` with how much of the question's words and names each holds, and what none does; a word weighs its IDF
    here. `lexical` has `asked_stems`, `dense` has `embed_words`."""
    asked, stems = lexical.asked_stems(question)
    named = asked & {*stems(" ".join(names(question)))}
    own = [asked.intersection(stems(passage.text)) for passage in found]
    around = [asked.intersection(stems(passage.setting)) - mine for passage, mine in zip(found, own, strict=True)]
    counts = Counter(stem for mine, near in zip(own, around, strict=True) for stem in mine | near)
    weights = {stem: math.log(1 + len(found) / (1 + counts[stem])) for stem in asked}
    total = sum(weights.values()) or 1.0
    passages = [
        replace(
            passage,
            covered=(sum(weights[stem] for stem in mine) + CONTEXT_SHARE * sum(weights[stem] for stem in near)) / total,
            unnamed=len(named - mine - near) / len(named) if named else 0.0,
        )
        for passage, mine, near in zip(found, own, around, strict=True)
    ]
    nowhere = asked - counts.keys()
    missing = {stem: word for word in WORD.findall(question) for stem in stems(word) if stem in nowhere}
    texts = [WORD.findall(text.lower()) for one in found for text in (one.text, one.setting)]
    there = frozenset(word for text in texts for word in text)
    strangest = max(_unlike([*missing.values()], sorted(there), dense), default=0.0)
    told = frozenset(word for word in WORD.findall(question.lower()) if asked.intersection(stems(word)))
    return passages, Lacking(len(asked), len(missing), strangest, _rival(question, told, there, texts, dense))


def _unlike(words: Sequence[str], there: Sequence[str], dense: Any) -> list[float]:
    """Of each word, one less its cosine to the nearest word that is there."""
    if not words or not there:
        return [1.0] * len(words)
    near = dense.embed_words([word.lower() for word in words]) @ dense.embed_words(there).T  # [words, there]
    return [float(1.0 - row.max()) for row in near]


def _rival(
    question: str, told: frozenset[str], there: frozenset[str], texts: Sequence[Sequence[str]], dense: Any
) -> float:
    """See `Lacking`. `told`: the words of the question that say something; `there`: all words of the texts."""
    words = WORD.findall(question.lower())
    beside = [(1, *pair) for pair in pairwise(words)] + [(-1, *pair) for pair in pairwise(reversed(words))]
    found = [0.0]
    for side, head, word in beside:
        tells = word in told or len(word) == 1 or word.isdigit()
        if tells and word not in there and head in told & there:
            found += _likeness(word, _beside(head, side, texts), dense)
    return max(found)


def _beside(head: str, side: int, texts: Sequence[Sequence[str]]) -> list[str]:
    """The words of the texts next to a word: before it, `side` -1, or behind it, 1."""
    pairs = (pair for text in texts for pair in (pairwise(text) if side > 0 else pairwise(reversed(text))))
    return sorted({other for one, other in pairs if one == head})


def _likeness(word: str, others: Sequence[str], dense: Any) -> list[float]:
    """Of each of the others: one if both are numbers or letters, else the cosine."""
    if word.isdigit() or len(word) == 1:
        return [float(one.isdigit() == word.isdigit() and (one.isdigit() or len(one) == 1)) for one in others]
    if not others:
        return []
    return [float(one) for one in (dense.embed_words([word]) @ dense.embed_words(others).T)[0]]
