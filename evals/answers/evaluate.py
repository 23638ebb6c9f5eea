"""`triptych eval answers`: how often an answer holds what it should, and how often a question is rightly refused."""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from common.arguments import at_least

if TYPE_CHECKING:
    from evals.answers.asking import Result
    from evals.datasets.answer_sets import Case

HELP = "How often an answer holds the value asked for, cites it, and is rightly refused."
EVERY = 50  # answers between two lines that say how far it is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sets",
        nargs="+",
        type=Path,
        metavar="SET",
        help="questions asked of a corpus, of tables or of paragraphs (docs/answers.md), or the outcomes of other runs",
    )
    parser.add_argument("--model", metavar="SPEC", help="what answers, as TRIPTYCH_MODEL (default: extractive)")
    parser.add_argument("--corpus", metavar="NAME", help="corpus to ask, already ingested")
    parser.add_argument("--sample", type=at_least(1), metavar="N", help="ask only N questions of each set")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    parser.add_argument(
        "--fold",
        type=int,
        choices=range(5),
        action="append",
        default=[],
        help="only tables or articles of this fold (may be repeated), to judge what was trained on the others",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write report.md, report.json and outcomes.jsonl there; a name that ends in .md: the tables alone, to it",
    )
    parser.add_argument("--json", action="store_true", help="one JSON list instead of tables")


def run(arguments: argparse.Namespace) -> int:
    from evals.answers import report

    results = list(measured(arguments))
    print(report.as_json(results) if arguments.json else report.markdown(results))
    if arguments.out:
        written = ", ".join(str(path) for path in report.write(results, arguments.out))
        if not arguments.json:
            print(f"Written: {written}")
    return 0


def measured(arguments: argparse.Namespace) -> "Iterator[Result]":
    """What came of every question of the sets. Raises `UserError`."""
    from agent.core import Agent
    from agent.settings import Settings
    from evals.answers.asking import of_corpus, of_evidence, read_results
    from evals.datasets.answer_sets import kind_of, read_cases

    typed = {name: value for name in ("model", "corpus", "data_dir") if (value := getattr(arguments, name, None))}
    with Agent(Settings(**typed)) as agent:
        for path in arguments.sets:
            match kind_of(path):
                case "outcomes":
                    yield from read_results(path)
                case "pages":
                    corpus = agent.library.open(agent.settings.corpus)
                    cases = read_cases(path, [record.name for record in corpus.documents()])
                    yield from _told(path, of_corpus(agent, chosen(cases, arguments)))
                case "evidence":
                    yield from _told(path, of_evidence(agent.settings, chosen(read_cases(path), arguments)))


def chosen(cases: "Sequence[Case]", arguments: argparse.Namespace) -> "list[Case]":
    """Those of the folds, and of them a sample that is the same for the same seed."""
    from evals.folds import fold_of

    kept = [case for case in cases if not arguments.fold or fold_of(case.group) in arguments.fold]
    if not arguments.sample or arguments.sample >= len(kept):
        return kept
    return random.Random(arguments.seed).sample(kept, arguments.sample)


def _told(path: Path, results: "Iterator[Result]") -> "Iterator[Result]":
    for number, result in enumerate(results, start=1):
        if number % EVERY == 0:
            print(f"{path.name}: {number} answers", file=sys.stderr, flush=True)
        yield result
