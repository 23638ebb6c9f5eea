"""`triptych fit followup`: which questions lean on those before, and what a follow-up may mean.

Fitted in turn: the tagger of open words, a logistic regression of what leans, and a conditional logit over the
candidates of a follow-up (McFadden, 1974). Each is cross-validated with whole conversations or subjects left out, then
fitted to all.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from agent.routers.followup import FITTED, THRESHOLD
from agent.routers.followup.candidate import Candidate, likeliest
from agent.routers.followup.need import features
from agent.routers.followup.parsing.grammar import grammar_of
from agent.routers.followup.rewriting import candidates
from evals.folds import FOLDS, fold_of
from evals.followup import tagging
from evals.followup.conversations import LANGUAGES, right_ones
from evals.followup.examples import Example, examples
from retrievers import embedders

HELP = "Fit which questions lean on those before them, and how they are filled in."
STRENGTH = 1.0  # of the inverse of the ridge, for the form
VECTOR = 0.5  # how much of the sentence vector counts against the form
COMPLETE = 2.0  # how much a complete question counts: one that is changed is worse than a follow-up that is not
RIDGE = 1.0  # of the weights of candidates
CONVERSED = 2.0  # how much a follow-up of a whole conversation counts against one that was written by itself
ROUNDS = 100  # of L-BFGS
CODES = {name: code for code, name in LANGUAGES.items()}
Case = tuple[str, list[Candidate], list[bool], float]  # group, candidates, which are right, how much it counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--out", type=Path, default=FITTED, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    tagged = tagging.fit()
    found = [one for one in examples(arguments.seed) if grammar_of(one.question, one.said[-1].question)]
    need, left_out = _need(found)
    weights, chosen = _candidates(found)
    made = {"by": "triptych fit followup", "on": date.today().isoformat(), "examples": len(found)}
    told = {"tagged": tagged, "need": left_out, "candidates": chosen}
    record = {"made": made | {"seed": arguments.seed}, "left out": told, "need": need, "candidates": weights}
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))
    return 0


def _need(found: Sequence[Example]) -> tuple[dict[str, Any], dict[str, float]]:
    import numpy as np

    rows = [features(one.question, one.said, grammar) for one in found if (grammar := _grammar(one))]
    names = sorted(rows[0])
    form = np.array([[row[name] for name in names] for row in rows])
    inputs = np.hstack([form, VECTOR * embedders.load("minilm").embed_texts([one.question for one in found])])
    leans = np.array([bool(one.rewrites) for one in found])
    folds = np.array([fold_of(one.group) for one in found])
    chance = np.zeros(len(found))
    for fold in range(FOLDS):
        model = _logistic(inputs[folds != fold], leans[folds != fold])
        chance[folds == fold] = model.predict_proba(inputs[folds == fold])[:, 1]
    told = chance >= THRESHOLD
    whole = _logistic(inputs, leans)
    weights = whole.coef_[0]
    fitted = {
        "bias": round(float(whole.intercept_[0]), 4),
        "form": {name: round(float(one), 4) for name, one in zip(names, weights, strict=False)},
        "vector": [round(float(one) * VECTOR, 4) for one in weights[len(names) :]],
    }
    return fitted, {
        "found": round(float(told[leans].mean()), 3),
        "changed": round(float(told[~leans].mean()), 3),
    }


def _logistic(inputs: Any, leans: Any) -> Any:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    return LogisticRegression(C=STRENGTH, max_iter=2000, class_weight={False: COMPLETE, True: 1.0}).fit(inputs, leans)


def _candidates(found: Sequence[Example]) -> tuple[dict[str, float], dict[str, float]]:
    cases = [_case(one) for one in found if one.rewrites]
    held = []
    for fold in range(FOLDS):
        weights = _logit([one for one in cases if fold_of(one[0]) != fold])
        held += [_chosen(one, weights) for one in cases if fold_of(one[0]) == fold]
    possible = sum(any(right) for _, _, right, _ in cases) / len(cases)
    return _logit(cases), {"right": round(sum(held) / len(held), 3), "possible": round(possible, 3)}


def _case(one: Example) -> Case:
    grammar = _grammar(one)
    found = candidates(one.question, one.said, grammar)
    return (
        one.group,
        found,
        right_ones([each.text for each in found], one.rewrites, CODES[one.language or grammar.name]),
        CONVERSED if one.language else 1.0,
    )


def _chosen(case: Case, weights: Mapping[str, float]) -> bool:
    _, found, right, _ = case
    text = likeliest(found, weights) if found else ""
    return any(good for one, good in zip(found, right, strict=True) if one.text == text)


def _logit(cases: Sequence[Case]) -> dict[str, float]:
    """The weights under which the right candidates of every case, together, are likeliest."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.sparse import csr_array

    cases = [one for one in cases if any(one[2]) and not all(one[2])]
    names = sorted({name for _, found, _, _ in cases for one in found for name in one.features})
    column = {name: place for place, name in enumerate(names)}
    sizes = [len(found) for _, found, _, _ in cases]
    listed = [one.features for _, found, _, _ in cases for one in found]
    filled = [(row, column[name], value) for row, one in enumerate(listed) for name, value in one.items()]
    places, columns, values = zip(*filled, strict=True)
    rows = csr_array((values, (places, columns)), shape=(len(listed), len(names)))
    right = np.concatenate([good for _, _, good, _ in cases]).astype(np.float64)
    counts = np.array([one[3] for one in cases])
    starts, case = np.concatenate([[0], np.cumsum(sizes)[:-1]]), np.repeat(np.arange(len(sizes)), sizes)

    def loss(weights: Any) -> tuple[float, Any]:
        scores = rows @ weights
        each = np.exp(scores - np.maximum.reduceat(scores, starts)[case])
        every, good = np.add.reduceat(each, starts), np.maximum(np.add.reduceat(each * right, starts), 1e-30)
        slope = rows.T @ (counts[case] * (each / every[case] - each * right / good[case])) + RIDGE * weights
        return float(counts @ (np.log(every) - np.log(good)) + RIDGE / 2 * weights @ weights), slope

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return {name: round(float(one), 4) for name, one in zip(names, found, strict=True)}


def _grammar(one: Example) -> Any:
    return grammar_of(one.question, one.said[-1].question)
