"""`triptych fit followup`: which questions lean on those before, and what a fragment takes the place of.

Two logistic regressions over examples grown from templates (`evals.followup_examples`): one of questions, one of pairs
of candidates of which one is right. Both are cross-validated with one topic left out at a time, then fitted to all.
"""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from agent.routers.followup import FITTED, THRESHOLD
from agent.routers.followup.alignment import candidates
from agent.routers.followup.focus import Question
from agent.routers.followup.grammar import Grammar, grammar_of
from agent.routers.followup.need import features
from agent.routers.followup.opening import opening
from common.logistic import weighed
from evals.conversations import stems
from evals.followup_examples import Example, examples
from retrievers import embedders

HELP = "Fit which questions lean on those before them, and how they are filled in."
STRENGTH = 1.0  # of the inverse of the ridge, for the form
VECTOR = 0.5  # how much of the sentence vector counts against the form
COMPLETE = 3.0  # how much a complete question counts: one that is changed is worse than a follow-up that is not


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--out", type=Path, default=FITTED, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    found = examples(arguments.seed)
    need, left_out = _need(found)
    slots, aligned = _slots(found)
    record = {
        "made": {
            "by": "triptych fit followup",
            "on": date.today().isoformat(),
            "seed": arguments.seed,
            "examples": len(found),
        },
        "left out": {"need": left_out, "slots": aligned},
        "need": need,
        "slots": slots,
    }
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record["left out"], indent=1))
    return 0


def _need(found: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]]:
    import numpy as np

    rows = [features(one.question, one.said, _grammar(one)) for one in found]
    names = sorted(rows[0])
    form = np.array([[row[name] for name in names] for row in rows])
    inputs = np.hstack([form, VECTOR * embedders.load("minilm").embed_texts([one.question for one in found])])
    leans = np.array([one.leans for one in found])
    topics = np.array([one.topic for one in found])
    scores = {}
    for topic in sorted(set(topics)):
        kept = topics != topic
        chance = _logistic(inputs[kept], leans[kept]).predict_proba(inputs[~kept])[:, 1]
        there, told = leans[~kept], chance >= THRESHOLD
        scores[topic] = {"found": round(float(told[there].mean()), 3), "changed": round(float(told[~there].mean()), 3)}
    whole = _logistic(inputs, leans)
    weights = whole.coef_[0]
    fitted = {
        "bias": round(float(whole.intercept_[0]), 4),
        "form": {name: round(float(one), 4) for name, one in zip(names, weights, strict=False)},
        "vector": [round(float(one) * VECTOR, 4) for one in weights[len(names) :]],
    }
    return fitted, scores


def _logistic(inputs: Any, leans: Any) -> Any:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    return LogisticRegression(C=STRENGTH, max_iter=2000, class_weight={False: COMPLETE, True: 1.0}).fit(inputs, leans)


def _slots(found: Sequence[Example]) -> tuple[dict[str, float], dict[str, float]]:
    cases = [(one.topic, case) for one in found if one.rewrite and (case := _case(one))]
    scores = {}
    for topic in sorted({name for name, _ in cases}):
        weights = _ranking([case for name, case in cases if name != topic])
        held = [case for name, case in cases if name == topic]
        scores[topic] = round(sum(_chosen(weights, case) for case in held) / len(held), 3)
    return _ranking([case for _, case in cases]), scores


Case = tuple[list[dict[str, float]], list[dict[str, float]]]  # features of the right and of the wrong candidates


def _case(one: Example) -> Case | None:
    """The candidates for a fragment; None where it is none, or where no candidate is right."""
    grammar = _grammar(one)
    begun = opening(one.question, grammar)
    fragment = Question(begun.rest, grammar, inside=begun.cut)
    instead = begun.mark in {"same", "correction"}
    earlier = one.said[-2].question if len(one.said) > 1 else ""
    if len(fragment.phrases) != 1 or fragment.phrases[0].tokens[0].tag == "poss":
        return None
    wanted = stems(one.rewrite, "en")
    right, wrong = [], []
    for candidate in candidates(fragment.phrases[0], Question(one.said[-1].question, grammar), instead, earlier):
        (right if stems(candidate.text, "en") == wanted else wrong).append(candidate.features)
    return (right, wrong) if right and wrong else None


def _ranking(cases: Sequence[Case]) -> dict[str, float]:
    """Of the differences between a right and a wrong candidate, which way they point."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    names = sorted({name for right, wrong in cases for one in (*right, *wrong) for name in one})
    rows = [
        [better.get(name, 0.0) - worse.get(name, 0.0) for name in names]
        for right, wrong in cases
        for better in right[:1]
        for worse in wrong
    ]
    pairs = np.array(rows)
    both = np.vstack([pairs, -pairs])
    side = np.repeat([1, 0], len(pairs))
    model = LogisticRegression(C=STRENGTH, max_iter=2000, fit_intercept=False).fit(both, side)
    return {name: round(float(one), 4) for name, one in zip(names, model.coef_[0], strict=True)}


def _chosen(weights: dict[str, float], case: Case) -> bool:
    right, wrong = case
    return max(weighed(weights, one) for one in right) > max(weighed(weights, one) for one in wrong)


def _grammar(one: Example) -> Grammar:
    found = grammar_of(one.question, one.said[-1].question)
    assert found is not None
    return found
