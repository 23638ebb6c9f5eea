"""A picture that was asked for: show one of the documents', or make one?

GILL (Koh et al., 2023) learns to retrieve or to generate an image; here a logistic regression does, over how the
request reads to the classifier and what the documents hold for it. `triptych fit switch` makes its weights.
"""

import itertools
import json
from collections.abc import Sequence
from functools import cache

from agent.lexicon import subject
from agent.request import FindPictures
from agent.routers.classifier import MADE, THRESHOLD, WEIGHTS, OutputPlan
from common.logistic import log_odds, sigmoid, weighed
from retrievers import embedders
from retrievers.elements import Hit

LOOKED_AT = 3  # figures
MOST_MISSING = 4  # words
UNKNOWN = 0.5  # relevance of what an embedder of pictures found


def settled(plan: OutputPlan, find: FindPictures | None) -> OutputPlan:
    """The plan with every picture that a clause wants either to be shown or to be made, never a bit of both.

    A clause that does not say what the picture is of stays as it was read. Without documents to look in (`find`), the
    classifier alone decides, and one that it is not sure of is shown.
    """
    shares = tuple(map(_settled, plan.clauses, plan.shares, itertools.repeat(find)))
    if shares == plan.shares:
        return plan
    named = {name: max(one[name] for one in shares) for name in ("image", "picture")}
    return OutputPlan(plan.clauses, shares, plan.whole | named)


def _settled(clause: str, shares: dict[str, float], find: FindPictures | None) -> dict[str, float]:
    wanted = 1.0 - (1.0 - shares["image"]) * (1.0 - shares["picture"])
    about = subject(clause)
    if wanted < THRESHOLD or not about:
        return shares
    bare = shares["picture"] >= max(MADE, shares["image"])
    make = bare if find is None else probability(features(about, shares, find(about))) >= THRESHOLD
    return shares | {"image": 0.0 if make else wanted, "picture": wanted if make else 0.0}


def features(about: str, shares: dict[str, float], hits: Sequence[Hit]) -> dict[str, float]:
    """The values that the fitted weights weigh: how it reads, and how well the best figures fit what it is about."""
    stems = embedders.load("bm25").stems
    asked = set(stems(about))
    held = [len(asked.intersection(stems(hit.element.indexed_text))) for hit in hits[:LOOKED_AT]]
    relevances = sorted((UNKNOWN if hit.relevance is None else hit.relevance for hit in hits), reverse=True)
    best = relevances[0] if relevances else 0.0
    missing = len(asked) - max(held, default=0)
    return {
        "reads": log_odds(shares["picture"]) - log_odds(shares["image"]),
        "relevance": best,
        "gap": best - relevances[1] if len(relevances) > 1 else best,
        "coverage": 1.0 - missing / max(1, len(asked)),
        "missing": min(missing, MOST_MISSING) / MOST_MISSING,
    }


def probability(row: dict[str, float]) -> float:
    """That the picture is to be made."""
    weights = _weights()
    return sigmoid(weights["bias"] + weighed(weights, row))


@cache
def _weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))["picture"]
    return weights
