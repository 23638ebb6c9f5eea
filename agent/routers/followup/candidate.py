"""A question as it might stand alone, and what speaks for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT = 4_000  # sentence vectors


@dataclass(frozen=True, slots=True)
class Candidate:
    text: str
    features: Mapping[str, float]

    def with_features(self, **more: float) -> "Candidate":
        return Candidate(self.text, {**self.features, **more})


@dataclass(frozen=True, slots=True)
class Edit:
    """Words in the place of others, and what speaks for that. `entity`: for which pronoun which thing was named."""

    start: int
    end: int
    text: str
    features: Mapping[str, float]
    entity: str = ""


def edited(text: str, edits: Sequence[Edit]) -> Candidate:
    """`text` with all of the edits, which must not overlap, and the sums of their features."""
    features: dict[str, float] = {}
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
        for name, value in edit.features.items():
            features[name] = features.get(name, 0.0) + value
    return Candidate(text, features)


def likeliest(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> str:
    """The text whose candidates, which may be several, are together likeliest under the fitted weights."""
    scores = [sum(weights.get(name, 0.0) * value for name, value in one.features.items()) for one in candidates]
    most = max(scores)
    sums: dict[str, float] = {}
    for one, score in zip(candidates, scores, strict=True):
        sums[one.text] = sums.get(one.text, 0.0) + math.exp(score - most)
    return max(sums, key=lambda text: sums[text])


def prefixed(name: str, features: Mapping[str, float]) -> dict[str, float]:
    """Features of one way to make a candidate, told apart from those of others."""
    return {name: 1.0, **{f"{name}_{key}": value for key, value in features.items() if value}}


def similarity(one: str, other: str) -> float:
    """The cosine of their sentence vectors."""
    return float(vector_of(one.lower()) @ vector_of(other.lower()))


@lru_cache(KEPT)
def vector_of(text: str) -> "NDArray[np.float32]":
    """The sentence vector [384]."""
    found: NDArray[np.float32] = embedders.load("minilm").embed_texts([text])[0]
    return found
