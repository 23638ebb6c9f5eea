"""Trains the switch head on our instruction set and writes its weights.

    python -m evals.switch_train [--seed N] [--steps N] [--to FILE.npz]

Minutes on one core, most of it for sentence vectors. Knows nothing of the benchmark.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.routers.clauses import clauses, spelled
from agent.routers.instructions import MODALITIES, Grammar, Instruction
from agent.routers.modalities import WEIGHTS, Vocabulary, features, patterns
from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PATTERNS = 6000  # word patterns kept, most frequent first
RARE = 8  # a pattern met less often is left out
DECAY = 2e-4
RATE = 0.02


def vocabulary_of(cut: Sequence[Sequence[str]]) -> Vocabulary:
    counts = Counter(pattern for parts in cut for found in patterns(parts) for pattern in found)
    return Vocabulary([pattern for pattern, count in counts.most_common(PATTERNS) if count >= RARE])


def fit(rows: "Floats", sizes: Sequence[int], wanted: "Floats", steps: int) -> "Floats":
    """Weights [features, modalities] of the noisy or over each request's clauses, by Adam.

    `rows` [clauses, features], `sizes` clauses per request, `wanted` [requests, modalities].
    """
    import numpy as np

    starts = np.cumsum([0, *sizes[:-1]])
    weights = np.zeros((rows.shape[1], wanted.shape[1]), np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        shares = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -15, 15)))  # [clauses, modalities]
        whole = 1.0 - np.exp(np.add.reduceat(np.log(1.0 - shares + 1e-7), starts))  # [requests, modalities]
        pull = (wanted - whole) / np.maximum(whole, 1e-4)
        slope = shares * np.repeat(pull, sizes, axis=0)
        gradient = -(rows.T @ slope) / len(sizes) + DECAY * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        rate = RATE * min(1.0, 2.0 * (1.0 - step / steps) + 0.05)
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        if step % 20 == 0:
            chosen = (whole >= 0.5) == (wanted > 0.5)
            print(f"step {step}: {chosen.all(axis=1).mean():.3f} of the training requests right")
    return weights


def targets(instructions: Sequence[Instruction]) -> "Floats":
    import numpy as np

    return np.array([[name in one.modalities for name in MODALITIES] for one in instructions], np.float32)


def main() -> None:
    import numpy as np

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--to", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    instructions = Grammar(arguments.seed).instructions()
    cut = [clauses(spelled(one.request)) for one in instructions]
    vocabulary = vocabulary_of(cut)
    embedder: Any = embedders.load("minilm")
    rows = features(embedder, cut, vocabulary)
    print(f"{len(instructions)} requests, {len(rows)} clauses, {rows.shape[1]} features")
    weights = fit(rows, [len(parts) for parts in cut], targets(instructions), arguments.steps)
    kept = "\n".join(vocabulary.places)
    np.savez_compressed(arguments.to, weights=weights.astype(np.float16), patterns=kept)


if __name__ == "__main__":
    main()
