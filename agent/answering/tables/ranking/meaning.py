"""How near in meaning words of a question are to names of fields: cosines of MiniLM's vectors, each text by itself."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from common.kept import Kept
from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT = 30_000  # vectors, 1.5 kB each
BULK = 512
_known: "Kept[str, NDArray[np.float32]]" = Kept(KEPT)


def similarities(words: Sequence[str], names: Sequence[str]) -> "NDArray[np.float32]":
    """Cosines [names, words]."""
    return _vectors(names) @ _vectors(words).T


def remember(texts: Iterable[str]) -> None:
    """Embed many texts at once, which costs much less than a few at a time."""
    every = sorted(set(texts), key=len)
    for start in range(0, len(every), BULK):
        _vectors(every[start : start + BULK])


def _vectors(texts: Sequence[str]) -> "NDArray[np.float32]":
    """Unit vectors [len(texts), 384]."""
    import numpy as np

    embedder = embedders.load("minilm")
    return np.stack(_known.of(texts, lambda new: [*embedder.embed_texts(new)]))
