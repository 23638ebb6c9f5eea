"""Fits and judges the relevance of hits: can the retriever tell that a question has no answer here?

    python -m evals.relevance QUESTIONS.jsonl UNANSWERABLE.jsonl --corpus NAME [--data-dir DIR]

A logistic regression over the first pages of every question, asked of all documents; gold pages are the positives.
Prints, for the weights in use and cross-validated over documents, how well the best hit's relevance tells answerable
from unanswerable questions (area under the ROC curve), how well it is calibrated, and the weights fitted on all.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.arms import DEPTH, Outcome
from evals.corpus import add_corpus, open_corpus
from evals.questions import PageKey, Question
from evals.summary import abstention, wrong_at
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.relevance import BIAS, WEIGHTS, features
from retrievers.rerank import rerank

if TYPE_CHECKING:
    import torch

DECAY = 0.003


@dataclass(frozen=True)
class Case:
    """One question: its first pages, their features with a 1 appended [DEPTH, F + 1], and which of them are gold."""

    question: Question
    pages: Sequence[PageKey]
    features: "torch.Tensor"
    gold: "torch.Tensor"


def cases(corpus: Corpus, questions: Sequence[Question]) -> list[Case]:
    import torch

    stems = embedders.load("bm25").stems
    found = []
    for question in questions:
        ranked = rerank(question.text, corpus.retriever.candidates(question.text), stems)
        rows = [[*row.values(), 1.0] for row in features(question.text, ranked, DEPTH, stems)]
        pages = [(one.candidate.document, one.candidate.page) for one in ranked[:DEPTH]]
        gold = torch.tensor([page in question.pages for page in pages]).float()
        found.append(Case(question, pages, torch.tensor(rows), gold))
    return found


def fit(chosen: Sequence[Case]) -> "torch.Tensor":
    """Weights [F + 1] of the logistic regression, bias last."""
    import torch

    x, gold = torch.cat([case.features for case in chosen]), torch.cat([case.gold for case in chosen])
    weights = torch.zeros(x.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> "torch.Tensor":
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights, gold)
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
        found = cases(corpus, questions)
    used, fitted = torch.tensor([*WEIGHTS.values(), BIAS]), fit(found)
    print("| weights | AUROC | Brier score | wrong at 50 % answered | wrong at 80 % answered |\n|---|---|---|---|---|")
    for name, by in (
        ("in use", [chances(case, used) for case in found]),
        ("cross-validated", cross_validated(found)),
        ("fitted on all", [chances(case, fitted) for case in found]),
    ):
        one = abstention({name: outcomes(found, by)})[name]
        wrong = " | ".join(f"{wrong_at(one.curve, share):.2f}" for share in (0.5, 0.8))
        print(f"| {name} | {one.auroc.value:.2f} | {brier(found, by):.3f} | {wrong} |")
    print(dict(zip([*WEIGHTS, "BIAS"], [round(float(weight), 2) for weight in fitted], strict=True)))


if __name__ == "__main__":
    main()
