"""In this process, beside which programs read (`page_readers`)."""

from collections.abc import Iterable, Iterator
from typing import Self

from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.page_readers import Readers
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import Job
from retrievers.ingestion.stages.operators import Operator
from retrievers.ingestion.stages.placing import Tell


class Local:
    def __init__(self, index: Index, manifest: Manifest, tell: Tell) -> None:
        self._index = index
        self._tell = tell
        self._readers = Readers(index.reading)

    def run(self, operator: type[Operator], jobs: Iterable[Job]) -> Iterator[Job]:
        yield from operator(self._index, self._readers, self._tell)(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._readers.__exit__(*exc)
