"""Collections of documents with questions, to fit and judge on: one is left out, its figures are those of strangers.

What a fit reads of a collection takes minutes to find; it is kept in a folder, so that the next fit takes seconds.
Delete the folder when features, corpora or questions have changed.
"""

import argparse
import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agent.build import Parts
from agent.settings import Settings
from evals.datasets.questions import Question, read_questions
from evals.provenance import digests
from evals.retrieval.page_labels import with_pages
from evals.shares import add_shares, typed_shares
from retrievers.library import Corpus

Found = TypeVar("Found")
Ask = Callable[[Corpus, Sequence[Question], bool, bool], Found]  # see `asked.cases`

MOST = 150  # questions of one collection, a sample of fixed seed; unanswerable ones beside them


@dataclass(frozen=True)
class Collection:
    """A corpus and the questions to ask of it. `inside`: nothing in the questions tells its documents apart; they are
    asked of their own document only."""

    corpus: str
    files: tuple[Path, ...]
    inside: bool = False


def add_collections(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "collections",
        nargs="+",
        type=_collection,
        metavar="CORPUS=QUESTIONS[,QUESTIONS]",
        help="a corpus already ingested, and questions as for triptych eval retrieval; +CORPUS: the questions name "
        "nothing that tells its documents apart, ask them of the right one only",
    )
    add_shares(parser)
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was read of each collection")
    parser.add_argument("--by-words", action="store_true", help="fit what is used while nothing is known of meaning")


def _collection(typed: str) -> Collection:
    name, _, files = typed.partition("=")
    return Collection(name.lstrip("+"), tuple(map(Path, files.split(","))), name.startswith("+"))


def provenance(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """What made the weights called `name`: the command, and the SHA-256 of each file of questions, by its name."""
    collections: Sequence[Collection] = arguments.collections
    typed = [f"{'+' * one.inside}{one.corpus}={','.join(file.name for file in one.files)}" for one in collections]
    files = [file for one in collections for file in one.files]
    options = [*["--by-words"] * arguments.by_words, *typed, *typed_shares(arguments)]
    return {"command": " ".join(["triptych fit", name, *options]), "data": digests(files)}


def read(arguments: argparse.Namespace, ask: Ask[Found]) -> dict[str, Found]:
    """What `ask` finds with each collection's corpus and questions, by corpus."""
    return dict(_read(arguments, ask))


def _read(arguments: argparse.Namespace, ask: Ask[Found]) -> Iterator[tuple[str, Found]]:
    arguments.cache.mkdir(parents=True, exist_ok=True)
    for one in arguments.collections:
        kept = arguments.cache / f"{one.corpus}.pickle"
        if not kept.exists():
            settings = Settings(data_dir=arguments.data_dir) if arguments.data_dir else Settings()
            with closing(Parts(settings)) as parts:
                corpus = parts.library.open(one.corpus)
                found = ask(corpus, _questions(corpus, one.files), one.inside, arguments.by_words)
            kept.write_bytes(pickle.dumps(found))
        yield one.corpus, pickle.loads(kept.read_bytes())


def _questions(corpus: Corpus, files: Sequence[Path]) -> list[Question]:
    """Those that have pages or no answer; pages are told from amounts where none are given."""
    read = with_pages(corpus, read_questions(files, [record.name for record in corpus.documents()]))
    located = [one for one in read if one.pages]
    sample = random.Random(0).sample(located, min(MOST, len(located)))
    return [*sample, *(one for one in read if not one.answerable)]
