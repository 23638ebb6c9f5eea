"""Results -> the figures of a report, each with its 95 % interval. Knows nothing of how they are shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from evals.answers.asking import Result
from evals.metrics import Estimate, percentile, risk_coverage, wilson

Measure = Callable[[Result], bool]
MEASURES: dict[str, Measure] = {
    "holds the value": lambda one: one.holds,
    "short answer holds it": lambda one: one.short,
    "cited region holds it": lambda one: one.region,
    "refused": lambda one: not one.answered,
}
QUOTABLE = "value stands in what is right to cite"


@dataclass(frozen=True)
class Slice:
    """Questions of one kind: how many, and their figures by `MEASURES`."""

    count: int
    shares: Mapping[str, Estimate]


@dataclass(frozen=True)
class Section:
    """One set asked in one way.

    `slices` of the questions whose answer can be judged; `unjudged` counts the other answerable ones. `refused`: share
    of the answerable and of the unanswerable questions. `cites`: how often an answer cites a right page, where pages
    are known. `curve`: see `risk_and_coverage`. `words`: median of an answer. `cpu`: mean and 95th percentile of
    processor seconds.
    """

    set: str
    scope: str
    slices: Mapping[str, Slice]
    unjudged: int
    refused: Mapping[str, tuple[int, Estimate]]
    cites: Estimate | None
    curve: Sequence[tuple[float, float]]
    words: float
    cpu: tuple[float, float]


def sections(results: Sequence[Result]) -> list[Section]:
    """One for each set and scope, in the order in which they were asked."""
    places = dict.fromkeys((one.set, one.scope) for one in results)
    return [_section(*place, [one for one in results if (one.set, one.scope) == place]) for place in places]


def _section(name: str, scope: str, results: Sequence[Result]) -> Section:
    answerable = [one for one in results if one.answerable]
    judged = [one for one in answerable if one.judged]
    unanswerable = [one for one in results if not one.answerable]
    located = [one.page for one in answerable if one.answered]
    return Section(
        set=name,
        scope=scope,
        slices={kind: _slice(kept) for kind, kept in _kinds(judged)},
        unjudged=len(answerable) - len(judged),
        refused={
            kind: (len(kept), _share([not one.answered for one in kept]))
            for kind, kept in (("answerable", answerable), ("unanswerable", unanswerable))
            if kept
        },
        cites=_share(located) if any(located) else None,
        curve=risk_and_coverage([*judged, *unanswerable]),
        words=median([one.words for one in results if one.answered] or [0]),
        cpu=(mean(one.cpu for one in results), percentile([one.cpu for one in results], 0.95)),
    )


def risk_and_coverage(results: Sequence[Result]) -> list[tuple[float, float]]:
    """(share of the questions answered, share of those that are wrong), the surest answer first, to where the rest are
    refused. Wrong: without the value, or of a question that has no answer. An answer that does not say how sure it is
    was given without a search, and counts as sure; where none says, there is only one point."""
    answered = [one for one in results if one.answered]
    if not answered:
        return []
    if all(one.sure is None for one in answered):
        wrong = sum(not one.holds for one in answered)
        return [(len(answered) / len(results), wrong / len(answered))]
    sure = [1.0 if one.sure is None else one.sure for one in answered]
    curve = risk_coverage(sure, [one.holds for one in answered])
    return [(share * len(answered) / len(results), wrong) for share, wrong in curve]


def _kinds(judged: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    yield "all", list(judged)
    quotable = [one for one in judged if one.quotable]
    yield QUOTABLE, quotable
    for kind in sorted({kind for one in judged for kind in one.kinds}):
        yield kind, [one for one in judged if kind in one.kinds]


def _slice(results: Sequence[Result]) -> Slice:
    shares = {name: _share([measure(one) for one in results]) for name, measure in MEASURES.items()} if results else {}
    return Slice(len(results), shares)


def _share(held: Sequence[bool]) -> Estimate:
    return Estimate(sum(held) / len(held), *wilson(sum(held), len(held)))
