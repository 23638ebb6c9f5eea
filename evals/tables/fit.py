"""`triptych fit tables`: trains the ranker of programs over tables, measures it, and writes its weights with their
record."""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from agent.answering.tables.ranking.ranker import WEIGHTS, Ranker, save
from common.arguments import at_least
from evals.folds import FOLDS, fold_of
from evals.provenance import digest
from evals.tables.made import made_questions
from evals.tables.measure import Outcome, calibrated, curve, outcomes, shares, unanswered, wrong_by
from evals.tables.questions import TableQuestion, table_questions
from ui import terminal

HELP = "Train what reads questions into programs over tables, and write its weights."
EPOCHS = 4
LEAST = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
SOURCES = {
    "wtq": "WikiTableQuestions, CC BY-SA 4.0",
    "tatqa": "TAT-QA, CC BY 4.0",
    "made": "made by evals/tables/made.py",
}
MADE = 2500
NETWORKS = 3  # trained from other beginnings and asked together


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="the public questions")
    parser.add_argument("--to", type=Path, default=WEIGHTS, metavar="FILE", help="default: the package's own weights")
    parser.add_argument("--epochs", type=at_least(1), default=EPOCHS, metavar="N", help=f"default: {EPOCHS}")
    parser.add_argument("--made", type=at_least(0), default=MADE, metavar="N", help=f"made tables (default: {MADE})")
    parser.add_argument("--networks", type=at_least(1), default=NETWORKS, metavar="N", help=f"default: {NETWORKS}")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--hold-out",
        type=int,
        choices=range(FOLDS),
        default=0,
        metavar="FOLD",
        help="measure and calibrate on this one",
    )
    parser.add_argument("--without", choices=sorted(SOURCES), help="leave this collection out, and measure on it")


def run(arguments: argparse.Namespace) -> int:
    """Trains on all folds but one."""
    from evals.tables.examples import examples
    from evals.tables.train import train

    asked = [*table_questions(arguments.data), *made_questions(arguments.made, arguments.seed)]
    kept = [one for one in asked if not _left_out(one, arguments)]
    out = [one for one in asked if _left_out(one, arguments)]
    terminal.say(f"{len(kept)} questions to train on, {len(out)} left out")
    some = list(examples(kept))
    ranker = train(some, arguments.epochs, arguments.seed, terminal.say, networks=arguments.networks)
    ranker, record = measured(ranker, out, arguments.seed)
    save(ranker, arguments.to)
    facts = {
        "made": date.today().isoformat(),
        "sha256": digest(arguments.to),
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "networks": arguments.networks,
        "left out": arguments.without or f"fold {arguments.hold_out} of {FOLDS}",
        "trained on": [SOURCES[name] for name in sorted({one.collection for one in kept}, reverse=True)],
        **record,
    }
    arguments.to.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    terminal.say(json.dumps(record, indent=1))
    return 0


def _left_out(one: TableQuestion, arguments: argparse.Namespace) -> bool:
    if arguments.without:
        return bool(one.collection == arguments.without)
    return bool(fold_of(one.table.document) == arguments.hold_out)


def measured(ranker: Ranker, out: Sequence[TableQuestion], seed: int) -> tuple[Ranker, dict[str, Any]]:
    """The ranker calibrated on the tables left out, and its scores on their questions. How good its probability is, is
    told of a fit on half of those tables, on the other half."""
    halves = [[one for one in out if fold_of(f"{one.table.document}/half", 2) == half] for half in (0, 1)]
    found = [(list(outcomes(ranker, half)), unanswered(ranker, half, seed)) for half in halves]
    half = calibrated(ranker, [*found[0][0], *found[0][1]])
    answerable = [*found[0][0], *found[1][0]]
    everything = [*found[1][0], *found[1][1]]
    return calibrated(ranker, [*found[0][0], *found[0][1], *everything]), {
        "right": {kind: [round(share, 3), count] for kind, (share, count) in shares(answerable).items()},
        "calibration error": round(wrong_by(half, everything), 3),
        "least probability, answered, right of those": _curve(half, found[1][0]),
        "the same where the table does not answer": _curve(half, found[1][1]),
    }


def _curve(ranker: Ranker, found: Sequence[Outcome]) -> list[list[float]]:
    return [[round(one, 3) for one in row] for row in curve(ranker, found, LEAST)]
