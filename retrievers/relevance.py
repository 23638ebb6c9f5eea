"""How probably a candidate page holds the answer: a calibrated probability, so that "not found" can be said.

Rerank scores order the pages of one question and say nothing across questions. Here a logistic regression (Platt,
1999) reads what can be compared: similarities as they are, shares of the question, whether what it names by name or
number is there at all, and how far a page stands out. Fitted by evals/relevance.py.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from retrievers.elements import Kind
from retrievers.rerank import Ranked, coverage, references

VISIBLE: tuple[Kind, ...] = ("text", "table", "figure")
NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z]\w*|\w*\d\w*)")  # inside a sentence: "FEVER", "2020", "50-shot"
PLACES = "page pages slide slides figure table chart section"  # named with a number, and on every page
USUAL, USUAL_IN_DOCUMENT = 0.7, 0.85  # shares of such names found, so that a question without any is neither way
MOST_MARGIN = 2.0
BIAS = -2.62
WEIGHTS = {
    "cosine": 0.67,
    "page_cosine": 0.56,
    "coverage_in_context": 0.64,
    "share": 1.17,
    "margin": 0.72,
    "named": 0.27,
    "names": 1.11,
    "names_in_document": 0.67,
}


def relevance(question: str, ranked: Sequence[Ranked], top: int, stems: Callable[[str], Sequence[int]]) -> list[float]:
    """Probability 0..1 for each of the first `top` of `ranked`, which are all candidates, best first."""
    rows = features(question, ranked, top, stems)
    return [_sigmoid(BIAS + sum(WEIGHTS[name] * value for name, value in row.items())) for row in rows]


def features(
    question: str, ranked: Sequence[Ranked], top: int, stems: Callable[[str], Sequence[int]]
) -> list[dict[str, float]]:
    """For each of the first `top`, the values that `WEIGHTS` weighs."""
    on_page, in_document = _names(question, ranked, stems)
    names_something = bool(references(question))
    scores = [one.score for one in ranked]
    total = sum(math.exp(score - scores[0]) for score in scores)
    out = []
    for place, one in enumerate(ranked[:top]):
        rival = scores[place == 0] if len(scores) > 1 else one.score
        held = one.features["reference"] or one.features["page_number"]
        out.append(
            {
                "cosine": one.candidate.best("text", VISIBLE) or 0.0,
                "page_cosine": one.candidate.best("text", ("page",)) or 0.0,
                "coverage_in_context": one.features["coverage_in_context"],
                "share": math.exp(one.score - scores[0]) / total,
                "margin": max(-MOST_MARGIN, min(MOST_MARGIN, one.score - rival)),
                "named": (1.0 if held else -1.0) if names_something else 0.0,
                "names": on_page[place],
                "names_in_document": in_document[place],
            }
        )
    return out


def _names(
    question: str, ranked: Sequence[Ranked], stems: Callable[[str], Sequence[int]]
) -> tuple[list[float], list[float]]:
    """Share of the question's names and numbers that each page holds, and the found pages of its document together,
    above or below what is usual; 0 for a question without any."""
    names = {stem for word in NAME.findall(question) for stem in stems(word)} - set(stems(PLACES))
    if not names:
        return [0.0] * len(ranked), [0.0] * len(ranked)
    documents: dict[str, set[int]] = defaultdict(set)
    for one in ranked:
        documents[one.candidate.document] |= one.held
    on_page = coverage(names, [one.held for one in ranked])
    known = dict(zip(documents, coverage(names, list(documents.values())), strict=True))
    return (
        [share - USUAL for share in on_page],
        [known[one.candidate.document] - USUAL_IN_DOCUMENT for one in ranked],
    )


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
