"""Which modalities a request wants: a linear head over sentence vectors and word patterns of its clauses. numpy only.

After SwitchGPT (Wang et al., 2023), which tunes a language model to recognise the modality an instruction wants; this
head does it in milliseconds. A request wants a modality if one of its clauses does (noisy or). Weights are made by
`python -m evals.switch_train`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.routers.clauses import clauses, spelled, words
from agent.routers.instructions import MODALITIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("switch_head.npz")
THRESHOLD = 0.5
VECTOR_SCALE = 2.0  # sentence vectors have length 1; word patterns count as 1 each


@dataclass(frozen=True)
class Reading:
    """A request as the head saw it: its clauses, each with the probability of every modality."""

    clauses: tuple[str, ...]
    shares: tuple[dict[str, float], ...]

    @property
    def modalities(self) -> frozenset[str]:
        """What the request wants; text if nothing else."""
        missing = {name: 1.0 for name in MODALITIES}
        for shares in self.shares:
            missing = {name: rest * (1.0 - shares[name]) for name, rest in missing.items()}
        found = {name for name, rest in missing.items() if 1.0 - rest >= THRESHOLD}
        return frozenset(found or {"text"})

    def clause_of(self, modality: str) -> int:
        """The clause that wants the modality most."""
        return max(range(len(self.clauses)), key=lambda place: self.shares[place][modality])


class ModalityHead:
    """`embedder` has `embed_texts`. The weights are read once."""

    def __init__(self, embedder: Any, path: Path = WEIGHTS) -> None:
        import numpy as np

        self._embedder = embedder
        with np.load(path, allow_pickle=False) as saved:
            self._weights: Floats = saved["weights"].astype(np.float32)  # [features, modalities]
            self._vocabulary = Vocabulary(str(saved["own"]).split("\n"), str(saved["rest"]).split("\n"))

    def __call__(self, request: str) -> Reading:
        return self.read([request])[0]

    def read(self, requests: Sequence[str]) -> list[Reading]:
        """Several requests at once."""
        import numpy as np

        cut = [clauses(spelled(request)) for request in requests]
        shares = 1.0 / (1.0 + np.exp(-(features(self._embedder, requests, cut, self._vocabulary) @ self._weights)))
        named = [dict(zip(MODALITIES, map(float, row), strict=True)) for row in shares]
        found, start = [], 0
        for parts in cut:
            found.append(Reading(tuple(parts), tuple(named[start : start + len(parts)])))
            start += len(parts)
        return found


class Vocabulary:
    """Word patterns that count: `own` in the clause itself, `rest` in the clauses beside it."""

    def __init__(self, own: Sequence[str], rest: Sequence[str]) -> None:
        self.own = {pattern: place for place, pattern in enumerate(own)}
        self.rest = {pattern: place for place, pattern in enumerate(rest)}

    def rows(self, parts: Sequence[str]) -> "Floats":
        """One row per clause of a request: own patterns, patterns beside it, and where it stands."""
        import numpy as np

        rows = np.zeros((len(parts), len(self.own) + len(self.rest) + 3), np.float32)
        found = [patterns(part) for part in parts]
        for place, own in enumerate(found):
            rows[place, [self.own[one] for one in own if one in self.own]] = 1.0
            beside = set().union(*(other for there, other in enumerate(found) if there != place))
            rows[place, [len(self.own) + self.rest[one] for one in beside if one in self.rest]] = 1.0
            rows[place, -3:] = (1.0, place > 0, place + 1 < len(parts))
        return rows


def patterns(clause: str) -> set[str]:
    """Words, pairs of neighbours, and the first word with each later one."""
    said = words(clause)
    padded = ["^", *said, "$"]
    pairs = {f"{left} {right}" for left, right in zip(padded, padded[1:], strict=False)}
    return {*said, *pairs, *(f"{said[0]}..{word}" for word in said[1:])}


def features(
    embedder: Any, requests: Sequence[str], cut: Sequence[Sequence[str]], vocabulary: Vocabulary
) -> "Floats":
    """[clauses, features]: vectors of the clause and of the whole request, then word patterns."""
    import numpy as np

    flat = [part for parts in cut for part in parts]
    own = np.asarray(embedder.embed_texts(flat), np.float32)
    whole = np.asarray(embedder.embed_texts([spelled(request) for request in requests]), np.float32)
    whole = np.repeat(whole, [len(parts) for parts in cut], axis=0)
    rows = np.vstack([vocabulary.rows(parts) for parts in cut])
    return np.hstack([own * VECTOR_SCALE, whole * VECTOR_SCALE, rows])
