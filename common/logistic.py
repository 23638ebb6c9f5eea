"""Logistic regression as it is applied: a sum of named weights, and between log-odds and probabilities."""

import math
from collections.abc import Mapping

SUREST = 1e-4  # nothing is surer than this


def weighed(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    """The sum of `values`, each times the weight of its name."""
    return sum(weights[name] * value for name, value in values.items())


def sigmoid(log_odds: float) -> float:
    """The probability, 0..1."""
    return 1 / (1 + math.exp(-log_odds))


def log_odds(probability: float) -> float:
    """Those of a probability, which is taken as no surer than `SUREST`."""
    held = min(1 - SUREST, max(SUREST, probability))
    return math.log(held / (1 - held))
