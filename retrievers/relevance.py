"""How probably a candidate page holds the answer: a calibrated probability, so that "not found" can be said.

Rerank scores order the pages of one question and say nothing across questions. Here a logistic regression (Platt,
1999) reads what can be compared: similarities as they are, shares of the question, whether what it names by name or
number is there at all, and how far a page stands out. The relevancy cut follows "Re-ranking the Context" (arXiv
2501.04695): up to k, and possibly nothing.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from retrievers.elements import Kind
from retrievers.rerank import Ranked, coverage, references

VISIBLE: tuple[Kind, ...] = ("text", "table", "figure")
NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z]\w*|\w*\d\w*)")  # inside a sentence; "FEVER", "2020", "50-shot"
PLACES = "page pages slide slides figure table chart section"  # named with a number, and on every page
MOST_MARGIN = 2.0
BIAS = -2.52
WEIGHTS = {
    "cosine": 0.45,
    "page_cosine": 0.34,
    "coverage_in_context": 0.26,
    "share": 0.52,
    "margin": 0.89,
    "named": 0.27,
    "names": 0.86,
    "names_in_document": 0.45,
    "spread": -0.19,
}


def relevance(question: str, ranked: Sequence[Ranked], top: int, stems: Callable[[str], list[int]]) -> list[float]:
    """Probability 0..1 for each of the first `top` of `ranked`, which are all candidates, best first."""
    rows = features(question, ranked, top, stems)
    return [_sigmoid(BIAS + sum(WEIGHTS[name] * value for name, value in row.items())) for row in rows]


def features(
    question: str, ranked: Sequence[Ranked], top: int, stems: Callable[[str], list[int]]
) -> list[dict[str, float]]:
    """For each of the first `top`, the values that `WEIGHTS` weighs."""
    names = {stem for word in NAME.findall(question) for stem in stems(word)} - set(stems(PLACES))
    texts = [set(stems(one.candidate.text)) | set(stems(one.candidate.context)) for one in ranked]
    documents: dict[str, set[int]] = defaultdict(set)
    for one, text in zip(ranked, texts, strict=True):
        documents[one.candidate.document] |= text
    known = coverage(names, texts)
    known_in_document = dict(zip(documents, coverage(names, list(documents.values())), strict=True))
    names_something = bool(references(question))
    scores = [one.score for one in ranked]
    shares = _softmax(scores)
    spread = -sum(share * math.log(share) for share in shares if share)
    out = []
    for place, one in enumerate(ranked[:top]):
        rival = scores[place == 0] if len(scores) > 1 else one.score
        held = one.features["reference"] or one.features["page_number"]
        out.append(
            {
                "cosine": one.candidate.best("text", VISIBLE) or 0.0,
                "page_cosine": one.candidate.best("text", ("page",)) or 0.0,
                "coverage_in_context": one.features["coverage_in_context"],
                "share": shares[place],
                "margin": max(-MOST_MARGIN, min(MOST_MARGIN, one.score - rival)),
                "named": (1.0 if held else -1.0) if names_something else 0.0,
                "names": known[place] if names else 1.0,
                "names_in_document": known_in_document[one.candidate.document] if names else 1.0,
                "spread": spread,
            }
        )
    return out


def _softmax(scores: Sequence[float]) -> list[float]:
    parts = [math.exp(score - max(scores)) for score in scores]
    return [part / sum(parts) for part in parts]


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
