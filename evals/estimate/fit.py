"""`triptych fit estimate`: how sure an answer is, fitted over several collections and judged on the one left out.

Every question is asked as a person would ask it; each candidate is a case, right when it holds the value asked for.
Questions without an answer, and those asked of other evidence than their own, are cases in which none is right. Three
weighted logistic regressions come of it: cross-validated by collection, and the one over all, which is kept.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.answering.candidates.estimate import FITTED, FOUND, Features, Seen, evidence_features, prior
from common import jsonl
from common.logistic import sigmoid, weighed
from evals.estimate.examples import Example, example_of, examples_of
from evals.provenance import digests
from evals.shares import add_shares, shares, typed_shares

HELP = "Fit how sure an answer is, over several collections."
RIDGE = 0.02
ALIKE: Mapping[str, float] = {}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sets", nargs="*", type=Path, metavar="SET", help="questions asked of tables or paragraphs")
    parser.add_argument(
        "--pages",
        nargs=2,
        action="append",
        default=[],
        metavar=("SET", "CORPUS"),
        help="questions asked of an ingested corpus (may be repeated)",
    )
    parser.add_argument(
        "--piles",
        type=Path,
        action="append",
        default=[],
        metavar="SET",
        help="tables or paragraphs that are made documents of a corpus and searched (may be repeated)",
    )
    parser.add_argument(
        "--made", type=int, default=0, metavar="N", help="questions of N made tables and sentences, too"
    )
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="questions of each set (default: 300)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fold", type=int, action="append", default=[], help="only tables or articles of this fold")
    add_shares(parser)
    parser.add_argument("--examples", type=Path, metavar="FILE", help="keep the cases there; read them if it exists")
    parser.add_argument("--out", type=Path, default=FITTED, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    kept: Path | None = arguments.examples
    again = kept is not None and kept.exists()
    if kept and again:
        found = [example_of(json.loads(line)) for _, line in jsonl.lines(kept)]
    else:
        found = list(examples_of(arguments))
        if kept:
            kept.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in found), encoding="utf-8")
    scores, names = {}, sorted({one.collection for one in found})
    counting = shares(arguments, names)
    for name in names:
        fitted = fit([one for one in found if one.collection != name], counting)
        scores[name] = report([one for one in found if one.collection == name], fitted)
        print(f"{name} (left out): {scores[name]}")
    whole = fit(found, counting)
    record = provenance(arguments, again) | {"weights": whole, "left out": scores}
    arguments.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(whole, indent=1))
    return 0


def provenance(arguments: argparse.Namespace, again: bool) -> dict[str, Any]:
    """The command, its files by name, and the SHA-256 of each: of the kept cases too where they were fitted `again`,
    for they may be of other files."""
    sets: list[Path] = [*arguments.sets, *(Path(path) for path, _ in arguments.pages), *arguments.piles]
    typed = ["triptych fit estimate", *(path.name for path in arguments.sets)]
    typed += [word for path, corpus in arguments.pages for word in ("--pages", Path(path).name, corpus)]
    typed += [word for path in arguments.piles for word in ("--piles", path.name)]
    typed += [word for fold in arguments.fold for word in ("--fold", str(fold))]
    typed += ["--made", str(arguments.made), "--sample", str(arguments.sample), "--seed", str(arguments.seed)]
    typed += typed_shares(arguments)
    if again:
        typed += ["--examples", arguments.examples.name]
        sets.append(arguments.examples)
    return {"command": " ".join(typed), "data": digests(sets)}


def fit(examples: Sequence[Example], counting: Mapping[str, float] = ALIKE) -> dict[str, dict[str, float]]:
    """Weights of the two kinds of candidate, and of the question. The collections count as `counting` says."""
    kinds = {kind: _fit_kind([one for one in examples if one.kind == kind], counting) for kind in ("span", "cells")}
    return kinds | {"answerable": _fit_questions(examples, kinds, counting)}


def _fit_kind(examples: Sequence[Example], counting: Mapping[str, float]) -> dict[str, float]:
    rows = [one.features for one in examples]
    counts = Counter(one.collection for one in examples)
    weight = [counting.get(one.collection, 1.0) / counts[one.collection] for one in examples]
    return _logistic(rows, [one.right for one in examples], weight, [0.0] * len(rows))


def _fit_questions(
    examples: Sequence[Example], kinds: Mapping[str, Features], counting: Mapping[str, float]
) -> dict[str, float]:
    """Answerable and unanswerable questions of a collection count the same, too."""
    asked = questions(examples)
    counts = Counter((key[0], key[2]) for key in asked)
    rows = [evidence_features(_seen(group, kinds), group[0].lacking) for group in asked.values()]
    weight = [counting.get(key[0], 1.0) / counts[key[0], key[2]] for key in asked]
    before = [prior(group[0].before) for group in asked.values()]
    return _logistic(rows, [key[2] for key in asked], weight, before)


def _seen(group: Sequence[Example], kinds: Mapping[str, Features]) -> list[Seen]:
    return [Seen(one.kind, one.features, sigmoid(_sum(kinds[one.kind], one.features))) for one in group]


def questions(examples: Sequence[Example]) -> dict[tuple[str, str, bool], list[Example]]:
    """The candidates by collection, question, and whether it has an answer there."""
    found: dict[tuple[str, str, bool], list[Example]] = {}
    for one in examples:
        found.setdefault((one.collection, one.question, one.answerable), []).append(one)
    return found


def _logistic(
    rows: Sequence[Features], right: Sequence[bool], weight: Sequence[float], before: Sequence[float]
) -> dict[str, float]:
    """Ridge over standardised features; `before` are log-odds to which the rest is added.

    Not by scikit-learn: its regression weighs every column, and has none of which the weight is held at 1.
    """
    import numpy as np
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    columns = list(rows[0])
    raw = np.array([[row[name] for name in columns] for row in rows])  # [N, F]
    middle, spread = raw.mean(0), raw.std(0) + 1e-9
    inputs = np.hstack([(raw - middle) / spread, np.ones((len(raw), 1))])
    target, share = np.array(right, dtype=float), np.array(weight) / sum(weight)

    def loss(values: Any) -> tuple[float, Any]:
        score = np.array(before) + inputs @ values
        held = np.append(values[:-1], 0.0)
        lost = float((np.logaddexp(0, score) - target * score) @ share + RIDGE * held @ held)
        return lost, inputs.T @ ((1 / (1 + np.exp(-score)) - target) * share) + 2 * RIDGE * held

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True).x
    scaled = found[:-1] / spread
    return {"bias": float(found[-1] - scaled @ middle)} | dict(zip(columns, map(float, scaled), strict=True))


def report(examples: Sequence[Example], fitted: Mapping[str, Features]) -> dict[str, float]:
    """The share of answerable questions whose likeliest candidate is right; the area under the ROC curve for answerable
    or not; at `FOUND`, what is refused of either and how many are then right."""
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    asked = questions(examples)
    sure, right = [], []
    for group in asked.values():
        best = max(group, key=lambda one: _sum(fitted[one.kind], one.features))
        seen = evidence_features(_seen(group, fitted), group[0].lacking)
        sure.append(sigmoid(prior(group[0].before) + _sum(fitted["answerable"], seen)))
        right.append(best.right)
    known = [key[2] for key in asked]
    told = [one >= FOUND for one in sure]
    out = {
        "questions": float(sum(known)),
        "right": sum(right) / sum(known),
        "holds": sum(one and said for one, said in zip(right, told, strict=True)) / sum(known),
        "refused": sum(one and not said for one, said in zip(known, told, strict=True)) / sum(known),
    }
    if missing := len(known) - sum(known):
        out["unanswerable refused"] = sum(not (one or said) for one, said in zip(known, told, strict=True)) / missing
        out["auroc"] = float(roc_auc_score(known, sure))
    return {name: round(value, 3) for name, value in out.items()}


def _sum(weights: Features, features: Features) -> float:
    return weights["bias"] + weighed(weights, features)
