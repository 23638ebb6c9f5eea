"""Fits the classifier's network to requests, whole and in parts at once.

Which part of a request wants what is not known, only what the request wants: a part is taken for the one that wants a
form if it reads most like it (multiple instances, Andrews et al., 2003). N-grams are dropped at random, so that words
never met before are expected.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.routers.classifier import SCALE, Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.float32]

NETWORKS, HIDDEN, BATCH, RATE, DECAY, EPOCHS = 3, 64, 128, 3e-3, 1e-6, 10
FORGET, FORGOTTEN = 0.2, 0.3  # shares of the hidden units, and of the n-grams, that are dropped at a time
LOW = -1e9


@dataclass(frozen=True)
class Material:
    """Texts of all requests, one request after the other, each whole and then its parts."""

    starts: Sequence[int]  # of every request, and the end
    grams: Sequence["NDArray[np.int64]"]  # of every text, as rows
    vectors: "Floats"  # [texts, 384]

    @classmethod
    def of(cls, found: Sequence[Sequence[Collection[str]]], vectors: "Floats", places: Mapping[str, int]) -> "Material":
        """`found`: the n-grams of each text of each request."""
        import numpy as np

        texts = [had for group in found for had in group]
        rows = [np.array(sorted(places[gram] for gram in had if gram in places), np.int64) for had in texts]
        return cls(np.cumsum([0, *map(len, found)]).tolist(), rows, vectors)


def fit(
    material: Material, labels: "Floats", counts: "Floats", common: frozenset[str], places: dict[str, int], seed: int
) -> Network:
    """The mean of several that start from different weights, side by side in one.

    `labels` [requests, outputs]; `counts` [requests] is how much each weighs.
    """
    import numpy as np

    models = [_fitted(material, labels, counts, len(places), NETWORKS * seed + one) for one in range(NETWORKS)]
    hidden = np.hstack([model.hidden() for model in models])
    output = np.vstack([model.output_weights() / NETWORKS for model in models])
    bias, join = (np.mean(values, 0) for values in zip(*(model.bias_and_join() for model in models), strict=True))
    return Network(common, places, half(hidden), half(np.vstack([output, bias])), half(join))


def half(values: "Floats") -> "Floats":
    """As they are saved."""
    import numpy as np

    return values.astype(np.float16).astype(np.float32)


def _fitted(material: Material, labels: "Floats", counts: "Floats", grams: int, seed: int) -> "_Model":
    import numpy as np
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    model = _Model(grams, labels.shape[1], material.vectors.shape[1])
    total = EPOCHS * -(-len(labels) // BATCH)
    adam = torch.optim.Adam(model.module.parameters(), lr=RATE, weight_decay=DECAY)
    pace = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=total, pct_start=0.1)
    for _ in range(EPOCHS):
        for rows in np.array_split(draw.permutation(len(labels)), total // EPOCHS):
            scores = model.scores(material, rows, draw)
            losses = binary_cross_entropy_with_logits(scores, torch.tensor(labels[rows]), reduction="none")
            loss = (losses.sum(1) * torch.tensor(counts[rows])).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            pace.step()
    return model


class _Model:
    """The network's parameters in torch; `Network` computes the same."""

    def __init__(self, grams: int, outputs: int, width: int) -> None:
        import torch
        from torch import nn

        self.module = nn.Module()
        self.grams = self.module.grams = nn.EmbeddingBag(grams, HIDDEN, mode="sum")
        nn.init.normal_(self.grams.weight, 0.0, 0.05)
        self.vector = self.module.vector = nn.Linear(width, HIDDEN, bias=False)
        self.bias = self.module.bias = nn.Parameter(torch.zeros(2, HIDDEN))
        self.output = self.module.output = nn.Linear(HIDDEN, outputs)
        self.join = self.module.join = nn.Parameter(torch.tensor([[0.5, 0.5, 0.0]] * outputs))

    def scores(self, material: Material, requests: "NDArray[np.int64]", draw: "np.random.Generator") -> "Tensor":
        """[requests, outputs], log-odds, with n-grams and hidden units dropped."""
        import numpy as np
        import torch
        from torch.nn.functional import dropout

        spans = [range(material.starts[one], material.starts[one + 1]) for one in requests]
        texts = [text for span in spans for text in span]
        kept = [had[draw.random(len(had)) >= FORGOTTEN] for had in (material.grams[text] for text in texts)]
        sizes = np.array([len(had) for had in kept])
        weights = torch.tensor(np.repeat(SCALE / np.sqrt(np.maximum(1, sizes)), sizes), dtype=torch.float32)
        starts = torch.tensor(np.cumsum(sizes) - sizes)
        apart = torch.tensor([place > 0 for span in spans for place in range(len(span))])
        bags = self.grams(torch.tensor(np.concatenate(kept)), starts, per_sample_weights=weights)
        inner = bags + self.vector(torch.tensor(material.vectors[texts])) + self.bias[apart.long()]
        scores = self.output(dropout(torch.relu(inner), FORGET))
        owner = torch.repeat_interleave(torch.tensor([len(span) for span in spans]))
        return self._joined(scores[~apart], scores[apart], owner[apart])

    def _joined(self, whole: "Tensor", parts: "Tensor", owner: "Tensor") -> "Tensor":
        """`whole` [requests, outputs], `parts` [parts, outputs], `owner` [parts]: the request of each part."""
        import torch

        low = torch.full(whole.shape, LOW)
        best = low.scatter_reduce(0, owner[:, None].expand(-1, whole.shape[1]), parts, "amax")
        many = self.join[:, 0] * whole + self.join[:, 1] * best + self.join[:, 2]
        return torch.where(best > LOW, many, whole)

    def hidden(self) -> "Floats":
        import numpy as np

        return np.vstack([_plain(one) for one in (self.vector.weight.T, self.grams.weight, self.bias)])

    def output_weights(self) -> "Floats":
        return _plain(self.output.weight.T)

    def bias_and_join(self) -> "tuple[Floats, Floats]":
        return _plain(self.output.bias), _plain(self.join)


def _plain(tensor: "Tensor") -> "Floats":
    import numpy as np

    return tensor.detach().numpy().astype(np.float32)
