"""Retrieval figures over ranked lists, each for one question; what is known of them from few questions (bootstrap).

All take the ranked things best first, without repeats, and the set of those that are right.
"""

import math
from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple

CUTS = (1, 5, 10)
RESAMPLES = 2000


class Estimate(NamedTuple):
    """A mean over questions and its 95 % interval."""

    value: float
    low: float
    high: float


def success(ranked: Sequence[Hashable], gold: Collection[Hashable], cut: int) -> float:
    """1 when any right one is among the first `cut`."""
    return float(any(one in gold for one in ranked[:cut]))


def recall(ranked: Sequence[Hashable], gold: Collection[Hashable], cut: int) -> float:
    """Share of the right ones that are among the first `cut`. Raises `ZeroDivisionError` when there are none."""
    return sum(one in gold for one in ranked[:cut]) / len(gold)


def reciprocal_rank(ranked: Sequence[Hashable], gold: Collection[Hashable]) -> float:
    """1 / place of the first right one; 0 when it is not there."""
    return next((1 / place for place, one in enumerate(ranked, start=1) if one in gold), 0.0)


def ndcg(ranked: Sequence[Hashable], gold: Collection[Hashable], cut: int) -> float:
    """Normalised discounted cumulative gain, every right one gaining 1 (Järvelin and Kekäläinen, TOIS 2002)."""
    gained = sum(1 / math.log2(place + 1) for place, one in enumerate(ranked[:cut], start=1) if one in gold)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(cut, len(gold)) + 1))
    return gained / ideal


def interval(values: Sequence[float], share: float = 0.95) -> tuple[float, float]:
    """The middle `share` of the means of `RESAMPLES` resamples of `values` (percentile bootstrap, fixed seed)."""
    import numpy as np
    from scipy.stats import bootstrap  # type: ignore[import-untyped]

    if min(values) == max(values):  # one alone, too
        return float(values[0]), float(values[0])
    found = bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, confidence_level=share, method="percentile", rng=0
    ).confidence_interval
    return float(found.low), float(found.high)


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Chance that a positive scores above a negative, ties counting half: the area under the ROC curve."""
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    right = [True] * len(positives) + [False] * len(negatives)
    return float(roc_auc_score(right, [*positives, *negatives]))


def auroc_interval(positives: Sequence[float], negatives: Sequence[float]) -> tuple[float, float]:
    """95 % of the areas of `RESAMPLES` resamples, positives and negatives resampled apart."""
    import numpy as np

    a, b = np.asarray(positives)[:, None], np.asarray(negatives)[None, :]
    wins = (a > b) + 0.5 * (a == b)  # [positives, negatives]
    draw = np.random.default_rng(0)
    rows, columns = len(positives), len(negatives)
    areas = [wins[draw.integers(0, rows, rows)][:, draw.integers(0, columns, columns)].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(areas, [0.025, 0.975])
    return float(low), float(high)


def risk_coverage(sure: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """(share answered, share of those that are wrong), answering the surest question first, then the next, ..."""
    order = sorted(range(len(sure)), key=lambda place: -sure[place])
    wrong, curve = 0, []
    for count, place in enumerate(order, start=1):
        wrong += not right[place]
        curve.append((count / len(order), wrong / count))
    return curve


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson, JASA 1927), which holds for few questions and near 0 and 1 too."""
    from scipy.stats import binomtest

    found = binomtest(hits, count).proportion_ci(method="wilson")
    return float(found.low), float(found.high)
