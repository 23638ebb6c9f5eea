"""Which modalities a request wants: a small network over sentence vectors and word patterns of its clauses. numpy only.

After SwitchGPT (Wang et al., 2023), which tunes a language model to recognise the modality an instruction wants; this
head does it in milliseconds. A request wants a modality if one of its clauses does (noisy or). Weights are made by
`python -m evals.switch_train`. "Read me ..." needs no head: it wants a voice whatever follows.
"""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.routers.clauses import clauses, spelled, words
from agent.routers.instructions import MODALITIES
from agent.routers.wordclasses import class_patterns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("switch_head.npz")
THRESHOLD = 0.5
SECOND = 0.8  # a clause asks for one thing as a rule: what else it seems to want counts for less
READ_ME = re.compile(r"(?:(?:please|then|also|now|just|kindly) )*read (?:me|us)\b", re.IGNORECASE)
SPOKEN = {str(name): float(name == "audio") for name in MODALITIES}


@dataclass(frozen=True)
class Reading:
    """A request as the head saw it: its clauses, each with the probability of every modality."""

    clauses: tuple[str, ...]
    shares: tuple[dict[str, float], ...]

    @property
    def modalities(self) -> frozenset[str]:
        """What the request wants; text if nothing else."""
        missing: dict[str, float] = dict.fromkeys(MODALITIES, 1.0)
        for shares in self.shares:
            best = max(shares.values())
            for name, share in shares.items():
                second = share < best and best >= THRESHOLD
                missing[name] *= 1.0 - share * (SECOND if second else 1.0)
        found = {name for name, rest in missing.items() if 1.0 - rest >= THRESHOLD}
        others = [name for name in missing if name != "text"]
        if not found and 1.0 - math.prod(missing[name] for name in others) >= THRESHOLD:
            found = {min(others, key=lambda name: missing[name])}  # something but words, though it is unclear what
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
            self._hidden: Floats = saved["hidden"].astype(np.float32)  # [features, hidden]
            self._output: Floats = saved["output"].astype(np.float32)  # [hidden + 1, modalities]
            self._vocabulary = Vocabulary(str(saved["patterns"]).split("\n"))

    def __call__(self, request: str) -> Reading:
        return self.read([request])[0]

    def read(self, requests: Sequence[str]) -> list[Reading]:
        """Several requests at once."""
        import numpy as np

        cut = [clauses(spelled(request)) for request in requests]
        hidden = np.maximum(features(self._embedder, cut, self._vocabulary) @ self._hidden, 0.0)
        shares = 1.0 / (1.0 + np.exp(-(hidden @ self._output[:-1] + self._output[-1])))
        names: tuple[str, ...] = MODALITIES
        named = [dict(zip(names, map(float, row), strict=True)) for row in shares]
        found, start = [], 0
        for parts in cut:
            own = zip(parts, named[start : start + len(parts)], strict=True)
            found.append(Reading(tuple(parts), tuple(SPOKEN if READ_ME.match(part) else one for part, one in own)))
            start += len(parts)
        return found


class Vocabulary:
    """Word patterns that count."""

    def __init__(self, kept: Sequence[str]) -> None:
        self.places = {pattern: place for place, pattern in enumerate(kept)}

    def rows(self, cut: Sequence[Sequence[str]]) -> "Floats":
        """[clauses of all requests, patterns + 1]: which patterns each clause has, and a constant."""
        import numpy as np

        found = [one for parts in cut for one in patterns(parts)]
        rows = np.zeros((len(found), len(self.places) + 1), np.float32)
        rows[:, -1] = 1.0
        for row, had in zip(rows, found, strict=True):
            row[[self.places[one] for one in had if one in self.places]] = 1.0
        return rows


def patterns(parts: Sequence[str]) -> list[set[str]]:
    """Of each clause of a request: its words and word classes, and the classes of the clauses beside it."""
    said = [words(part) for part in parts]
    classes = [class_patterns(one) for one in said]
    found = []
    for place, (part, one) in enumerate(zip(parts, said, strict=True)):
        before = _short(classes[place - 1]) if place else {"nothing"}
        after = _short(classes[place + 1]) if place + 1 < len(parts) else {"nothing"}
        own = {name for name in classes[place] if name.startswith("^")}
        beside = {f"{name} before {other}" for name in own for other in after}
        beside |= {f"{name} after {other}" for name in own for other in before}
        found.append(_word_patterns(one) | classes[place] | beside | ({"?"} if part.endswith("?") else set()))
    return found


def _word_patterns(said: Sequence[str]) -> set[str]:
    """Words, pairs of neighbours, and the first word with each later one."""
    pairs = {f"{left} {right}" for left, right in itertools.pairwise(["^", *said, "$"])}
    return {*said, *pairs, *(f"{said[0]}..{word}" for word in said[1:])}


def _short(classes: set[str]) -> set[str]:
    return {name for name in classes if name.startswith("^") or name in {"IT", "each", "sort"}}


def features(embedder: Any, cut: Sequence[Sequence[str]], vocabulary: Vocabulary) -> "Floats":
    """[clauses of all requests, features]: the clause's sentence vector, then its word patterns."""
    import numpy as np

    vectors = np.asarray(embedder.embed_texts([part for parts in cut for part in parts]), np.float32)
    return np.hstack([vectors, vocabulary.rows(cut)])
