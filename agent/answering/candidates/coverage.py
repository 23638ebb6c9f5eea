"""How much of a question is there: the share of its words that each passage holds, and what of it nothing holds."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.answering.candidates.passages import Passage
from retrievers.search.names import names

CONTEXT_SHARE = 0.6  # what a question word counts that is in the passage's setting rather than in itself
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Lacking:
    """What of a question stands nowhere in what was found: `missing` of its `asked` words. `strangest` is how unlike
    the strangest of them is: 0 is there, 1 has nothing to do with any word there."""

    asked: int = 0
    missing: int = 0
    strangest: float = 0.0


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
    return passages, Lacking(len(asked), len(missing), max(_unlike([*missing.values()], found, dense), default=0.0))


def _unlike(words: Sequence[str], found: Sequence[Passage], dense: Any) -> list[float]:
    """Of each word, one less its cosine to the nearest word that was found."""
    there = sorted({word.lower() for one in found for text in (one.text, one.setting) for word in WORD.findall(text)})
    if not words or not there:
        return [1.0] * len(words)
    near = dense.embed_words([word.lower() for word in words]) @ dense.embed_words(there).T  # [words, there]
    return [float(1.0 - row.max()) for row in near]
