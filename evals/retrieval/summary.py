"""Outcomes -> the figures of a report, each with its 95 % interval. Knows nothing of how they are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evals.datasets.questions import SLICES, Question
from evals.metrics import (
    CUTS,
    Estimate,
    auroc,
    auroc_interval,
    interval,
    ndcg,
    percentile,
    recall,
    reciprocal_rank,
    risk_coverage,
    success,
)
from evals.retrieval.arms import DEPTH, Outcome
from evals.retrieval.audit import Need

Measure = Callable[[Outcome], float]
Runs = dict[str, list[Outcome]]  # by arm, the same questions in the same order


@dataclass(frozen=True)
class Abstention:
    """How well the best hit's relevance tells answerable questions from others; see `metrics.risk_coverage`."""

    auroc: Estimate
    curve: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Scope:
    """Page figures of one scope, by slice, then arm, then measure. `gains`: success@1 against the arm before."""

    counts: Mapping[str, int]
    pages: Mapping[str, Mapping[str, Mapping[str, Estimate]]]
    gains: Mapping[str, Estimate]
    needs: Sequence[Need]


@dataclass(frozen=True)
class Summary:
    """Everything measured in one run. `arms` says what they are; `documents` and `seconds` (p50, p95) are by
    arm, `abstention` by scope and arm."""

    corpus: str
    arms: Mapping[str, str]
    questions: Mapping[str, int]
    scopes: Mapping[str, Scope]
    documents: Mapping[str, Mapping[str, Estimate]]
    abstention: Mapping[str, Mapping[str, Abstention]]
    seconds: Mapping[str, tuple[float, float]]


def _success_at(cut: int) -> Measure:
    return lambda outcome: success(outcome.pages, outcome.question.pages, cut)


def _document_at(cut: int) -> Measure:
    return lambda outcome: success([name for name, _ in outcome.pages], outcome.question.documents, cut)


PAGE_MEASURES: dict[str, Measure] = {
    **{f"@{cut}": _success_at(cut) for cut in CUTS},
    f"MRR@{DEPTH}": lambda outcome: reciprocal_rank(outcome.pages, outcome.question.pages),
    f"nDCG@{DEPTH}": lambda outcome: ndcg(outcome.pages, outcome.question.pages, DEPTH),
    "pages shown": lambda outcome: len(outcome.pages),
}
DOCUMENT_MEASURES: dict[str, Measure] = {
    **{f"@{cut}": _document_at(cut) for cut in CUTS},
    f"share of them @{DEPTH}": lambda outcome: recall(
        list(dict.fromkeys(name for name, _ in outcome.pages)), outcome.question.documents, DEPTH
    ),
}


def of(runs: Runs, questions: Sequence[Question]) -> Runs:
    """What came of these questions alone."""
    kept = set(questions)
    return {arm: [one for one in outcomes if one.question in kept] for arm, outcomes in runs.items()}


def estimate(values: Sequence[float]) -> Estimate:
    return Estimate(sum(values) / len(values), *interval(values))


def measured(outcomes: Sequence[Outcome], measures: Mapping[str, Measure]) -> dict[str, Estimate]:
    return {name: estimate([measure(outcome) for outcome in outcomes]) for name, measure in measures.items()}


def scope(runs: Runs, needs: Sequence[Need]) -> Scope:
    """Figures of questions that have pages, all in one scope."""
    asked = [one.question for one in next(iter(runs.values()))]
    chosen = {name: of(runs, [one for one in asked if one.of(kinds)]) for name, kinds in SLICES.items()}
    filled = {"all": runs} | {name: by_arm for name, by_arm in chosen.items() if any(by_arm.values())}
    return Scope(
        counts={name: len(next(iter(by_arm.values()))) for name, by_arm in filled.items()},
        pages={
            name: {arm: measured(outcomes, PAGE_MEASURES) for arm, outcomes in by_arm.items()}
            for name, by_arm in filled.items()
        },
        gains=_gains(runs),
        needs=needs,
    )


def documents(runs: Runs) -> dict[str, dict[str, Estimate]]:
    return {arm: measured(outcomes, DOCUMENT_MEASURES) for arm, outcomes in runs.items()}


def seconds(runs: Runs) -> dict[str, tuple[float, float]]:
    """p50 and p95 of the arms that were timed."""
    times = {arm: [one.seconds for one in outcomes if one.seconds] for arm, outcomes in runs.items()}
    return {arm: (percentile(taken, 0.5), percentile(taken, 0.95)) for arm, taken in times.items() if taken}


def abstention(runs: Runs) -> dict[str, Abstention]:
    """Of arms that estimate a relevance. An answer is right when the question has one and it is on the first page."""
    out = {}
    for arm, outcomes in runs.items():
        sure = [one.relevance for one in outcomes if one.relevance is not None]
        if len(sure) != len(outcomes):
            continue
        yes = [value for one, value in zip(outcomes, sure, strict=True) if one.question.answerable]
        no = [value for one, value in zip(outcomes, sure, strict=True) if not one.question.answerable]
        right = [bool(success(one.pages, one.question.pages, 1)) for one in outcomes]
        if yes and no:
            area = Estimate(auroc(yes, no), *auroc_interval(yes, no))
            out[arm] = Abstention(area, risk_coverage(sure, right))
    return out


def wrong_at(curve: Sequence[tuple[float, float]], share: float) -> float:
    """Share of wrong answers when the surest `share` of the questions is answered."""
    return curve[max(0, round(share * len(curve)) - 1)][1]


def _gains(runs: Runs) -> dict[str, Estimate]:
    gains, first = {}, _success_at(1)
    for (_, before), (arm, after) in pairwise(runs.items()):
        gains[arm] = estimate([first(b) - first(a) for a, b in zip(before, after, strict=True)])
    return gains
