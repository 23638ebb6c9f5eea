"""`triptych fit relevance`: can the retriever tell that a question has no answer here?

Two logistic regressions: of the first pages of every question, gold pages being the positives, and of the questions.
Besides a collection's own unanswerable questions, answerable ones are asked where they have no answer
(`evals.retrieval.asked`).
Prints how well `answerable` tells answerable questions from those of each kind (area under the ROC curve), by the
weights in use and by weights fitted on the other collections, all collections together; keeps those fitted on all.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from evals.metrics import auroc, auroc_interval
from evals.retrieval.arms import DEPTH, Outcome
from evals.retrieval.asked import MADE, Case, Way, by_documents, cases
from evals.retrieval.collection import add_collections, provenance, read
from evals.shares import shares
from retrievers.search.fitted import RELEVANCE, by_words
from retrievers.search.relevance import FITTED, FITTED_BY_WORDS, Weights, probability, question_features

NAMES = [name for name in FITTED.page if name != "bias"]

HELP = "Fit how probably a found page holds the answer, over several collections."
DECAY = 0.001  # of the ridge
# What the kinds of question count in a fit, in each collection together: those without an answer as much as the others.
COUNTS: Mapping[Way, float] = {"other documents": 0.25, "wrong document": 0.25, "changed": 0.5}
OWN = 0.5  # a collection's own unanswerable questions


Row = Mapping[str, float]


def fit(collections: Sequence[Sequence[Case]], counting: Sequence[float] = ()) -> Weights:
    """The collections count as `counting` says, or alike."""
    import numpy as np

    each = zip(collections, counting or [1.0] * len(collections), strict=True)
    counted = [(case, share * count) for found, share in each for case, count in _counted(found)]
    page = _logistic(
        [row for case, _ in counted for row in rows_of(case)],
        np.concatenate([case.gold[:DEPTH].numpy() for case, _ in counted]),
        [count for case, count in counted for _ in case.features],
    )
    rows = [_of_question(case, page) for case, _ in counted]
    right = [case.question.answerable for case, _ in counted]
    return Weights(page, _logistic(rows, right, [count for _, count in counted]))


def rows_of(case: Case) -> list[Row]:
    """The features of its first pages, by name."""
    return [dict(zip(NAMES, row, strict=False)) for row in case.features.tolist()]


def _counted(found: Sequence[Case]) -> list[tuple[Case, float]]:
    """The cases that a fit reads, and what each counts."""
    kinds = {way: [case for case in found if case.way == way] for way in MADE}
    asked = [case for case in found if case.way not in MADE]
    groups = [(kinds[way], COUNTS[way]) for way in MADE]
    groups.append(([case for case in asked if not case.question.answerable], OWN))
    groups.append(([case for case in asked if case.question.pages], 1.0))
    return [(case, count / len(its)) for its, count in groups for case in its if len(case.features)]


def _logistic(rows: Sequence[Row], right: Sequence[bool], counts: Sequence[float]) -> Row:
    """The penalty is `DECAY` times the sum of squares of all but the bias, beside the mean loss."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    names, share = list(rows[0]), np.array(counts) / sum(counts)
    inputs = [[row[name] for name in names] for row in rows]
    model = LogisticRegression(C=1 / (2 * DECAY), tol=1e-7, max_iter=2000).fit(inputs, right, share)
    return {"bias": float(model.intercept_[0])} | dict(zip(names, map(float, model.coef_[0]), strict=True))


def _of_question(case: Case, page: Row) -> Row:
    rows = rows_of(case)
    return question_features(rows, [probability(page, row) for row in rows])


def answerable(case: Case, fitted: Weights) -> float:
    """Probability that the case's question has an answer there."""
    return probability(fitted.answerable, _of_question(case, fitted.page)) if len(case.features) else 0.0


def cross_validated(found: Sequence[Case]) -> list[tuple[Case, Outcome]]:
    """Each case as it was asked, by weights fitted on the cases of other documents."""
    out = []
    for its, others in by_documents(found):
        fitted = fit([others])
        out += [(case, Outcome(case.question, case.pages[:DEPTH], answerable(case, fitted))) for case in its]
    return out


def row(found: Sequence[Case], sure: Mapping[int, float]) -> str:
    """Markdown: areas against each kind of question without an answer; `sure` is by the case's id."""
    cells = []
    for way, kind in (
        ("all documents", "all documents"),
        ("right document", "right document"),
        ("all documents", "other documents"),
        ("right document", "wrong document"),
        ("right document", "changed"),
    ):
        yes = [sure[id(case)] for case in found if case.way == way and case.question.pages]
        no = [sure[id(case)] for case in found if case.way == kind and not case.question.answerable]
        cells.append(_area(yes, no) if yes and no else "")
    return " | ".join(cells)


def _area(yes: Sequence[float], no: Sequence[float]) -> str:
    low, high = auroc_interval(yes, no)
    return f"{auroc(yes, no):.2f} ({low:.2f} to {high:.2f})"


def pooled(found: Sequence[Case], sure: Mapping[int, float]) -> str:
    """All questions as they were asked, against unanswerable ones and those asked of a wrong document."""
    asked = [case for case in found if case.way in ("all documents", "wrong document")]
    yes = [sure[id(case)] for case in asked if case.question.pages]
    return _area(yes, [sure[id(case)] for case in asked if not case.question.answerable])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_collections(parser)
    parser.add_argument("--out", type=Path, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    collections = read(arguments, cases)
    used, out = (FITTED_BY_WORDS, by_words(RELEVANCE)) if arguments.by_words else (FITTED, RELEVANCE)
    counting = shares(arguments, collections)
    print(
        "| collection | weights | own unanswerable | own, right document | other documents | wrong document | changed |"
    )
    print("|---|---|---|---|---|---|---|")
    everything = [case for found in collections.values() for case in found]
    left_out: dict[int, float] = {}
    scores: dict[str, str] = {}
    for corpus, found in collections.items():
        if others := [its for name, its in collections.items() if name != corpus]:
            fitted = fit(others, [share for name, share in counting.items() if name != corpus])
            sure = {id(case): answerable(case, fitted) for case in found}
            left_out |= sure
            scores[corpus] = row(found, sure)
            print(f"| {corpus} | of other collections | {scores[corpus]} |")
        print(f"| {corpus} | in use | {row(found, {id(case): answerable(case, used) for case in found})} |")
    if left_out:
        scores["all together"] = pooled(everything, left_out)
        print(f"\nAll together, one left out: {scores['all together']}")
    whole = asdict(fit(list(collections.values()), list(counting.values())))
    kept = {name: {key: round(one, 2) for key, one in part.items()} for name, part in whole.items()}
    record = provenance("relevance", arguments) | {"left out": scores, "weights": kept}
    (arguments.out or out).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0
