"""Fits and judges the relevance of hits: can the retriever tell that a question has no answer here?

    python -m evals.relevance --data FOLDER [--corpus NAME] [--data-dir DIR]

FOLDER as in evals/pages.py, with `unanswerable.jsonl` beside `answerable.jsonl`. A logistic regression over the first
pages of every question, asked of all documents; gold pages are the positives. Prints, for the weights in use and
cross-validated over documents, how well the best hit's relevance tells answerable from unanswerable questions (area
under the ROC curve), how well it is calibrated, and the weights fitted on all.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.settings import Settings
from evals.pages import open_corpus, read_questions
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.relevance import BIAS, WEIGHTS, features
from retrievers.rerank import rerank

if TYPE_CHECKING:
    import torch

TOP = 8
DECAY = 0.003


@dataclass(frozen=True)
class Case:
    """One question: features of its first pages with a 1 appended [TOP, F + 1], and which of them are gold."""

    document: str
    answerable: bool
    features: "torch.Tensor"
    gold: "torch.Tensor"


def cases(corpus: Corpus, questions: Sequence[dict[str, Any]]) -> list[Case]:
    import torch

    stems = embedders.load("bm25").stems
    found = []
    for question in questions:
        ranked = rerank(question["question"], corpus.retriever.candidates(question["question"]), stems)
        rows = [[*row.values(), 1.0] for row in features(question["question"], ranked, TOP, stems)]
        pages = {(question["doc"], page + 1) for page in question["pages0"]}
        gold = [(one.candidate.document, one.candidate.page) in pages for one in ranked[:TOP]]
        found.append(Case(question["doc"], bool(pages), torch.tensor(rows), torch.tensor(gold).float()))
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


def cross_validated(found: Sequence[Case]) -> list["torch.Tensor"]:
    """Relevance of each case's pages, by weights fitted on the other documents."""
    import torch

    out: dict[int, torch.Tensor] = {}
    for document in sorted({case.document for case in found}):
        weights = fit([case for case in found if case.document != document])
        out |= {i: torch.sigmoid(c.features @ weights) for i, c in enumerate(found) if c.document == document}
    return [out[place] for place in range(len(found))]


def auroc(found: Sequence[Case], chances: Sequence["torch.Tensor"]) -> float:
    """Chance that an answerable question's best hit is held more relevant than an unanswerable one's."""
    best = [float(chance.max()) for chance in chances]
    yes = [value for case, value in zip(found, best, strict=True) if case.answerable]
    no = [value for case, value in zip(found, best, strict=True) if not case.answerable]
    return sum((a > b) + 0.5 * (a == b) for a in yes for b in no) / (len(yes) * len(no))


def risk_coverage(found: Sequence[Case], chances: Sequence["torch.Tensor"]) -> list[tuple[float, float]]:
    """(share of questions answered, share of those whose best hit is no gold page) from the surest question on."""
    surest = sorted(zip(found, chances, strict=True), key=lambda pair: -float(pair[1].max()))
    wrong, curve = 0, []
    for count, (case, chance) in enumerate(surest, start=1):
        wrong += not bool(case.gold[int(chance.argmax())])
        curve.append((count / len(found), wrong / count))
    return curve


def brier(found: Sequence[Case], chances: Sequence["torch.Tensor"]) -> float:
    import torch

    return float(((torch.cat(list(chances)) - torch.cat([case.gold for case in found])) ** 2).mean())


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", default="eval")
    parser.add_argument("--data-dir", type=Path, default=Settings().data_dir)
    arguments = parser.parse_args()
    files = ("answerable.jsonl", "unanswerable.jsonl")
    questions = [question for name in files for question in read_questions(arguments.data / name)]
    with open_corpus(arguments) as corpus:
        found = cases(corpus, questions)
    used = torch.tensor([*WEIGHTS.values(), BIAS])
    fitted = fit(found)
    print("| weights | AUROC | Brier score | wrong at 50 % answered | wrong at 80 % answered |\n|---|---|---|---|---|")
    for name, chances in (
        ("in use", [torch.sigmoid(case.features @ used) for case in found]),
        ("cross-validated", cross_validated(found)),
        ("fitted on all", [torch.sigmoid(case.features @ fitted) for case in found]),
    ):
        curve = risk_coverage(found, chances)
        at = [curve[int(share * len(curve)) - 1][1] for share in (0.5, 0.8)]
        print(f"| {name} | {auroc(found, chances):.2f} | {brier(found, chances):.3f} | {at[0]:.2f} | {at[1]:.2f} |")
    print(dict(zip([*WEIGHTS, "BIAS"], [round(float(weight), 2) for weight in fitted], strict=True)))


if __name__ == "__main__":
    main()
