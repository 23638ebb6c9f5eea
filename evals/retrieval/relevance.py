"""Fits and judges relevance: can the retriever tell that a question has no answer here?

    python -m evals.retrieval.relevance CORPUS=QUESTIONS[,QUESTIONS] ... --cache DIR [--data-dir DIR]

Two logistic regressions: of the first pages of every question, gold pages being the positives, and of the questions.
Besides a collection's own unanswerable questions, answerable ones are asked where they have no answer
(`evals.retrieval.asked`).
Prints how well `answerable` tells answerable questions from those of each kind (area under the ROC curve), by the
weights in use and by weights fitted on the other collections, all collections together, and the weights fitted on all.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.metrics import auroc, auroc_interval
from evals.retrieval.arms import DEPTH, Outcome
from evals.retrieval.asked import MADE, Case, Way, by_documents, cases
from evals.retrieval.collection import add_collections, read
from retrievers.search.relevance import ANSWERABLE_BIAS, ANSWERABLE_WEIGHTS, BIAS, WEIGHTS, question_features

if TYPE_CHECKING:
    import torch

DECAY = 0.001
# What the kinds of question count in a fit, in each collection together: those without an answer as much as the others.
COUNTS: Mapping[Way, float] = {"other documents": 0.25, "wrong document": 0.25, "changed": 0.5}
OWN = 0.5  # a collection's own unanswerable questions


@dataclass(frozen=True)
class Fitted:
    """Weights of pages [F + 1] and of questions, the bias last."""

    pages: "torch.Tensor"
    questions: "torch.Tensor"


def in_use() -> Fitted:
    import torch

    return Fitted(
        torch.tensor([*WEIGHTS.values(), BIAS]), torch.tensor([*ANSWERABLE_WEIGHTS.values(), ANSWERABLE_BIAS])
    )


def fit(collections: Sequence[Sequence[Case]]) -> Fitted:
    import torch

    counted = [one for found in collections for one in _counted(found)]
    pages = _logistic(
        torch.cat([case.features for case, _ in counted]),
        torch.cat([case.gold[:DEPTH].float() for case, _ in counted]),
        torch.cat([torch.full((len(case.features),), count) for case, count in counted]),
    )
    questions = _logistic(
        torch.stack([_of_question(case, pages) for case, _ in counted]),
        torch.tensor([float(case.question.answerable) for case, _ in counted]),
        torch.tensor([count for _, count in counted]),
    )
    return Fitted(pages, questions)


def _counted(found: Sequence[Case]) -> list[tuple[Case, float]]:
    """The cases that a fit reads, and what each counts."""
    kinds = {way: [case for case in found if case.way == way] for way in MADE}
    asked = [case for case in found if case.way not in MADE]
    groups = [(kinds[way], COUNTS[way]) for way in MADE]
    groups.append(([case for case in asked if not case.question.answerable], OWN))
    groups.append(([case for case in asked if case.question.pages], 1.0))
    return [(case, count / len(its)) for its, count in groups for case in its if len(case.features)]


def _logistic(x: "torch.Tensor", right: "torch.Tensor", counts: "torch.Tensor") -> "torch.Tensor":
    """Weights [F] of a logistic regression with an L2 penalty on all but the last, the bias."""
    import torch

    weights = torch.zeros(x.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> "torch.Tensor":
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights, right, counts) / counts.mean()
        loss = loss + DECAY * (weights[:-1] ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach()


def _of_question(case: Case, pages: "torch.Tensor") -> "torch.Tensor":
    """Its features, with a 1 appended."""
    import torch

    rows = [dict(zip(WEIGHTS, row, strict=False)) for row in case.features.tolist()]
    found = question_features(rows, torch.sigmoid(case.features @ pages).tolist())
    return torch.tensor([*found.values(), 1.0])


def answerable(case: Case, fitted: Fitted) -> float:
    """Probability that the case's question has an answer there."""
    import torch

    if not len(case.features):
        return 0.0
    return float(torch.sigmoid(_of_question(case, fitted.pages) @ fitted.questions))


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_collections(parser)
    collections = read(parser.parse_args(), cases)
    print(
        "| collection | weights | own unanswerable | own, right document | other documents | wrong document | changed |"
    )
    print("|---|---|---|---|---|---|---|")
    everything = [case for found in collections.values() for case in found]
    left_out: dict[int, float] = {}
    for corpus, found in collections.items():
        fitted = fit([its for name, its in collections.items() if name != corpus])
        sure = {id(case): answerable(case, fitted) for case in found}
        left_out |= sure
        print(f"| {corpus} | of other collections | {row(found, sure)} |")
        print(f"| {corpus} | in use | {row(found, {id(case): answerable(case, in_use()) for case in found})} |")
    print(f"\nAll together, one left out: {pooled(everything, left_out)}")
    fitted = fit(list(collections.values()))
    print(dict(zip([*WEIGHTS, "BIAS"], [round(float(one), 2) for one in fitted.pages], strict=True)))
    names = [*ANSWERABLE_WEIGHTS, "ANSWERABLE_BIAS"]
    print(dict(zip(names, [round(float(one), 2) for one in fitted.questions], strict=True)))


if __name__ == "__main__":
    main()
