"""Trains the switch head on our instruction set and writes its weights.

    python -m evals.switch_train [--seed N] [--epochs N] [--to FILE.npz]

Minutes on one core, most of it for sentence vectors. Knows nothing of the benchmarks.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.routers.clauses import clauses, spelled
from agent.routers.instructions import MODALITIES, Grammar, Instruction, written
from agent.routers.modalities import WEIGHTS, Vocabulary, patterns
from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.float32]

GROWN = 16_000  # requests of the grammar
WRITTEN = 3.0  # how much a written request counts against a grown one
WORDS = 4.0  # how much one for words alone counts: a conversion nobody asked for is worse than one left out
PATTERNS = 6000  # word patterns kept, most frequent first
RARE = 4  # a pattern met less often is left out
HIDDEN = 256
FORGET, DROP = 0.3, 0.5  # shares of patterns and of hidden units left out of a step
BATCH = 128  # requests
RATE = 2e-3


@dataclass(frozen=True)
class Material:
    """What is learned from: `wanted` [requests, modalities], `counts` [requests], and of the clauses of each request
    the sentence vectors [clauses, 384] and the places of their patterns in the vocabulary."""

    vocabulary: Vocabulary
    wanted: "Tensor"
    counts: "Tensor"
    vectors: "list[Tensor]"
    found: list[list[list[int]]]


def gathered(seed: int) -> Material:
    """Written and grown requests, cut into clauses and embedded."""
    import torch

    own = written()
    grown = random.Random(seed).sample(Grammar(seed).instructions(), GROWN)
    instructions = [*own, *grown]
    cut = [clauses(spelled(one.request)) for one in instructions]
    seen = [patterns(parts) for parts in cut]
    vocabulary = _vocabulary(seen, len(own))
    embedder: Any = embedders.load("minilm")
    vectors = torch.from_numpy(embedder.embed_texts([part for parts in cut for part in parts]))
    wanted = torch.tensor([[float(name in one.modalities) for name in MODALITIES] for one in instructions])
    return Material(
        vocabulary,
        wanted,
        torch.tensor([_count(one, place < len(own)) for place, one in enumerate(instructions)]),
        list(vectors.split([len(parts) for parts in cut])),
        [[[vocabulary.places[one] for one in had if one in vocabulary.places] for had in parts] for parts in seen],
    )


def _vocabulary(seen: Sequence[Sequence[set[str]]], own: int) -> Vocabulary:
    counts: Counter[str] = Counter()
    for place, parts in enumerate(seen):
        for had in parts:
            counts.update(dict.fromkeys(had, int(WRITTEN) if place < own else 1))
    return Vocabulary([pattern for pattern, count in counts.most_common(PATTERNS) if count >= RARE])


def _count(one: Instruction, own: bool) -> float:
    return (WRITTEN if own else 1.0) * (WORDS if one.modalities <= {"text"} else 1.0)


def fit(material: Material, epochs: int, seed: int) -> "tuple[Floats, Floats]":
    """Weights of both layers, [features, hidden] and [hidden + 1, modalities], by AdamW on the noisy or of clauses."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    size = len(material.vocabulary.places)
    table = nn.EmbeddingBag(size, HIDDEN, mode="sum")
    nn.init.normal_(table.weight, std=0.05)
    dense, out = nn.Linear(material.vectors[0].shape[1], HIDDEN), nn.Linear(HIDDEN, len(MODALITIES))
    every = [weight for layer in (table, dense, out) for weight in layer.parameters()]
    optimizer = torch.optim.AdamW(every, lr=RATE, weight_decay=1e-5)
    batches = len(material.wanted) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * batches)
    for epoch in range(epochs):
        total = 0.0
        for picked in torch.randperm(len(material.wanted))[: batches * BATCH].split(BATCH):
            vectors, ids, starts, owner = _batch(material, picked.tolist())
            hidden = nn.functional.dropout(torch.relu(table(ids, starts) + dense(vectors)), DROP)
            shares = torch.sigmoid(out(hidden).clamp(-12, 12))  # [clauses, modalities]
            missing = torch.zeros(BATCH, len(MODALITIES)).index_add(0, owner, torch.log(1.0 - shares + 1e-7))
            whole = (1.0 - torch.exp(missing)).clamp(1e-5, 1 - 1e-5)  # [requests, modalities]
            error = nn.functional.binary_cross_entropy(whole, material.wanted[picked], reduction="none").sum(1)
            loss = (error * material.counts[picked]).sum() / material.counts.mean() / BATCH
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / batches:.3f}")
    first = torch.cat([dense.weight.T, table.weight, dense.bias[None]])
    second = torch.cat([out.weight.T, out.bias[None]])
    return first.detach().numpy(), second.detach().numpy()


def _batch(material: Material, picked: Sequence[int]) -> "tuple[Tensor, Tensor, Tensor, Tensor]":
    """Of the requests' clauses: vectors, places of patterns (some left out), where each clause begins, whose it is."""
    import torch

    ids: list[int] = []
    starts, owner = [], []
    for row, place in enumerate(picked):
        for had in material.found[place]:
            starts.append(len(ids))
            owner.append(row)
            ids += [one for one, kept in zip(had, torch.rand(len(had)) >= FORGET, strict=True) if kept]
    return (
        torch.cat([material.vectors[place] for place in picked]),
        torch.tensor(ids, dtype=torch.long),
        torch.tensor(starts),
        torch.tensor(owner),
    )


def main() -> None:
    import numpy as np

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--to", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    material = gathered(arguments.seed)
    print(f"{len(material.wanted)} requests, {len(material.vocabulary.places)} patterns")
    first, second = fit(material, arguments.epochs, arguments.seed)
    kept = "\n".join(material.vocabulary.places)
    np.savez_compressed(arguments.to, hidden=first.astype(np.float16), output=second.astype(np.float16), patterns=kept)


if __name__ == "__main__":
    main()
