"""Fits and judges the reranker: a conditional logit over candidate pages, cross-validated over documents.

    python -m evals.rerank QUESTIONS.jsonl --corpus NAME [--data-dir DIR] [--without FEATURE ...]

Every question is asked twice, of all documents and of the right one. Prints page recall of the weights in use, of
weights fitted without the documents they are judged on, and the weights fitted on all.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.arms import DEPTH, Outcome
from evals.corpus import add_corpus, open_corpus
from evals.metrics import CUTS, success
from evals.questions import SLICES, PageKey, Question
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.search.rerank import WEIGHTS, rerank

if TYPE_CHECKING:
    import torch

DECAY = 0.003  # L2 penalty; chosen by the same cross-validation


@dataclass(frozen=True)
class Case:
    """One question in one scope: its candidate pages, their features [candidates, F], and which of them are gold."""

    question: Question
    inside: bool
    pages: Sequence[PageKey]
    features: "torch.Tensor"
    gold: "torch.Tensor"


def cases(corpus: Corpus, questions: Sequence[Question], names: Sequence[str] = tuple(WEIGHTS)) -> list[Case]:
    """Two for each question that has pages: asked of all documents, and of the right one."""
    import torch

    stems = embedders.load("bm25").stems
    found = []
    for question in questions:
        for inside in (False, True):
            documents = question.documents if inside else ()
            ranked = rerank(question.text, corpus.retriever.candidates(question.text, documents=documents), stems)
            rows = [[one.features[name] for name in names] for one in ranked]
            pages = [(one.candidate.document, one.candidate.page) for one in ranked]
            gold = [page in question.pages for page in pages]
            found.append(Case(question, inside, pages, torch.tensor(rows), torch.tensor(gold)))
    return found


def fit(chosen: Sequence[Case]) -> "torch.Tensor":
    """Weights [F] that maximise the likelihood of a gold page being the one, among candidates."""
    import torch

    known = [case for case in chosen if bool(case.gold.any())]
    width = max(len(case.gold) for case in known)
    x = torch.stack([_padded(case.features, width) for case in known])  # [N, C, F]
    real = torch.stack([_padded(torch.ones_like(case.gold), width) for case in known])  # [N, C]
    gold = torch.stack([_padded(case.gold, width) for case in known])
    weights = torch.zeros(x.shape[2], requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> "torch.Tensor":
        optimizer.zero_grad()
        scores = (x @ weights).masked_fill(~real, -1e9)
        chance = torch.logsumexp(scores.masked_fill(~gold, -1e9), 1) - torch.logsumexp(scores, 1)
        loss = DECAY * (weights**2).sum() - chance.mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach()


def cross_validated(found: Sequence[Case]) -> list[Outcome]:
    """Each case ranked by weights fitted on the cases of other documents."""
    ranked: dict[int, Outcome] = {}
    for documents in sorted({case.question.documents for case in found}):
        weights = fit([case for case in found if not set(documents) & set(case.question.documents)])
        ranked |= {i: outcome(case, weights) for i, case in enumerate(found) if case.question.documents == documents}
    return [ranked[place] for place in range(len(found))]


def outcome(case: Case, weights: "torch.Tensor") -> Outcome:
    order = (case.features @ weights).argsort(descending=True, stable=True)[:DEPTH]
    return Outcome(case.question, [case.pages[int(place)] for place in order])


def row(name: str, found: Sequence[Case], outcomes: Sequence[Outcome]) -> str:
    """Markdown: recall at each cut, for all documents and the right one, all questions and chart or figure ones."""
    cells = []
    for visual in (False, True):
        for inside in (False, True):
            chosen = [
                one
                for case, one in zip(found, outcomes, strict=True)
                if case.inside == inside and (not visual or case.question.of(SLICES["chart or figure"]))
            ]
            shares = [sum(success(one.pages, one.question.pages, cut) for one in chosen) for cut in CUTS]
            cells.append(" / ".join(f"{share / max(1, len(chosen)):.2f}" for share in shares))
    return f"| {name} | " + " | ".join(cells) + " |"


def _padded(values: "torch.Tensor", width: int) -> "torch.Tensor":
    import torch

    out = torch.zeros((width, *values.shape[1:]), dtype=values.dtype)
    out[: len(values)] = values
    return out


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_corpus(parser)
    parser.add_argument("--without", nargs="*", default=[], choices=sorted(WEIGHTS))
    arguments = parser.parse_args()
    names = [name for name in WEIGHTS if name not in arguments.without]
    with open_corpus(arguments) as (corpus, questions):
        found = cases(corpus, [question for question in questions if question.pages], names)
    print("| weights | all documents | right document | chart or figure, all | chart or figure, right |")
    print("|---|---|---|---|---|")
    used = torch.tensor([WEIGHTS[name] for name in names])
    print(row("in use", found, [outcome(case, used) for case in found]))
    print(row("cross-validated", found, cross_validated(found)))
    fitted = fit(found)
    print(row("fitted on all", found, [outcome(case, fitted) for case in found]))
    print({name: round(float(weight), 2) for name, weight in zip(names, fitted, strict=True)})


if __name__ == "__main__":
    main()
