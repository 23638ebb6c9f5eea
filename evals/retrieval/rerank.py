"""`triptych fit rerank`: a conditional logit over candidate pages, judged on each collection of documents left out.

Every question is asked twice, of all documents and of the right one. Prints page recall of the weights in use, of
weights fitted on the other collections, and on all; keeps the latter.

Weights fitted freely lean on what they were fitted on: on twenty documents they gain, on strangers they lose to one
common weight for all features ("The robust beauty of improper linear models", Dawes, 1979). The fit is therefore held
to a common weight, which it chooses.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.metrics import CUTS, interval, success
from evals.retrieval.arms import DEPTH, Outcome
from evals.retrieval.asked import Case, by_documents, cases
from evals.retrieval.collection import add_collections, provenance, read
from evals.shares import shares
from retrievers.search.fitted import RERANK, by_words
from retrievers.search.rerank import WEIGHTS, WEIGHTS_BY_WORDS

if TYPE_CHECKING:
    import torch

HELP = "Fit which of the found pages comes first, over several collections."
DECAY = 0.1  # L2 penalty of the distance from the common weight; .03 to 1 do as well
# What a question places is looked up: it weighs so many times the common weight.
RELATIVE = {name: 2.5 if name == "position" else 1.0 for name in WEIGHTS}
NAMES = tuple(WEIGHTS)
WAYS = ("all documents", "right document")


def located(found: Sequence[Case]) -> list[Case]:
    """Those whose right pages are known."""
    return [case for case in found if case.question.pages]


def fit(
    collections: Sequence[Sequence[Case]], names: Sequence[str] = NAMES, counting: Sequence[float] = ()
) -> "torch.Tensor":
    """Weights [F] that maximise the likelihood of a gold page being the one, among candidates; 0 for what is not in
    `names`. The collections count as `counting` says, or alike."""
    import torch

    known = [[case for case in cases if bool(case.gold.any())] for cases in collections]
    chosen = [case for cases in known for case in cases]
    each = counting or [1.0] * len(known)
    counts = torch.tensor(
        [share / sum(each) / len(cases) for share, cases in zip(each, known, strict=True) for _ in cases]
    )
    width = max(len(case.gold) for case in chosen)
    x = torch.stack([_padded(case.ranking, width) for case in chosen])  # [N, C, F]
    real = torch.stack([_padded(torch.ones_like(case.gold), width) for case in chosen])  # [N, C]
    gold = torch.stack([_padded(case.gold, width) for case in chosen])
    relative = torch.tensor([RELATIVE[name] * (name in names) for name in NAMES])
    common, apart = torch.ones(1, requires_grad=True), torch.zeros(x.shape[2], requires_grad=True)
    optimizer = torch.optim.LBFGS([common, apart], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> "torch.Tensor":
        optimizer.zero_grad()
        scores = (x @ (common * relative + apart * relative.sign())).masked_fill(~real, -1e9)
        chance = torch.logsumexp(scores.masked_fill(~gold, -1e9), 1) - torch.logsumexp(scores, 1)
        loss = DECAY * (apart**2).sum() - (chance * counts).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return (common * relative + apart * relative.sign()).detach()


def cross_validated(found: Sequence[Case]) -> list[tuple[Case, Outcome]]:
    """Each case ranked by weights fitted on the cases of other documents."""
    out = []
    for its, others in by_documents(found):
        weights = fit([located(others)])
        out += [(case, outcome(case, weights)) for case in its]
    return out


def outcome(case: Case, weights: "torch.Tensor") -> Outcome:
    order = (case.ranking @ weights).argsort(descending=True, stable=True)[:DEPTH]
    return Outcome(case.question, [case.pages[int(place)] for place in order])


def recalls(found: Sequence[Case], weights: "torch.Tensor") -> str:
    """Recall at each cut for all documents and the right one, that at 1 with its 95 % interval."""
    cells = []
    for way in WAYS:
        asked = [outcome(case, weights) for case in found if case.way == way]
        hits = [[success(one.pages, one.question.pages, cut) for one in asked] for cut in CUTS]
        if asked:
            low, high = interval(hits[0])
            shares = " / ".join(f"{math.fsum(one) / len(asked):.2f}" for one in hits)
            cells.append(f"{shares} ({low:.2f} to {high:.2f})")
        else:
            cells.append("")
    return " | ".join(cells)


def _padded(values: "torch.Tensor", width: int) -> "torch.Tensor":
    import torch

    out = torch.zeros((width, *values.shape[1:]), dtype=values.dtype)
    out[: len(values)] = values
    return out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_collections(parser)
    parser.add_argument("--without", nargs="*", default=[], choices=sorted(WEIGHTS), help="features to leave out")
    parser.add_argument("--out", type=Path, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    import torch

    names = [name for name in WEIGHTS if name not in arguments.without]
    found: Mapping[str, list[Case]] = {name: located(its) for name, its in read(arguments, cases).items()}
    now, out = (WEIGHTS_BY_WORDS, by_words(RERANK)) if arguments.by_words else (WEIGHTS, RERANK)
    counting = shares(arguments, found)
    used, scores = torch.tensor([now[name] for name in NAMES]), {}
    fitted = fit(list(found.values()), names, list(counting.values()))
    print("| collection | weights | all documents @1 / @5 / @10 | right document |")
    print("|---|---|---|---|")
    for corpus, its in found.items():
        others = [cases for name, cases in found.items() if name != corpus]
        beside = [share for name, share in counting.items() if name != corpus]
        for name, weights in (
            ("in use", used),
            *((("of other collections", fit(others, names, beside)),) if others else ()),
            ("fitted on all", fitted),
        ):
            scores[corpus, name] = recalls(its, weights)
            print(f"| {corpus} ({len({case.question for case in its})}) | {name} | {scores[corpus, name]} |")
    left_out = {corpus: line for (corpus, name), line in scores.items() if name == "of other collections"}
    kept = {name: round(float(weight), 2) for name, weight in zip(NAMES, fitted, strict=True)}
    record = provenance("rerank", arguments) | {"left out": left_out, "weights": kept}
    (arguments.out or out).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0
