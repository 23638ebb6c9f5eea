"""How far an ingestion is, and how long it will take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrievers.ingestion.manifest import DocumentRecord
from retrievers.ingestion.records import Stage
from retrievers.ingestion.sources import Source, file_size


@dataclass(frozen=True, slots=True)
class Progress:
    """Where ingestion is in its `stage`: "words", after which all can be searched, "scans", "meaning", "figures",
    "sights". Totals and time left of that are, for words, estimates from bytes read so far."""

    document: str
    page: int
    pages: int
    documents_done: int
    documents_total: int
    pages_done: int
    pages_total: int
    pages_per_second: float
    seconds_left: float
    stage: str = "words"


def ignore(progress: Progress) -> None:
    """The silent progress callback."""


class Meter:
    """Counts pages and bytes, and tells `progress`."""

    def __init__(self, sources: Sequence[Source], progress: Callable[[Progress], None]) -> None:
        self._sizes = {source.name: file_size(source.path) for source in sources}
        self._total = max(1, sum(self._sizes.values()))
        self._progress = progress
        self._start = self._begun = time.monotonic()
        self._stage: Stage | None = None
        self._total_pages = self._done = 0
        self._read: dict[str, float] = {}  # bytes by name: of a document that is being read, its share
        self._documents = 0
        self._count = len(sources)
        self.pages_done = 0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    def begin(self, stage: Stage, pages: int) -> None:
        """From now on pages are counted of that stage."""
        self._stage, self._total_pages, self._done, self._begun = stage, pages, 0, time.monotonic()

    def page(self, record: DocumentRecord, number: int) -> None:
        if self._stage is None:
            self.pages_done += 1
            self._read[record.name] = self._sizes[record.name] * number / record.pages
            share = sum(self._read.values()) / self._total
            done, total = self.pages_done, round(self.pages_done / share) if share else self.pages_done
        else:
            self._done += 1
            done, total, share = self._done, self._total_pages, self._done / self._total_pages
        seconds = time.monotonic() - self._begun
        self._progress(
            Progress(
                document=record.name,
                page=number,
                pages=record.pages,
                documents_done=self._documents,
                documents_total=self._count,
                pages_done=done,
                pages_total=total,
                pages_per_second=done / max(seconds, 1e-6),
                seconds_left=seconds * (1 - share) / share if share else 0.0,
                stage="words" if self._stage is None else str(self._stage.name).lower(),
            )
        )

    def finish(self, source: Source) -> None:
        self._read[source.name] = self._sizes[source.name]
        self._documents += 1
