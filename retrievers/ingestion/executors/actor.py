"""What a Ray actor is given to do, does, and gives back: operators as they are, with a `Ledger` for the manifest."""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from common.errors import UserError
from retrievers.elements import Element
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.executors.ledger import Entry, Journal, Ledger
from retrievers.ingestion.page_readers import Readers, Reading
from retrievers.ingestion.records import DocumentRecord, PageRecord
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import Job
from retrievers.ingestion.stages.operators import Operator
from retrievers.stores.base import Vector, VectorStore


@dataclass(frozen=True, slots=True)
class Task:
    """A job, what is recorded of its document's `pages`, and, where the store is embedded and so out of reach, what it
    holds of the job's pages."""

    job: Job
    pages: Mapping[int, PageRecord]
    elements: Sequence[Element] = ()
    vectors: Mapping[UUID, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be carried out of a job, whether it is `done`, and what went wrong with all of them, if anything."""

    entries: Sequence[Entry]
    done: bool = False
    error: UserError | None = None


class Actor:
    """Carries out the jobs of one operator. `embedders` are names, see `Chosen`; `open_store` is None where the store
    is embedded."""

    def __init__(
        self,
        operator: type[Operator],
        embedders: Sequence[str],
        reading: Reading,
        open_store: Callable[[], VectorStore] | None,
    ) -> None:
        self._operator = operator
        self._chosen = Chosen(embedders[0], embedders[2:])
        self._reading = reading
        self._readers = Readers(reading)
        self._store = open_store() if open_store else None

    def __call__(self, batch: Mapping[str, Any]) -> Iterator[dict[str, list[Any]]]:
        """Rows of pickled tasks -> a row for each step, as it is done."""
        for number, task in zip(batch["number"], batch["task"], strict=True):
            for step in self._steps(pickle.loads(task)):
                yield {"number": [number], "step": [pickle.dumps(step)]}

    def _steps(self, task: Task) -> Iterator[Step]:
        entries: list[Entry] = []
        store = self._store or Journal(task.elements, task.vectors, entries)
        index = Index(store, Ledger(task.pages, entries), self._chosen, Path(), 0, self._reading)
        operator = self._operator(index, self._readers, _untold)
        try:
            for job in operator([task.job]):
                yield Step(tuple(entries), job.done)
                entries.clear()
        except UserError as error:
            yield Step(tuple(entries), error=error)

    def __del__(self) -> None:
        self._readers.__exit__()


def _untold(record: DocumentRecord, number: int) -> None:
    """Pages are told of where they are recorded."""
