"""What the classifier learns from: examples as sparse features, and which n-grams are worth keeping."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.routers.classifier import OUTPUTS, tokens
from evals.wanted.grammar import Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

COMMON = 1500  # words that shapes show as themselves
KEPT = 16000  # n-grams
RARE = 4  # one met less often is left out


def labels_of(examples: Sequence[Example]) -> "Floats":
    """[examples, outputs], 0 or 1."""
    import numpy as np

    return np.array([[name in one.wants for name in OUTPUTS] for one in examples], np.float32)


def common_words(texts: Sequence[str], most: int = COMMON) -> frozenset[str]:
    """The `most` words, other than names of forms, that are in most texts."""
    counts = Counter(word for text in texts for word in {word for word, kinds in tokens(text) if not kinds})
    return frozenset(sorted(counts, key=lambda word: (-counts[word], word))[:most])


def telling(found: Sequence[set[str]], labels: "Floats", most: int = KEPT) -> dict[str, int]:
    """The `most` n-grams that say most of some output (chi squared, Yang & Pedersen, 1997), each with its place."""
    import numpy as np

    counts = Counter(gram for had in found for gram in had)
    places = {gram: place for place, gram in enumerate(sorted(gram for gram, count in counts.items() if count >= RARE))}
    rows = matrix(found, places)
    often, share = np.asarray(rows.sum(0)).ravel(), labels.mean(0)
    expected = np.outer(often, share)
    squares = (rows.T @ labels - expected) ** 2 / (expected + 1e-9) / (1 - share + 1e-9)
    best = sorted(np.argsort(-squares.max(1), kind="stable")[:most].tolist())
    names = list(places)
    return {names[place]: number for number, place in enumerate(best)}


def matrix(found: Sequence[Collection[str]], places: Mapping[str, int]) -> Any:
    """[texts, n-grams], sparse, 1 where the text has the n-gram."""
    import numpy as np
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    columns, ends = [], [0]
    for had in found:
        columns += sorted(places[gram] for gram in had if gram in places)
        ends.append(len(columns))
    return csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(found), len(places)))
