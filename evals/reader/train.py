"""Trains the reader's network on groups of passages.

The loss of a group has two parts, each for the first and for the last token of the answer. In every passage by itself:
the right token, or [CLS] where the answer is not. Over all passages of the question together, each token's score less
its passage's [CLS]: the right token (shared normalisation, Clark & Gardner, 2018, arXiv 1710.10723), which is what
makes scores of different passages comparable.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.answering.reader.inputs import Encoder, Pair
from agent.answering.reader.network import Network
from evals.reader.groups import Group, Labelled
from retrievers import embedders

if TYPE_CHECKING:
    from torch import Tensor

NEGATIVES = 4  # passages without the answer that are read for a question in a step
LONGEST = 160  # tokens; a longer passage teaches nothing that a shorter one does not, and costs more
PACKED = 0.6  # share of the questions whose passages are read several at once
PACK = 400  # characters
STEP_TOKENS = 1500
BUCKETS = 2  # forward passes of a step, each of passages of like length
RATE, HEAD_RATE = 2.5e-4, 1e-3
WARM_UP = 40  # steps; from then on the rates stay
TOLD = 50  # steps
TAIL, APART = 0.2, 25  # what is kept is the mean of the weights at every 25th of the last steps


@dataclass(frozen=True)
class Target:
    """`first` and `last` are rows of the logits; 0 is "not here". `group` is its question's place in the step."""

    group: int
    first: int
    last: int


def fresh() -> Network:
    """A network with the layers of MiniLM, in float32."""
    network = Network(embedders.load("minilm").network)
    network.begin()
    return network


class Mix:
    """An endless stream of groups, drawn from several by their `weights`."""

    def __init__(self, streams: Mapping[str, Iterator[Group]], seed: int) -> None:
        self._streams = streams
        self._draw = random.Random(seed)

    def next(self, weights: Mapping[str, float]) -> Group:
        names = [name for name in weights if name in self._streams]
        return next(self._streams[self._draw.choices(names, [weights[name] for name in names])[0]])


def shuffled(groups: Sequence[Group], seed: int) -> Iterator[Group]:
    """Without end; every group once before any comes again."""
    draw = random.Random(seed)
    while groups:
        yield from draw.sample(groups, len(groups))


def train(
    network: Network,
    mix: Mix,
    weights: Mapping[str, float],
    steps: int,
    seed: int,
    told: Callable[[str], None],
    every: Callable[[int], None],
) -> None:
    """`weights` are those of the mix's streams; `told` is told of the progress; `every` is called after each step.

    At the end the network has the mean of its last weights, which does what a falling rate does (Izmailov et al., 2018,
    arXiv 1803.05407).
    """
    import torch

    torch.manual_seed(seed)
    draw, encoder = random.Random(seed), Encoder()
    low = list(network.upper.parameters())
    high = [*network.types.parameters(), *network.head.parameters()]
    rates = [{"params": low, "lr": RATE}, {"params": high, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(rates, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / WARM_UP))
    mean, total, started = Mean(), 0.0, time.process_time()
    for step in range(1, steps + 1):
        loss = _loss(network, *_step(mix, weights, encoder, draw))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*low, *high], 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step > (1 - TAIL) * steps and (steps - step) % APART == 0:
            mean.add(network.parts())
        if step % TOLD == 0:
            told(f"step {step}: loss {total / TOLD:.3f}, {time.process_time() - started:.0f} CPU s")
            total = 0.0
        every(step)
    mean.give(network.parts())


class Mean:
    """Of weights by name."""

    def __init__(self) -> None:
        self._count = 0
        self._sums: dict[str, Tensor] = {}

    def add(self, parts: "Mapping[str, Tensor]") -> None:
        self._count += 1
        for name, weight in parts.items():
            self._sums[name] = self._sums.get(name, 0) + weight.detach().float()

    def give(self, parts: "Mapping[str, Tensor]") -> None:
        """Write it into `parts`."""
        for name, weight in parts.items():
            weight.copy_(self._sums[name] / self._count)


