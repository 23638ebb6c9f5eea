"""Whether a request wants what is written of something ("Tell me about ...", "Summarise the report"), and of what.

A logistic regression over the sentence vector and n-grams of words. What such a request is about are its words but for
those that ask in the patterns of which it was learned. `triptych fit overview` makes the weights.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.lexicon import LETTERS
from agent.routers.classifier import grams, own_words
from common.logistic import sigmoid
from retrievers.search.query_references import REFERENCE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FITTED = Path(__file__).with_name("overview.json")
THRESHOLD = 0.4
# How "Figure 7" is read: of whatever has a number an overview is wanted in the same words. What is named so is likelier
# to be what the request wants as a whole than a topic is.
NAMED, NAMED_THRESHOLD = "chapter 2", 0.25


@dataclass(frozen=True)
class Weights:
    """`vector` [384] weighs the sentence vector, `grams` each n-gram a request has, shared among them by the root of
    their number. `common` are the words that n-grams show as themselves, `asking` those that only ask."""

    common: frozenset[str]
    asking: frozenset[str]
    grams: dict[str, float]
    vector: tuple[float, ...]
    bias: float

    @classmethod
    def load(cls, path: Path) -> "Weights":
        saved = json.loads(path.read_text(encoding="utf-8"))
        common, asking = (frozenset(saved[name]) for name in ("common", "asking"))
        return cls(common, asking, saved["grams"], tuple(saved["vector"]), saved["bias"])

    def share(self, request: str, vector: "Floats") -> float:
        """The probability that the request wants an overview; `vector` [384] is its sentence vector."""
        import numpy as np

        had = [gram for gram in grams(request, self.common) if gram in self.grams]
        told = sum(map(self.grams.__getitem__, had)) / max(1, len(had)) ** 0.5
        return sigmoid(float(np.dot(vector, self.vector)) + told + self.bias)


class OverviewReader:
    """`embedder` has `embed_texts`, as `retrievers.embedders.load("minilm")` does. The weights are read once."""

    def __init__(self, embedder: Any, path: Path = FITTED) -> None:
        self._embedder, self._path = embedder, path

    def topic(self, request: str) -> str | None:
        """What the request wants an overview of, "" where no word says it ("Summarise it"); None where it wants
        something else."""
        own = own_words(request)
        read, named = REFERENCE.subn(NAMED, own)
        least = NAMED_THRESHOLD if named else THRESHOLD
        if self._weights.share(read, self._embedder.embed_texts([read])[0]) < least:
            return None
        words = LETTERS.findall(REFERENCE.sub("", own))
        return " ".join(word for word in words if word.lower() not in self._weights.asking)

    @cached_property
    def _weights(self) -> Weights:
        return Weights.load(self._path)
