"""`triptych fit estimate`: how sure an answer is, fitted over several collections and judged on the one left out.

Every question is asked as a person would ask it; each candidate is a case, right when it holds the value asked for.
Questions without an answer, and those asked of other evidence than their own, are cases in which none is right. Three
weighted logistic regressions come of it: cross-validated by collection, and the one over all, which is kept.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agent.answering.candidates import Candidate, Quoted, candidates
from agent.answering.estimate import FITTED, FOUND, before_reading, evidence_features, log_odds_of
from agent.answering.evidence import Found
from agent.tools import search
from agent.tools.base import Scope
from common import jsonl
from common.logistic import sigmoid, weighed
from evals.answer_sets import Case, read_cases
from evals.corpus import open_named
from evals.gold import Text
from retrievers.elements import Hit
from retrievers.library import Corpus
from retrievers.search.names import names

HELP = "Fit how sure an answer is, over several collections."
KEPT = 8  # candidates of a question
RIDGE = 0.02
Read = tuple[float, Sequence[Candidate]]  # log-odds before reading, and what was read
WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Example:
    """One candidate of one question, ready for JSON. `kind`: "span" or "cells"; `before`: the log-odds that the search
    gave the question, 0 where none did."""

    collection: str
    question: str
    answerable: bool
    before: float
    kind: str
    features: dict[str, float]
    right: bool


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
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="questions of each set (default: 300)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fold", type=int, action="append", default=[], help="only tables or articles of this fold")
    parser.add_argument("--examples", type=Path, metavar="FILE", help="keep the cases there; read them if it exists")
    parser.add_argument("--out", type=Path, default=FITTED, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    kept: Path | None = arguments.examples
    if kept and kept.exists():
        found = [Example(**json.loads(line)) for _, line in jsonl.lines(kept)]
    else:
        found = list(_examples(arguments))
        if kept:
            kept.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in found), encoding="utf-8")
    scores = {}
    for name in sorted({one.collection for one in found}):
        fitted = fit([one for one in found if one.collection != name])
        scores[name] = report([one for one in found if one.collection == name], fitted)
        print(f"{name} (left out): {scores[name]}")
    whole = fit(found)
    arguments.out.write_text(json.dumps({"weights": whole, "left out": scores}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(whole, indent=1))
    return 0


def fit(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Weights of the two kinds of candidate, and of the question. Each collection counts the same."""
    kinds = {kind: _fit_kind([one for one in examples if one.kind == kind]) for kind in ("span", "cells")}
    return kinds | {"answerable": _fit_questions(examples)}


def _fit_kind(examples: Sequence[Example]) -> dict[str, float]:
    rows = [one.features for one in examples]
    counts = Counter(one.collection for one in examples)
    weight = [1.0 / counts[one.collection] for one in examples]
    return _logistic(rows, [one.right for one in examples], weight, [0.0] * len(rows))


def _fit_questions(examples: Sequence[Example]) -> dict[str, float]:
    """Answerable and unanswerable questions of a collection count the same, too."""
    asked = questions(examples)
    counts = Counter((key[0], key[2]) for key in asked)
    rows = [evidence_features([(one.kind, one.features) for one in group]) for group in asked.values()]
    weight = [1.0 / counts[key[0], key[2]] for key in asked]
    return _logistic(rows, [key[2] for key in asked], weight, [group[0].before for group in asked.values()])


def questions(examples: Sequence[Example]) -> dict[tuple[str, str, bool], list[Example]]:
    """The candidates by collection, question, and whether it has an answer there."""
    found: dict[tuple[str, str, bool], list[Example]] = {}
    for one in examples:
        found.setdefault((one.collection, one.question, one.answerable), []).append(one)
    return found


def _logistic(
    rows: Sequence[Mapping[str, float]], right: Sequence[bool], weight: Sequence[float], before: Sequence[float]
) -> dict[str, float]:
    """Ridge over standardised features; `before` are log-odds to which the rest is added."""
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


