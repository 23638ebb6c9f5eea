"""How sure an answer is. Of each candidate, how probably it is right: comparable between words that were read and
values that were worked out, so that the best comes first. Of the question, how probably anything here answers it, so
that "not found" can be said once for all who answer.

The first is a logistic regression (Platt, 1999) over what the readers say, how much of the question a passage covers,
and how probably its page answers. The second adds what reading showed, as log-odds, to what the search estimated before
(`retrievers.search.relevance`). Both are fitted by `triptych fit estimate`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from agent.answering.passages import Passage
from agent.answering.reader import Span
from agent.answering.tables import Computed
from common.logistic import log_odds, sigmoid, weighed
from retrievers.elements import Hit
from retrievers.search.relevance import revised

FITTED = Path(__file__).with_name("weights") / "estimate.json"
LOOKUP = "lookup"
UNKNOWN = 0.5
# probabilities that anything answers; chosen on the curves of docs/answers.md
FOUND = 0.42  # at least, for an answer to be quoted
ABSENT = 0.2  # below, a model that writes is not asked either
NOTHING = {"score": -6.0, "covered": 0.0, "absent": 1.0, "cells": -3.0}  # what reading shows where there is nothing

Features = Mapping[str, float]


def of_span(features: Features) -> float:
    return _chance("span", features)


def of_cells(features: Features) -> float:
    return _chance("cells", features)


def span_features(span: Span, passage: Passage, hit: Hit, computed: Computed | None = None) -> dict[str, float]:
    """`hit` is that of the passage; `computed` what was worked out over tables: what is to be added or compared stands
    nowhere to be quoted."""
    return {
        "score": span.score,
        "covered": passage.covered,
        "similarity": passage.similarity,
        "unnamed": passage.unnamed,
        "absent": passage.absent,
        "page": log_odds_of(hit.relevance),
        "figure": float(passage.form == "figure"),
        "worked": computed.probability if computed and computed.operation != LOOKUP else 0.0,
    }


def cell_features(computed: Computed, tables: Sequence[Passage], hits: Sequence[Hit]) -> dict[str, float]:
    """`tables`: those that the cells stand in, and their `hits`."""
    return {
        "probability": log_odds(computed.probability),
        "covered": min((one.covered for one in tables), default=0.0),
        "unnamed": max((one.unnamed for one in tables), default=0.0),
        "absent": max((one.absent for one in tables), default=0.0),
        "worked": float(computed.operation != LOOKUP),
        "page": min((log_odds_of(hit.relevance) for hit in hits), default=0.0),
    }


def evidence_features(found: Sequence[tuple[str, Features]]) -> dict[str, float]:
    """What reading showed of a question, from the kind ("span", "cells") and features of its candidates."""
    spans = [features for kind, features in found if kind == "span"]
    cells = [features for kind, features in found if kind == "cells"]
    every = [*spans, *cells]
    return {
        "score": max((one["score"] for one in spans), default=NOTHING["score"]),
        "covered": max((one["covered"] for one in every), default=NOTHING["covered"]),
        "absent": min((one["absent"] for one in every), default=NOTHING["absent"]),
        "cells": max((one["probability"] for one in cells), default=NOTHING["cells"]),
    }


def before_reading(hits: Iterable[Hit]) -> float | None:
    """What the search estimated of the question, None if nothing did."""
    return max((hit.answerable for hit in hits if hit.answerable is not None), default=None)


def answerable(before: float | None, found: Sequence[tuple[str, Features]]) -> float:
    """The probability that one of the candidates answers; `before`: see `before_reading`."""
    return revised(UNKNOWN if before is None else before, _with_bias(evidence_features(found)), weights()["answerable"])


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
