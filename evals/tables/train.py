"""Training of the ranker: the mass of all programs that give the gold answer is made large among all programs.

Weak supervision as in Pasupat and Liang (2015): no question says which program is meant. Programs that give the gold
answer by accident share the mass at first; phrases and features that hold for many questions sort them out.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from agent.answering.tables.programs.program import OPERATIONS
from agent.answering.tables.ranking.field_features import KINDS, OF_FIELD
from agent.answering.tables.ranking.ranker import FIRST, INPUTS, KIND, LEXICAL, Network, Ranker, inputs
from evals.tables.examples import Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.float32]

PHRASES = 16_000  # most frequent ones kept
RARE = 4  # a phrase of fewer questions is left out
GIST = 24  # numbers that the question's phrases give to the network
HIDDEN = 64
OPERATION = 16  # numbers that stand for an operation
BATCH = 24
FORGET = 0.15  # share of hidden units left out of a step
RATES = 5e-3, 3e-3  # of the phrases' weights and of the network's
DECAY = 0.03
LESSER = {"wtq": 1.0, "tatqa": 3.0, "made": 1.0}  # how often a question is seen: of a smaller collection more often


def train(
    found: Sequence[Example],
    epochs: int,
    seed: int,
    say: Callable[[str], None],
    weights: dict[str, float] | None = None,
    networks: int = 1,
) -> Ranker:
    """A ranker without calibration. `weights`: how often the questions of a collection are seen in an epoch;
    `networks`: how many are trained, each from another beginning, to be asked together."""
    import numpy as np

    counts = Counter(one for example in found for one in example.phrases)
    known = sorted(one for one, count in counts.most_common(PHRASES) if count >= RARE)
    places = {one: place for place, one in enumerate(known)}
    often = weights or LESSER
    trained = tuple(_trained(found, epochs, seed + number, say, often, places) for number in range(networks))
    return Ranker(np.array(known, np.uint32), trained, np.zeros(1, np.float32))


def _trained(
    found: Sequence[Example],
    epochs: int,
    seed: int,
    say: Callable[[str], None],
    often: dict[str, float],
    places: dict[int, int],
) -> Network:
    import torch

    torch.manual_seed(seed)
    chance = random.Random(seed)
    network = _Torch(len(places))
    seen = [one for one in found for _ in range(round(often[one.asked.collection]))]
    steps = epochs * (len(seen) // BATCH)
    lexical = [network.lexical.weight]
    rest = [one for name, one in network.module.named_parameters() if name != "lexical.weight"]
    optimizer = torch.optim.AdamW(
        [{"params": lexical, "weight_decay": DECAY}, {"params": rest, "weight_decay": DECAY / 10}]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, list(RATES), total_steps=steps + 1)
    for epoch in range(epochs):
        chance.shuffle(seen)
        network.module.train()
        total = 0.0
        for start in range(0, len(seen) - BATCH + 1, BATCH):
            loss = network.loss(seen[start : start + BATCH], places)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.module.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        say(f"epoch {epoch + 1} of {epochs}: loss {total / max(len(seen) // BATCH, 1):.3f}")
    return network.plain()


class _Torch:
    """The parameters of a `Network` in torch, whose `scores` computes the same."""

    def __init__(self, phrases: int) -> None:
        import torch
        from torch import nn

        self.unknown = phrases
        self.module = nn.Module()
        self.lexical = nn.EmbeddingBag(phrases + 1, LEXICAL + GIST, mode="sum", padding_idx=phrases)
        nn.init.zeros_(self.lexical.weight)
        with torch.no_grad():
            self.lexical.weight[:phrases, LEXICAL:].normal_(std=0.02)
        self.operations = nn.Embedding(len(OPERATIONS), OPERATION)
        sizes = (INPUTS + OPERATION + GIST, HIDDEN, HIDDEN, 1)
        self.layers = nn.ModuleList(nn.Linear(one, other) for one, other in pairwise(sizes))
        self.module.lexical, self.module.operations, self.module.layers = self.lexical, self.operations, self.layers
        self.forget = nn.Dropout(FORGET)
        self.module.forget = self.forget

    def loss(self, batch: Sequence[Example], places: dict[int, int]) -> "Tensor":
        """Mean of -log(mass of right programs / mass of all) over the batch."""
        import numpy as np
        import torch

        x = torch.from_numpy(np.concatenate([inputs(view) for one in batch for view in one.views]))  # [N, INPUTS]
        operation = torch.from_numpy(np.concatenate([view.places[:, 0] for one in batch for view in one.views])).long()
        right = torch.from_numpy(np.concatenate([one.right for one in batch]))
        owner = torch.repeat_interleave(torch.tensor([len(one.right) for one in batch]))  # [N]
        scores = self._scores(self._phrases(batch, places), x, operation, owner)
        every = _mass(scores, owner, len(batch))
        return (every - _mass(scores.masked_fill(~right, -1e9), owner, len(batch))).mean()

    def _phrases(self, batch: Sequence[Example], places: dict[int, int]) -> "Tensor":
        import torch

        rows = [[places[one] for one in example.phrases if one in places] for example in batch]
        width = max(1, *map(len, rows))
        return torch.tensor([row + [self.unknown] * (width - len(row)) for row in rows])

    def _scores(self, phrases: "Tensor", x: "Tensor", operation: "Tensor", owner: "Tensor") -> "Tensor":
        import torch

        own = self.lexical(phrases)[owner]  # [N, LEXICAL + GIST]
        at, kinds = len(OPERATIONS), len(KINDS)
        said = own.gather(1, operation[:, None])[:, 0]
        said = said + (own[:, at : at + kinds] * x[:, KIND : KIND + kinds]).sum(1)
        by = slice(KIND + OF_FIELD, KIND + OF_FIELD + kinds)
        said = said + (own[:, at + kinds : at + 2 * kinds] * x[:, by]).sum(1)
        said = said + own[:, at + 2 * kinds] * x[:, FIRST] + own[:, at + 2 * kinds + 1] * x[:, FIRST + OF_FIELD]
        hidden = torch.cat([x, self.operations(operation), torch.tanh(own[:, LEXICAL:])], 1)
        hidden = self.forget(torch.relu(self.layers[0](hidden)))
        hidden = self.forget(torch.relu(self.layers[1](hidden)))
        return torch.as_tensor(said + self.layers[2](hidden)[:, 0])

    def plain(self) -> Network:
        import numpy as np

        def plain(tensor: "Tensor") -> "Floats":
            return tensor.detach().numpy().astype(np.float32)

        layers = tuple((plain(one.weight), plain(one.bias)) for one in self.layers)  # type: ignore[arg-type]
        return Network(plain(self.lexical.weight)[:-1], plain(self.operations.weight), layers)


def _mass(scores: "Tensor", owner: "Tensor", questions: int) -> "Tensor":
    """The logarithm of each question's mass [questions]."""
    import torch

    high = torch.full((questions,), -1e9).scatter_reduce(0, owner, scores.detach(), "amax")
    total = torch.zeros(questions).index_add(0, owner, torch.exp(scores - high[owner]))
    return high + torch.log(total + 1e-30)
