"""How probably a model says "True" and not "False": one definition, for served models and for those in process."""

import math
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from langchain_core.messages import BaseMessage

LIKELIEST = 20  # tokens looked at: the most that OpenAI's API gives, and vLLM unless told otherwise

ANOTHER = "Choose a model that answers at once, without thinking aloud."


@runtime_checkable
class TellsTrue(Protocol):
    """A model that can be asked whether something is true."""

    def p_true(self, messages: list[BaseMessage]) -> float:
        """`share_of_true` of the first token it would write. Raises `ModelUnavailable` when that cannot be told."""
        ...


def share_of_true(first: Iterable[tuple[str, float]]) -> float | None:
    """P(True) / (P(True) + P(False)) from the `LIKELIEST` tokens at the first position of a reply, each with its
    natural logarithm of probability. None when neither word is among them.

    All spellings of a word count together, whatever their case and the space around them (MM-Embed,
    arXiv 2411.02571, compares one token of each). So does a token that only begins one of the words: a tokenizer that
    has no whole word for it writes it in pieces, and "T" and "F" already tell them apart.
    """
    weights = {"true": 0.0, "false": 0.0}
    for token, logarithm in first:
        begun = token.strip().lower()
        for word in weights:
            if begun and word.startswith(begun):
                weights[word] += math.exp(logarithm)
    total = sum(weights.values())
    return weights["true"] / total if total else None
