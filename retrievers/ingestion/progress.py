"""How far an ingestion is, and how long it will take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrievers.ingestion.manifest import DocumentRecord
from retrievers.ingestion.sources import Source, file_size


@dataclass(frozen=True, slots=True)
class Progress:
    """Where ingestion is. Totals and time left are estimates from bytes read so far."""

    document: str
    page: int
    pages: int
    documents_done: int
    documents_total: int
    pages_done: int
    pages_total: int
    pages_per_second: float
    seconds_left: float


def ignore(progress: Progress) -> None:
    """The silent progress callback."""


class Meter:
    """Counts pages and bytes, and tells `progress`."""

    def __init__(self, sources: Sequence[Source], progress: Callable[[Progress], None]) -> None:
        self._sizes = {source.name: file_size(source.path) for source in sources}
        self._total = max(1, sum(self._sizes.values()))
        self._progress = progress
        self._start = time.monotonic()
        self._bytes = 0.0
        self._documents = 0
        self._count = len(sources)
        self.pages_done = 0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    def page(self, record: DocumentRecord, number: int) -> None:
        self.pages_done += 1
        share = (self._bytes + self._sizes[record.name] * number / record.pages) / self._total
        self._progress(
            Progress(
                document=record.name,
                page=number,
                pages=record.pages,
                documents_done=self._documents,
                documents_total=self._count,
                pages_done=self.pages_done,
                pages_total=round(self.pages_done / share) if share else self.pages_done,
                pages_per_second=self.pages_done / max(self.elapsed, 1e-6),
                seconds_left=self.elapsed * (1 - share) / share if share else 0.0,
            )
        )

    def finish(self, source: Source) -> None:
        self._bytes += self._sizes[source.name]
        self._documents += 1
