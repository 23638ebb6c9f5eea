"""What every evaluation of retrieval is given: files of questions, and the ingested corpus they are asked of."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.build import Parts
from agent.settings import Settings
from common.errors import UserError
from evals.datasets.questions import Question, read_questions
from retrievers.library import Corpus


def add_corpus(parser: argparse.ArgumentParser) -> None:
    """For `python -m evals.X`, with questions."""
    parser.add_argument("questions", nargs="+", type=Path, metavar="QUESTIONS", help="as for triptych eval retrieval")
    add_data(parser)


def add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", metavar="NAME", help="corpus to ask, already ingested")
    parser.add_argument("--data-dir", type=Path, help="where corpora are kept")


@contextmanager
def open_named(arguments: argparse.Namespace) -> Iterator[Corpus]:
    """The corpus. Raises `UserError` when there is none."""
    typed = {name: value for name, value in vars(arguments).items() if name in ("data_dir", "corpus") and value}
    parts = Parts(Settings(**typed))
    try:
        yield parts.library.open(parts.settings.corpus)
    finally:
        parts.close()


@contextmanager
def open_corpus(arguments: argparse.Namespace) -> Iterator[tuple[Corpus, list[Question]]]:
    """The corpus, and the questions with their documents as it names them. Raises `UserError`."""
    with open_named(arguments) as corpus:
        questions = read_questions(arguments.questions, [record.name for record in corpus.documents()])
        if not questions:
            raise UserError("There are no questions to ask.", "Give a file with one question a line.")
        yield corpus, questions
