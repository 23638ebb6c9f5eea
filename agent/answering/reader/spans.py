"""The trained reader: which words of a passage answer a question, and how sure it is that any do.

A cross-encoder over question and passage (`network`); weights by `triptych fit reader`, see `docs/reader.md`.
It reads no documents, and knows nothing of how the passages were found.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from agent.answering.reader.inputs import Encoder, Pair
from agent.answering.shipped_weights import ANSWERING, verify
from common.months import PATTERN
from retrievers import embedders
from retrievers.embedders.batching import batches, one_thread_a_batch
from retrievers.embedders.languages import without_stop_words

if TYPE_CHECKING:
    from torch import Tensor

    from agent.answering.reader.network import Network

WEIGHTS = ANSWERING / "reader.safetensors"
MAX_SPAN = 48  # tokens
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?:{PATTERN})\b\.?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?\d{{4}}\b",
    re.IGNORECASE,
)
_SIGN = re.compile(r"(?<!\S)[-−]$")
_LETTERED = re.compile(r"[^\W\d_]{2,}(?=\s[^\W\d_]$)")


@dataclass(frozen=True)
class Span:
    """`passage` is its place among those read; `start` and `end` are characters of it; `score` the log-odds of these
    words against "not here", comparable across passages and questions; `exact` the probability, 0..1, of just these
    words, if the answer is in this passage."""

    passage: int
    start: int
    end: int
    score: float
    exact: float = 1.0


class Reader:
    """May be asked by several threads."""

    def __init__(self, network: "Network") -> None:
        self._network = network
        self._encoder = Encoder()

    def read(self, question: str, passages: Sequence[str], settings: Sequence[str] = ()) -> list[Span]:
        """The best span of every passage that has a word, best first.

        `settings` say what stands around each passage (its heading, the sentence before, a table's caption): they are
        read but hold no answer. None, or one for every passage. Raises `ValueError` for another number.
        """
        windows = [
            (place, pair)
            for place, pairs in enumerate(self._encoder.pairs(question, passages, settings))
            for pair in pairs
        ]
        order = list(batches([len(pair) for _, pair in windows]))
        best: dict[int, Span] = {}
        with one_thread_a_batch(len(order)) as each:
            read = each(self._forward, ([windows[index][1] for index in batch] for batch in order))
            for batch, logits in zip(order, read, strict=True):
                for index, rows in zip(batch, logits, strict=True):
                    place, pair = windows[index]
                    span = _best(place, pair, rows, *self._network.calibration.tolist())
                    if span and (place not in best or span.score > best[place].score):
                        best[place] = span
        return sorted((named(passages[one.passage], one) for one in best.values()), key=lambda span: -span.score)

    def _forward(self, pairs: list[Pair]) -> "list[Tensor]":
        import torch

        with torch.inference_mode():
            return self._network(pairs)


def _best(place: int, pair: Pair, logits: "Tensor", slope: float, intercept: float) -> Span | None:
    """The best span of a window; `logits` [1 + tokens, 2], the first row for "not here"."""
    import numpy as np

    rows = logits.numpy()
    begin = np.where(np.array(pair.starts) >= 0, rows[1:, 0], -np.inf)  # [N]
    finish = np.where(np.array(pair.ends) >= 0, rows[1:, 1], -np.inf)  # [N]
    both = begin[:, None] + finish[None]  # [N, N]
    length = np.arange(len(begin))[None] - np.arange(len(begin))[:, None]
    both[(length < 0) | (length >= MAX_SPAN)] = -np.inf
    first, last = np.unravel_index(int(both.argmax()), both.shape)
    score = float(both[first, last] - rows[0].sum())
    if score == -np.inf:
        return None
    exact = 1.0 / float(np.exp(both - both[first, last]).sum())
    return Span(place, pair.starts[first], pair.ends[last], slope * score + intercept, exact)


def named(text: str, span: Span) -> Span:
    """A lone letter with the word that it tells apart, "valve A"; a part of a date with all of it, "5 Sep 1977"; a
    number with its sign, "-12 °C"."""
    lone = _LETTERED.search(text[: span.end]) if span.end - span.start == 1 else None
    if lone and without_stop_words(lone[0], "english"):
        return replace(span, start=lone.start())
    if text[span.start].isdigit() and _SIGN.search(text[: span.start]):
        return replace(span, start=span.start - 1)
    dates = (one.span() for one in _DATE.finditer(text))
    whole = next(((first, last) for first, last in dates if first <= span.start and span.end <= last), None)
    return replace(span, start=whole[0], end=whole[1]) if whole else span


@cache
def load() -> Reader:
    """The reader with the weights of the package, made once a process. Raises `UserError` when they are damaged."""
    from agent.answering.reader.network import Network, restore

    verify(WEIGHTS)
    network = Network(embedders.load("minilm").network)
    restore(network, WEIGHTS)
    return Reader(network)