def report(examples: Sequence[Example], fitted: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The share of answerable questions whose likeliest candidate is right; the area under the ROC curve for answerable
    or not; at `FOUND`, what is refused of either and how many are then right."""
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    asked = questions(examples)
    sure, right = [], []
    for group in asked.values():
        best = max(group, key=lambda one: _sum(fitted[one.kind], one.features))
        seen = evidence_features([(one.kind, one.features) for one in group])
        sure.append(sigmoid(group[0].before + _sum(fitted["answerable"], seen)))
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


def _sum(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return weights["bias"] + weighed(weights, features)


def _examples(arguments: argparse.Namespace) -> Iterator[Example]:
    from evals.answers import chosen

    draw = random.Random(arguments.seed)
    for path in arguments.sets:
        cases = chosen(read_cases(path), arguments)
        for place, case in enumerate(cases):
            yield from _of(case, path.stem, _own(case, case.question))
            other = next((one for one in (*cases[place + 1 :], *cases[:place]) if one.group != case.group), None)
            elsewhere = replace(case, answerable=False, gold=None)
            if other:
                yield from _of(elsewhere, path.stem, _own(other, case.question))
            if changed := _changed(case.question, cases, draw):
                yield from _of(replace(elsewhere, question=changed), path.stem, _own(case, changed))
    for path, name in arguments.pages:
        yield from _of_corpus(arguments, Path(path), name)


def _of_corpus(arguments: argparse.Namespace, path: Path, name: str) -> Iterator[Example]:
    """Each question of its own document, and of all the others."""
    from evals.answers import chosen

    with open_named(argparse.Namespace(corpus=name, data_dir=arguments.data_dir)) as corpus:
        known = [record.name for record in corpus.documents()]
        # no reader was trained on these
        every = argparse.Namespace(sample=arguments.sample, seed=arguments.seed, fold=[])
        cases = [case for case in chosen(read_cases(path, known), every) if case.documents]
        draw = random.Random(arguments.seed)
        for case in cases:
            yield from _of(case, name, _searched(corpus, case.question, case.documents))
            others = tuple(one for one in known if one not in case.documents)
            elsewhere = replace(case, answerable=False, gold=None)
            yield from _of(elsewhere, name, _searched(corpus, case.question, others))
            if case.answerable and (changed := _changed(case.question, cases, draw)):
                found = _searched(corpus, changed, case.documents)
                yield from _of(replace(elsewhere, question=changed), name, found)


def _changed(question: str, others: Sequence[Case], draw: random.Random) -> str:
    """The question about another name or number, or with another word, taken from another of the questions; "" where
    it has none. What it asks for is not there, though all the rest is."""
    other = draw.choice(others).question
    alike = [(one, new) for one in names(question) for new in names(other) if one.isdigit() == new.isdigit()]
    if not alike or draw.random() < 0.5:
        alike = [(one, new) for one in WORD.findall(question)[1:] for new in WORD.findall(other)[1:]]
    alike = [(one, new) for one, new in alike if new.lower() not in question.lower()]
    return question.replace(*draw.choice(alike)) if alike else ""


def _searched(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Read:
    """What the agent's own tool finds and reads."""
    call = {"type": "tool_call", "name": "search", "id": "search", "args": {"query": question}}
    found: Found = search.build(Scope(corpus, documents)).invoke(call).artifact
    return log_odds_of(before_reading(found)), found.candidates.best if found.candidates else ()


def _own(case: Case, question: str) -> Read:
    assert case.evidence is not None
    hits = [Hit(element, 1 / place) for place, element in enumerate(case.evidence(), start=1)]
    return 0.0, candidates(question, hits).best


def _of(case: Case, collection: str, read: Read) -> Iterator[Example]:
    if case.answerable and case.gold is None:
        return
    before, found = read
    for one in found[:KEPT]:
        yield Example(
            collection, case.question, case.answerable, before, one.kind, dict(one.features), _right(case, one)
        )


def _right(case: Case, one: Candidate) -> bool:
    """Whether it holds the value asked for: as its own words, or in what it quotes of a page that is right to cite."""
    if case.gold is None or not case.answerable:
        return False
    if not isinstance(one, Quoted):
        return case.gold.held(Text.of(", ".join(one.computed.values)))
    element = one.passage.element
    there = not case.pages or (element.document, element.page) in case.pages
    return case.gold.held(Text.of(one.words)) or (there and case.gold.held(Text.of(one.passage.text)))
