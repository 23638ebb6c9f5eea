"""`triptych fit reader`: trains the reader of answers, measures it, and writes its weights with their record."""

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from agent.answering.reader.spans import WEIGHTS
from common.arguments import at_least
from evals.folds import FOLDS, fold_of
from evals.provenance import digest
from evals.reader import collections, lookups
from evals.reader.facts import Maker
from evals.reader.groups import Group
from ui import terminal

HELP = "Train the reader, which finds the words that answer, and write its weights."
STEPS = 2400
MIX = {"facts": 1.0, "lookups": 0.5, "cloze": 0.6, "xquad": 1.3, "covidqa": 1.5, "tatqa": 0.35}
KEPT = 100  # steps after which the weights so far are written, for `--first`
LICENCES = {
    "xquad": "XQuAD (English), CC BY-SA 4.0",
    "covidqa": "COVID-QA, Apache-2.0",
    "tatqa": "TAT-QA, CC BY 4.0",
    "lookups": "WikiTableQuestions (tables), CC BY-SA 4.0",
    "facts": "made by evals/reader/facts.py",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="the public questions (docs/reader.md)"
    )
    parser.add_argument("--to", type=Path, default=WEIGHTS, metavar="FILE", help="default: the package's own weights")
    parser.add_argument("--steps", type=at_least(1), default=STEPS, metavar="N", help=f"default: {STEPS}")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--hold-out", type=int, choices=range(FOLDS), metavar="FOLD", default=0, help="keep for measuring"
    )
    parser.add_argument("--without", choices=sorted(MIX), action="append", default=[], help="leave a collection out")
    parser.add_argument("--first", type=Path, metavar="FILE", help="begin with these weights, not with MiniLM's")


def run(arguments: argparse.Namespace) -> int:
    """Calibrates and measures on the fold that is held out, and measures on collections that are left out."""
    import torch

    from agent.answering.reader import Reader
    from agent.answering.reader.network import Network, restore, save
    from evals.reader.measure import calibration, measure
    from evals.reader.train import Mix, fresh, train
    from retrievers import embedders

    groups = collections.elsewhere(collections.load(arguments.data), arguments.seed)
    kept = [one for one in groups if fold_of(one.name) != arguments.hold_out and one.source not in arguments.without]
    network = fresh()
    if arguments.first:
        restore(network, arguments.first, train=True)
    mix = Mix(_streams(kept, arguments), arguments.seed)
    weights = {name: weight for name, weight in MIX.items() if name not in arguments.without}
    arguments.to.parent.mkdir(parents=True, exist_ok=True)
    so_far = arguments.to.with_suffix(".partial")

    def keep(step: int) -> None:
        if step % KEPT == 0:
            save(network, so_far)

    train(network, mix, weights, arguments.steps, arguments.seed, terminal.say, keep)
    held = [one for one in groups if one not in kept and one.source not in arguments.without]
    network.calibration = torch.tensor(calibration(Reader(network), held))
    save(network, arguments.to)
    so_far.unlink(missing_ok=True)
    shipped = Network(embedders.load("minilm").network)
    restore(shipped, arguments.to)
    scores = {}
    for source in ("xquad", "covidqa", "tatqa"):
        some = [one for one in groups if one.source == source and one not in kept]
        if some:
            scores[source] = str(measure(Reader(shipped), some))
            terminal.say(f"{source}: {scores[source]}")
    _record(arguments, scores)
    terminal.say(f"The weights are in {arguments.to}")
    return 0


def _streams(groups: list[Group], arguments: argparse.Namespace) -> Mapping[str, Iterator[Group]]:
    from evals.reader.train import shuffled

    tables = lookups.tables(arguments.data / collections.FILES["wtq"])
    some = [one for one in tables if fold_of(one[0]) != arguments.hold_out]
    made: dict[str, Iterator[Group]] = {
        "facts": Maker(arguments.seed).groups(),
        "lookups": lookups.look_ups(some, arguments.seed),
        "cloze": lookups.clozes(groups, arguments.seed),
    }
    for source in sorted({one.source for one in groups}):
        made[source] = shuffled([one for one in groups if one.source == source], arguments.seed)
    return made


def _record(arguments: argparse.Namespace, scores: Mapping[str, str]) -> None:
    """What the weights are, beside them: the reader checks their hash before it trusts them."""
    record = {
        "sha256": digest(arguments.to),
        "model": "three trained layers on the lower three of all-MiniLM-L6-v2 (Apache-2.0), which are not in this file",
        "made": date.today().isoformat(),
        "seed": arguments.seed,
        "steps": arguments.steps,
        "held out": f"fold {arguments.hold_out} of {FOLDS}",
        "data": [words for name, words in LICENCES.items() if name not in arguments.without],
        "scores": scores,
    }
    arguments.to.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
