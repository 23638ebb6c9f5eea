"""Fits and judges the relevance of hits: can the retriever tell that a question has no answer here?

    python -m evals.relevance QUESTIONS.jsonl UNANSWERABLE.jsonl --corpus NAME [--data-dir DIR]

A logistic regression over the first pages of every question, asked of all documents; gold pages are the positives.
Every answerable question is asked again of all documents but its own, where it has no answer: most questions that
people ask of the wrong pile of documents are like that. Prints, for the weights in use and cross-validated over
documents, how well the best hit's relevance tells answerable questions from unanswerable ones and from those asked of
other documents (area under the ROC curve), how well it is calibrated, and the weights fitted on all.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evals.arms import DEPTH, Outcome
from evals.corpus import add_corpus, open_corpus
from evals.questions import PageKey, Question
from evals.summary import abstention, of, wrong_at
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.search.relevance import BIAS, WEIGHTS, features
from retrievers.search.rerank import rerank

if TYPE_CHECKING:
    import torch

DECAY = 0.001


@dataclass(frozen=True)
class Case:
    """One question: its first pages, their features with a 1 appended [DEPTH, F + 1], and which of them are gold.

    `weight` is what it counts in the fit.
    """

    question: Question
    weight: float
    pages: Sequence[PageKey]
    features: "torch.Tensor"
    gold: "torch.Tensor"


def cases(corpus: Corpus, questions: Sequence[Question]) -> list[Case]:
    """One for each question asked of all documents, then one for each answerable one asked of all but its own.

    The latter count together as much as the unanswerable questions, or as one half of the answerable ones.
    """
    answerable = [question for question in questions if question.answerable]
    names = [record.name for record in corpus.documents()]
    others = {one: tuple(name for name in names if name not in one.documents) for one in answerable}
    missing = (len(questions) - len(answerable) or len(answerable) / 2) / max(1, len(answerable))
    asked = [_case(corpus, question, (), 1.0) for question in questions]
    return asked + [_case(corpus, elsewhere(one), others[one], missing) for one in answerable if others[one]]


def cases_inside(corpus: Corpus, questions: Sequence[Question]) -> list[Case]:
    """Each question asked of its own documents; they count nothing in a fit."""
    return [_case(corpus, question, question.documents, 0.0) for question in questions if question.documents]


def elsewhere(question: Question) -> Question:
    """`question` where its documents are not."""
    return replace(question, pages=frozenset(), answerable=False)


def _case(corpus: Corpus, question: Question, documents: tuple[str, ...], weight: float) -> Case:
    import torch

    stems = embedders.load("bm25").stems
    ranked = rerank(question.text, corpus.retriever.candidates(question.text, documents=documents), stems)
    rows = [[*row.values(), 1.0] for row in features(question.text, ranked, DEPTH, stems)]
    pages = [(one.candidate.document, one.candidate.page) for one in ranked[:DEPTH]]
    gold = torch.tensor([page in question.pages for page in pages]).float()
    return Case(question, weight, pages, torch.tensor(rows).reshape(len(rows), len(WEIGHTS) + 1), gold)


def fit(chosen: Sequence[Case]) -> "torch.Tensor":
    """Weights [F + 1] of the logistic regression, bias last."""
    import torch

    x, gold = torch.cat([case.features for case in chosen]), torch.cat([case.gold for case in chosen])
    counts = torch.cat([torch.full_like(case.gold, case.weight) for case in chosen])
    weights = torch.zeros(x.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> "torch.Tensor":
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights, gold, counts) / counts.mean()
        loss = loss + DECAY * (weights[:-1] ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach()


def chances(case: Case, weights: "torch.Tensor") -> "torch.Tensor":
    """Relevance of each of the case's pages."""
    import torch

    return torch.sigmoid(case.features @ weights)


def cross_validated(found: Sequence[Case]) -> list["torch.Tensor"]:
    """Relevance of each case's pages, by weights fitted on the cases of other documents."""
    out: dict[int, torch.Tensor] = {}
    for documents in sorted({case.question.documents for case in found}):
        weights = fit([case for case in found if not set(documents) & set(case.question.documents)])
        out |= {i: chances(case, weights) for i, case in enumerate(found) if case.question.documents == documents}
    return [out[place] for place in range(len(found))]


def outcomes(found: Sequence[Case], by: Sequence["torch.Tensor"]) -> list[Outcome]:
    return [Outcome(case.question, case.pages, float(chance.max())) for case, chance in zip(found, by, strict=True)]


def brier(found: Sequence[Case], by: Sequence["torch.Tensor"]) -> float:
    import torch

    return float(((torch.cat(list(by)) - torch.cat([case.gold for case in found])) ** 2).mean())


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_corpus(parser)
    with open_corpus(parser.parse_args()) as (corpus, questions):
        everywhere, inside = cases(corpus, questions), cases_inside(corpus, questions)
    yes = [question for question in questions if question.answerable]
    found = [*everywhere, *inside]
    kinds = {
        "unanswerable": (range(len(everywhere)), questions),
        "unanswerable, right document": (range(len(everywhere), len(found)), questions),
        "asked of other documents": (range(len(everywhere)), [*yes, *map(elsewhere, yes)]),
    }
    used, fitted = torch.tensor([*WEIGHTS.values(), BIAS]), fit(found)
    print("| weights | against questions | AUROC | 95 % | Brier score | wrong at 50 % answered | wrong at 80 % |")
    print("|---|---|---|---|---|---|---|")
    for name, by in (
        ("in use", [chances(case, used) for case in found]),
        ("cross-validated", cross_validated(found)),
        ("fitted on all", [chances(case, fitted) for case in found]),
    ):
        for kind, (places, kept) in kinds.items():
            some, sure = [found[place] for place in places], [by[place] for place in places]
            for one in abstention(of({name: outcomes(some, sure)}, kept)).values():
                area = f"{one.auroc.value:.2f} | {one.auroc.low:.2f} to {one.auroc.high:.2f}"
                wrong = " | ".join(f"{wrong_at(one.curve, share):.2f}" for share in (0.5, 0.8))
                print(f"| {name} | {kind} | {area} | {brier(some, sure):.3f} | {wrong} |")
    print(dict(zip([*WEIGHTS, "BIAS"], [round(float(weight), 2) for weight in fitted], strict=True)))


if __name__ == "__main__":
    main()
