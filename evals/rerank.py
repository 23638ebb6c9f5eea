"""Fits and judges the reranker: a conditional logit over candidate pages, cross-validated over documents.

    python -m evals.rerank --data FOLDER [--corpus NAME] [--data-dir DIR] [--without FEATURE ...]

FOLDER as in evals/pages.py. Every question is asked twice, of all documents and of the right one. Prints page recall
of the weights in use, of weights fitted without the documents they are judged on, and the weights fitted on all.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.settings import Settings
from evals.pages import CUTS, VISUAL, open_corpus, read_questions
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.rerank import WEIGHTS, features

if TYPE_CHECKING:
    import torch

DECAY = 0.003  # L2 penalty; chosen by the same cross-validation


@dataclass(frozen=True)
class Case:
    """One question in one scope: features [candidates, F], which candidates are gold, and what it counts for."""

    document: str
    inside: bool
    visual: bool
    features: "torch.Tensor"
    gold: "torch.Tensor"


def cases(corpus: Corpus, questions: Sequence[dict[str, Any]], names: Sequence[str]) -> list[Case]:
    import torch

    stems = embedders.load("bm25").stems
    found = []
    for question in questions:
        pages = {page + 1 for page in question["pages0"]}
        visual = bool(question["sources"]) and set(question["sources"]) <= VISUAL
        for inside in (False, True):
            documents = (question["doc"],) if inside else ()
            candidates = corpus.retriever.candidates(question["question"], documents=documents)
            rows = [[row[name] for name in names] for row in features(question["question"], candidates, stems)]
            gold = [candidate.document == question["doc"] and candidate.page in pages for candidate in candidates]
            found.append(Case(question["doc"], inside, visual, torch.tensor(rows), torch.tensor(gold)))
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


def cross_validated(found: Sequence[Case]) -> list[int]:
    """Rank of the first gold page of each case, by weights fitted on the other documents."""
    ranks: dict[int, int] = {}
    for document in sorted({case.document for case in found}):
        weights = fit([case for case in found if case.document != document])
        ranks |= {place: rank(case, weights) for place, case in enumerate(found) if case.document == document}
    return [ranks[place] for place in range(len(found))]


def rank(case: Case, weights: "torch.Tensor") -> int:
    """Place of the first gold page, from 1; 0 when it is no candidate."""
    scores = case.features @ weights
    return int((scores > scores[case.gold].max()).sum()) + 1 if bool(case.gold.any()) else 0


def row(name: str, found: Sequence[Case], ranks: Sequence[int]) -> str:
    """Markdown: recall at each cut, for all documents and the right one, all questions and chart or figure ones."""
    cells = []
    for visual in (False, True):
        for inside in (False, True):
            chosen = [r for c, r in zip(found, ranks, strict=True) if c.inside == inside and (c.visual or not visual)]
            cells.append(" / ".join(f"{sum(0 < r <= cut for r in chosen) / max(1, len(chosen)):.2f}" for cut in CUTS))
    return f"| {name} | " + " | ".join(cells) + " |"


def _padded(values: "torch.Tensor", width: int) -> "torch.Tensor":
    import torch

    out = torch.zeros((width, *values.shape[1:]), dtype=values.dtype)
    out[: len(values)] = values
    return out


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", default="eval")
    parser.add_argument("--data-dir", type=Path, default=Settings().data_dir)
    parser.add_argument("--without", nargs="*", default=[], choices=sorted(WEIGHTS))
    arguments = parser.parse_args()
    questions = read_questions(arguments.data / "answerable.jsonl")
    names = [name for name in WEIGHTS if name not in arguments.without]
    with open_corpus(arguments) as corpus:
        found = cases(corpus, questions, names)
    print("| weights | all documents | right document | chart or figure, all | chart or figure, right |")
    print("|---|---|---|---|---|")
    used = torch.tensor([WEIGHTS[name] for name in names])
    print(row("in use", found, [rank(case, used) for case in found]))
    print(row("cross-validated", found, cross_validated(found)))
    fitted = fit(found)
    print(row("fitted on all", found, [rank(case, fitted) for case in found]))
    print({name: round(float(weight), 2) for name, weight in zip(names, fitted, strict=True)})


if __name__ == "__main__":
    main()
