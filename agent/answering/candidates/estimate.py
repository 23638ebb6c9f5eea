"""How sure an answer is. Of each candidate, how probably it is right: comparable between words that were read and
values that were worked out, so that the best comes first. Of the question, how probably anything here answers it, so
that "not found" can be said once for all who answer.

The first is a logistic regression (Platt, 1999) over what the readers say, how much of the question a passage covers,
and how probably its page answers. The second adds what reading showed of them all, as log-odds, to what the search
estimated before (`retrievers.search.relevance`). Both are fitted by `triptych fit estimate`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from agent.answering.candidates.coverage import Lacking
from agent.answering.candidates.passages import Passage
from agent.answering.reader import Span
from agent.answering.shipped_weights import ANSWERING
from agent.answering.tables import Computed
from common.logistic import log_odds, sigmoid, weighed
from retrievers.elements import Hit

FITTED = ANSWERING / "estimate.json"
LOOKUP = "lookup"
WORD = re.compile(r"\w+")
# least probability that anything answers, for an answer to be quoted or written; from the curves of docs/answers.md
FOUND = 0.42
# what reading shows where there is nothing
NOTHING = {"chance": -6.0, "covered": 0.0, "unnamed": 1.0}
PRIOR = 0.5  # of the log-odds of the search: reading looks at much of the same again
WEIGHED = 3  # likeliest candidates that names are looked for in

Features = Mapping[str, float]


class Seen(NamedTuple):
    """A candidate as far as it counts here. `kind`: "span" or "cells"; `chance` is 0..1, from `features`."""

    kind: str
    features: Features
    chance: float


def of_span(features: Features) -> float:
    return _chance("span", features)


def of_cells(features: Features) -> float:
    return _chance("cells", features)


def span_features(
    span: Span, best: Span, passage: Passage, hit: Hit, computed: Sequence[Computed] = ()
) -> dict[str, float]:
    """`best` is the span with the best score; `hit` is that of the passage; `computed` what was worked out over tables,
    any of which a sentence may confirm."""
    words = passage.text[span.start : span.end]
    return {
        "score": span.score,
        "behind": best.score - span.score,
        "covered": passage.covered,
        "similarity": passage.similarity,
        "unnamed": passage.unnamed,
        "page": log_odds_of(hit.relevance),
        "figure": float(passage.form == "figure"),
        "agrees": max((_share_of(one, words) for one in computed), default=0.0),
    }


def cell_features(
    computed: Computed, tables: Sequence[Passage], read: Sequence[str], named: Sequence[str] = ()
) -> dict[str, float]:
    """`tables`: those that the cells stand in; `read`: the words that the reader thinks answer; `named`: the names and
    numbers of the question, of which none is missing that was computed with."""
    unused = [name for name in named if name.lower() not in computed.accounts]
    lacking = len(unused) / len(named) if named else 1.0
    return {
        "probability": log_odds(max(computed.probability, computed.agreed)),
        "covered": max(computed.covered, min((one.covered for one in tables), default=0.0)),
        "unnamed": min(lacking, max((one.unnamed for one in tables), default=0.0)),
        "worked": float(computed.operation != LOOKUP),
        "agrees": max((_share_of(computed, text) for text in read), default=0.0),
    }


def _share_of(computed: Computed, text: str) -> float:
    """The share of a text, 0..1, that is what was computed; 0 unless all of that stands in it as words."""
    held = _words(text)
    if not held or not all(stands_in(value, text) for value in computed.values):
        return 0.0
    return min(1.0, sum(len(_words(value)) for value in computed.values) / len(held))


def stands_in(less: str, more: str) -> bool:
    """Whether the words of the one stand in the other, in their order."""
    return f" {' '.join(_words(less))} " in f" {' '.join(_words(more))} "


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def evidence_features(found: Sequence[Seen], lacking: Lacking) -> dict[str, float]:
    """What reading showed of a question."""
    best = sorted(found, key=lambda one: -one.chance)[:WEIGHED]
    return {
        "chance": max((log_odds(one.chance) for one in found), default=NOTHING["chance"]),
        "covered": max((one.features["covered"] for one in found), default=NOTHING["covered"]),
        "unnamed": min((one.features["unnamed"] for one in best), default=NOTHING["unnamed"]),
        "strangest": lacking.strangest,
        "rival": lacking.rival,
        "missing": float(lacking.missing),
        "asked": float(lacking.asked),
    }


def before_reading(hits: Iterable[Hit]) -> float | None:
    """What the search estimated of the question, None if nothing did."""
    return max((hit.answerable for hit in hits if hit.answerable is not None), default=None)


def prior(before: float | None) -> float:
    """The log-odds that the search's estimate counts for."""
    return PRIOR * log_odds_of(before)


def answerable(before: float | None, found: Sequence[Seen], lacking: Lacking) -> float:
    """The probability that one of the candidates answers; `before`: see `before_reading`."""
    return sigmoid(prior(before) + weighed(weights()["answerable"], _with_bias(evidence_features(found, lacking))))


@cache
def weights() -> dict[str, dict[str, float]]:
    """Of a "span", of "cells" and of "answerable", the weight of each feature and the "bias"."""
    read: dict[str, dict[str, float]] = json.loads(FITTED.read_text(encoding="utf-8"))["weights"]
    return read


def log_odds_of(chance: float | None) -> float:
    """0 of what nothing estimated."""
    return 0.0 if chance is None else log_odds(chance)


def _chance(kind: str, features: Features) -> float:
    return sigmoid(weighed(weights()[kind], _with_bias(features)))


def _with_bias(features: Features) -> Features:
    return {"bias": 1.0, **features}
