"""What an executor is."""

from collections.abc import Iterable, Iterator
from typing import Protocol, Self

from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import Job
from retrievers.ingestion.stages.operators import Operator
from retrievers.ingestion.stages.placing import Tell


class Executor(Protocol):
    """A context manager. `tell` is told of each page that is done."""

    def __init__(self, index: Index, manifest: Manifest, tell: Tell) -> None: ...

    def run(self, operator: type[Operator], jobs: Iterable[Job]) -> Iterator[Job]:
        """Has the operator carry out the jobs, `known` ones aside: a job whenever something of it has been written and
        recorded, at last `done`. Raises what the operator and the telling do."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
