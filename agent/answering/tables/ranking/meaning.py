"""How near in meaning words of a question are to names of fields: cosines of MiniLM's vectors, each text by itself."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT = 30_000  # vectors, 1.5 kB each
BULK = 512


def similarities(words: Sequence[str], names: Sequence[str]) -> "NDArray[np.float32]":
    """Cosines [names, words]."""
    vectors = _vectors()
    return vectors.of(names) @ vectors.of(words).T


def remember(texts: Iterable[str]) -> None:
    """Embed many texts at once, which costs much less than a few at a time."""
    every, vectors = sorted(set(texts), key=len), _vectors()
    for start in range(0, len(every), BULK):
        vectors.of(every[start : start + BULK])


class _Vectors:
    """Vectors of short texts, remembered."""

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def of(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors [len(texts), 384]."""
        import numpy as np

        if len(self._known) > KEPT:
            self._known.clear()
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(new, self._embedder.embed_texts(new), strict=True))
        return np.stack([self._known[text] for text in texts])


@cache
def _vectors() -> _Vectors:
    return _Vectors(embedders.load("minilm"))