def _step(
    mix: Mix, weights: Mapping[str, float], encoder: Encoder, draw: random.Random
) -> tuple[list[Pair], list[Target]]:
    pairs: list[Pair] = []
    targets: list[Target] = []
    tokens = number = 0
    while tokens < STEP_TOKENS:
        group = mix.next(weights)
        read = _sampled(group, draw)
        windows = encoder.pairs(group.question, [one.text for one in read], [one.setting for one in read])
        for one, some in zip(read, windows, strict=True):
            target = _target(number, one, some)
            if target:
                pairs.append(some[0])
                targets.append(target)
                tokens += len(some[0])
        number += 1
    return pairs, targets


def _sampled(group: Group, draw: random.Random) -> list[Labelled]:
    """One passage with the answer, and some without; one in eight times none with it. Half the times several are read
    as one, which costs less: the question and the setting are read once."""
    held = [one for one in group.passages if one.answer]
    others = [one for one in group.passages if not one.answer]
    kept = [draw.choice(held)] if held and (not others or draw.random() > 0.125) else []
    packed = draw.random() < PACKED
    picked = [*kept, *draw.sample(others, min(len(others), 2 * NEGATIVES if packed else NEGATIVES))]
    if packed:
        draw.shuffle(picked)
        picked = list(_packed(picked))
    return [Labelled(one.text, one.setting if draw.random() > 0.4 else "", one.answer) for one in picked]


def _packed(passages: Sequence[Labelled]) -> Iterator[Labelled]:
    """Joined in their order, as many as make about `PACK` characters; the setting is that of the first."""
    text, setting, answer = "", "", None
    for one in passages:
        if text and len(text) + len(one.text) > PACK:
            yield Labelled(text, setting, answer)
            text, answer = "", None
        if not text:
            setting = one.setting
        start = len(text) + bool(text)
        text = f"{text} {one.text}" if text else one.text
        if one.answer:
            answer = (start + one.answer[0], start + one.answer[1])
    yield Labelled(text, setting, answer)


def _target(group: int, one: Labelled, windows: Sequence[Pair]) -> Target | None:
    """None for a passage that is too long, or whose answer begins or ends inside a word."""
    if len(windows) != 1 or len(windows[0]) > LONGEST:
        return None
    if one.answer is None:
        return Target(group, 0, 0)
    start, end = one.answer
    firsts = [place for place, char in enumerate(windows[0].starts, 1) if char == start]
    lasts = [place for place, char in enumerate(windows[0].ends, 1) if char == end]
    return Target(group, firsts[0], lasts[-1]) if firsts and lasts else None


def _loss(network: Network, pairs: Sequence[Pair], targets: Sequence[Target]) -> "Tensor":
    import torch

    logits = _logits(network, pairs)
    positives, negatives = [], []
    spread: dict[int, list[Tensor]] = {}
    right: dict[int, tuple[int, int]] = {}
    for rows, target in zip(logits, targets, strict=True):
        chances = torch.log_softmax(rows, 0)  # [1 + N, 2]
        (positives if target.first else negatives).append(-(chances[target.first, 0] + chances[target.last, 1]))
        before = sum(len(one) for one in spread.get(target.group, []))
        spread.setdefault(target.group, []).append(rows[1:] - rows[:1])
        if target.first:
            right[target.group] = (before + target.first - 1, before + target.last - 1)
    loss = sum((torch.stack(some).mean() for some in (positives, negatives) if some), torch.zeros(()))
    shared = []
    for group, (first, last) in right.items():
        chances = torch.log_softmax(torch.cat(spread[group]), 0)
        shared.append(-(chances[first, 0] + chances[last, 1]))
    return loss + torch.stack(shared).mean() if shared else loss


def _logits(network: Network, pairs: Sequence[Pair]) -> "list[Tensor]":
    """As `network` gives them, by passages of like length, in the precision that this processor is fast in."""
    import torch

    from retrievers.embedders.minilm import multiplies_bfloat16

    order = sorted(range(len(pairs)), key=lambda place: len(pairs[place]))
    size = -(-len(order) // BUCKETS)
    made: list[Any] = [None] * len(pairs)
    with torch.autocast("cpu", torch.bfloat16, enabled=multiplies_bfloat16()):
        for start in range(0, len(order), size):
            part = order[start : start + size]
            for place, rows in zip(part, network([pairs[place] for place in part]), strict=True):
                made[place] = rows
    return made
