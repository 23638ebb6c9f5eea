"""How probably a candidate page holds the answer: a calibrated probability, so that "not found" can be said.

Rerank scores order the pages of one question and say nothing across questions. Here a logistic regression (Platt,
1999) reads what can be compared: similarities as they are, shares of the question, and how far a page stands out.
The relevancy cut follows "Re-ranking the Context" (arXiv 2501.04695): up to k, and possibly nothing.
"""

import math
from collections.abc import Callable, Sequence

from retrievers.elements import Kind
from retrievers.rerank import Ranked, references, runs

VISIBLE: tuple[Kind, ...] = ("text", "table", "figure")
MOST_MARGIN = 2.0
BIAS = -2.31
WEIGHTS = {
    "cosine": 0.62,
    "page_cosine": 0.5,
    "coverage": 0.36,
    "coverage_in_context": 0.38,
    "pairs": 0.14,
    "triples": -0.17,
    "share": 0.76,
    "margin": 0.87,
    "named": 0.49,
}


def relevance(question: str, ranked: Sequence[Ranked], top: int, stems: Callable[[str], list[int]]) -> list[float]:
    """Probability 0..1 for each of the first `top` of `ranked`, which are all candidates, best first."""
    rows = features(question, ranked, top, stems)
    return [_sigmoid(BIAS + sum(WEIGHTS[name] * value for name, value in row.items())) for row in rows]


def features(
    question: str, ranked: Sequence[Ranked], top: int, stems: Callable[[str], list[int]]
) -> list[dict[str, float]]:
    """For each of the first `top`, the values that `WEIGHTS` weighs."""
    asked = stems(question)
    pairs, triples = set(runs(asked, 2)), set(runs(asked, 3))
    names_something = bool(references(question))
    scores = [one.score for one in ranked]
    total = sum(math.exp(score - scores[0]) for score in scores)
    out = []
    for place, one in enumerate(ranked[:top]):
        text = stems(one.candidate.text)
        rival = scores[place == 0] if len(scores) > 1 else one.score
        held = one.features["reference"] or one.features["page_number"]
        out.append(
            {
                "cosine": one.candidate.best("text", VISIBLE) or 0.0,
                "page_cosine": one.candidate.best("text", ("page",)) or 0.0,
                "coverage": one.features["coverage"],
                "coverage_in_context": one.features["coverage_in_context"],
                "pairs": len(pairs.intersection(runs(text, 2))) / max(1, len(pairs)),
                "triples": len(triples.intersection(runs(text, 3))) / max(1, len(triples)),
                "share": math.exp(one.score - scores[0]) / total,
                "margin": max(-MOST_MARGIN, min(MOST_MARGIN, one.score - rival)),
                "named": (1.0 if held else -1.0) if names_something else 0.0,
            }
        )
    return out


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
