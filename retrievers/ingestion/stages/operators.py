"""What is done to documents, stage by stage: the same in this process and on a cluster, see `executors`.

An operator is made once for a stage, where its weights are then loaded, and carries out one job after another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar, Protocol

from common.errors import BadDocument
from retrievers.elements import Picture
from retrievers.ingestion.page_readers import Readers
from retrievers.ingestion.records import Stage
from retrievers.ingestion.stages.figures import look, read_figures
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import CHUNK, TEXT_CHUNK, Job, read_ahead
from retrievers.ingestion.stages.meaning import embed
from retrievers.ingestion.stages.placing import WORDLESS, Tell, place


class Operator(Protocol):
    """`apart`: the pages of a document do not need one another, so that several may carry out the job of one."""

    apart: ClassVar[bool]

    def __init__(self, index: Index, readers: Readers, tell: Tell) -> None: ...

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """A job whenever something of it was written, at last `done`. Raises `DiskFull`, and what the store does."""
        ...


class _Reading:
    """Those that open documents, ahead of whoever writes; pictures of the kinds in `put_off` are not read."""

    apart: ClassVar[bool]
    put_off: ClassVar[tuple[Picture, ...]] = ()

    def __init__(self, index: Index, readers: Readers, tell: Tell) -> None:
        self._index = index
        self._readers = readers
        self._tell = tell

    def _opening(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for job in jobs:
            if not job.known:
                job.document = self._readers.open(job.source)
            yield job


class ReadWords(_Reading):
    """Reads text layers and places their words; a document that cannot be read fails alone."""

    apart = False
    put_off = WORDLESS
    chunk: ClassVar[int] = TEXT_CHUNK

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Job]:
        programs = self._index.reading.programs
        for job, reads in read_ahead(self._opening(jobs), self.put_off, programs, self._begin, self.chunk):
            if job.document is not None:
                try:
                    for record in place(self._index, job, reads, self._tell):
                        job.record = record
                        yield job
                except BadDocument as error:
                    job.record = self._index.fail(job.source, error)
            yield _finished(job)

    def _begin(self, job: Job) -> None:
        """Once it is open it is known what there is to read."""
        if job.document is None or job.pages:
            return
        try:
            opened = job.document.opened
            job.record = replace(job.record, title=opened.title, pages=opened.page_count)
            job.pages = range(job.record.next_page, job.record.pages + 1)
        except BadDocument as error:
            job.record, job.document = self._index.fail(job.source, error), None


class ReadScans(ReadWords):
    """Reads pages that are pictures by OCR, and places them and what comes after them."""

    put_off = ("figure",)
    chunk = CHUNK


class EmbedWords:
    """Embeds what has been read."""

    apart: ClassVar[bool] = True

    def __init__(self, index: Index, readers: Readers, tell: Tell) -> None:
        self._index = index
        self._tell = tell

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for pages in embed(self._index, jobs):
            for job, number in pages:
                self._tell(job.record, number)
                job.done = number == job.pages[-1]
            yield pages[-1][0]


class ReadFigures(_Reading):
    """Reads what is written in figures."""

    apart = True

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for job, reads in read_ahead(self._opening(jobs), self.put_off, self._index.reading.programs):
            for _ in read_figures(self._index, job, reads, self._tell):
                yield job
            yield _finished(job)


class LookAtPictures(_Reading):
    """Has the embedders of pictures look at figures and pages."""

    apart = True

    def __call__(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for job in self._opening(jobs):
            for _ in look(self._index, job, self._tell):
                yield job
            yield _finished(job)


AFTER_WORDS: dict[Stage, type[Operator]] = {
    Stage.SCANS: ReadScans,
    Stage.MEANING: EmbedWords,
    Stage.FIGURES: ReadFigures,
    Stage.SIGHTS: LookAtPictures,
}


def _finished(job: Job) -> Job:
    job.close()
    job.done = True
    return job
