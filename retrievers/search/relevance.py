"""How probably a candidate page holds the answer, and whether any does: calibrated, so that "not found" can be said.

Rerank scores order the pages of one question and say nothing across questions. Here two logistic regressions (Platt,
1999) read what can be compared: of each page similarities as they are, shares of the question, whether what it names
by name or number is there, and how far it stands out; of the question its best page, and what is nowhere. The first
decides between pages, most of which are wrong for any question, and makes little of what is rare and telling: hence the
second. `triptych fit relevance` makes them again.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from common.logistic import log_odds, sigmoid, weighed
from retrievers.elements import Kind
from retrievers.search.fitted import RELEVANCE, by_words, weights
from retrievers.search.names import NAME, PLACES, Stems, missing, names
from retrievers.search.query_references import positions, references
from retrievers.search.rerank import Ranked, coverage

VISIBLE: tuple[Kind, ...] = ("text", "table", "figure")
USUAL = 0.7  # share of such names that a page holds, so that a question without any is neither way
USUALLY_MISSING = 0.1  # share of answerable questions with a name that is nowhere; likewise
DECISIVE = 3.0  # unit of that: rare and telling, so the penalty of the fit must not hold it down as it does the rest
MOST_MARGIN = 2.0


@dataclass(frozen=True)
class Weights:
    """Of a page's `features`, and of `question_features`, each with their bias."""

    page: Mapping[str, float]
    answerable: Mapping[str, float]


FITTED = Weights(**weights(RELEVANCE))
FITTED_BY_WORDS = Weights(**weights(by_words(RELEVANCE)))  # where nothing is known of meaning


@dataclass(frozen=True)
class Estimate:
    """`pages`: the probability, 0..1, of each of the first pages that it holds the answer; `answerable`: that the
    question has one among them. `missing`: by document, names and numbers of the question that are nowhere in it."""

    pages: Sequence[float]
    answerable: float
    missing: Mapping[str, tuple[str, ...]]


def relevance(question: str, ranked: Sequence[Ranked], top: int, stems: Stems, weights: Weights = FITTED) -> Estimate:
    """Of the first `top` of `ranked`, which are all candidates, best first."""
    lacking = lacks(question, ranked, top, stems)
    rows = features(question, ranked, top, stems, lacking)
    pages = [probability(weights.page, row) for row in rows]
    found = question_features(rows, pages)
    return Estimate(pages, probability(weights.answerable, found) if found else 0.0, lacking)


def probability(weights: Mapping[str, float], row: Mapping[str, float]) -> float:
    """By `weights`, with their bias."""
    return sigmoid(weights["bias"] + weighed(weights, row))


def features(
    question: str, ranked: Sequence[Ranked], top: int, stems: Stems, lacking: Mapping[str, tuple[str, ...]]
) -> list[dict[str, float]]:
    """For each of the first `top`, the values that weigh."""
    on_page, asks_names = _on_pages(question, ranked, stems), bool(_named(question, stems))
    names_something = bool(references(question) or positions(question))
    scores = [one.score for one in ranked]
    total = sum(math.exp(score - scores[0]) for score in scores)
    out = []
    for place, one in enumerate(ranked[:top]):
        rival = scores[place == 0] if len(scores) > 1 else one.score
        held = one.features["reference"] or one.features["position"]
        gone = USUALLY_MISSING - bool(lacking[one.candidate.document])
        out.append(
            {
                "cosine": one.candidate.best("text", VISIBLE) or 0.0,
                "page_cosine": one.candidate.best("text", ("page",)) or 0.0,
                "coverage_in_context": one.features["coverage_in_context"],
                "share": math.exp(one.score - scores[0]) / total,
                "margin": max(-MOST_MARGIN, min(MOST_MARGIN, one.score - rival)),
                "named": (1.0 if held else -1.0) if names_something else 0.0,
                "names": on_page[place],
                "nowhere": DECISIVE * gone if asks_names else 0.0,
            }
        )
    return out


def question_features(rows: Sequence[Mapping[str, float]], pages: Sequence[float]) -> dict[str, float]:
    """The values that weigh, from the likeliest of the `pages` and its `features`; {} without
    any."""
    if not rows:
        return {}
    best = max(range(len(rows)), key=lambda place: pages[place])
    row = rows[best]
    return {
        "page": log_odds(pages[best]),
        "nowhere": row["nowhere"],
        "coverage_in_context": row["coverage_in_context"],
    }


def lacks(question: str, ranked: Sequence[Ranked], top: int, stems: Stems) -> dict[str, tuple[str, ...]]:
    """For each document of the first `top`, the names of the question that none of its found pages holds."""
    named = _named(question, stems)
    pages: dict[str, list[Ranked]] = defaultdict(list)
    for one in ranked:
        pages[one.candidate.document].append(one)
    documents = dict.fromkeys(one.candidate.document for one in islice(ranked, top))
    return {document: missing(named, pages[document], stems) for document in documents}


def _named(question: str, stems: Stems) -> list[str]:
    return [word for word in names(question) if not set(stems(word)) <= set(stems(PLACES))]


def _on_pages(question: str, ranked: Sequence[Ranked], stems: Stems) -> list[float]:
    """Share of the question's names and numbers that each page holds, above or below what is usual; 0 without any."""
    named = {stem for word in NAME.findall(question) for stem in stems(word)} - set(stems(PLACES))
    if not named:
        return [0.0] * len(ranked)
    return [share - USUAL for share in coverage(named, [one.held for one in ranked])]
