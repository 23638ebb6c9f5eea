"""The stages after words, in their order: for documents that can be asked about already."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from common.errors import BadDocument
from retrievers.elements import Picture
from retrievers.ingestion.manifest import LAST_PAGE, DocumentRecord
from retrievers.ingestion.page_readers import Readers
from retrievers.ingestion.progress import Meter
from retrievers.ingestion.records import Stage
from retrievers.ingestion.sources import Source, file_sha256
from retrievers.ingestion.stages.figures import look, read_figures
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import Job, Reads, read_ahead
from retrievers.ingestion.stages.meaning import embed
from retrievers.ingestion.stages.placing import place

TOGETHER = 16  # pages of one document that are embedded before another one is asked about
PUT_OFF: dict[Stage, tuple[Picture, ...]] = {Stage.SCANS: ("figure",), Stage.FIGURES: ()}


class Later:
    """What is left to do in `index`. `asked` names documents whose turn comes before that of others."""

    def __init__(self, index: Index, readers: Readers, meter: Meter, asked: Callable[[], Sequence[str]]) -> None:
        self._index = index
        self._readers = readers
        self._meter = meter
        self._asked = asked

    def run(self, first: Mapping[str, Source]) -> None:
        """The other stages, of every document that has pages for them; of those in `first`, by name, before others."""
        for job, reads in self._reading_of(Stage.SCANS, first):
            try:
                place(self._index, job, reads, self._meter.page)
            except BadDocument as error:
                self._index.fail(job.source, error)
        pages = self._pages(Stage.MEANING)
        self._meter.begin(Stage.MEANING, sum(map(len, pages.values())))
        for done in embed(self._index, self._in_turn(pages, first, TOGETHER)):
            for name, number in done:
                self._meter.page(self._known(name), number)
            self._index.manifest.complete(time.time())
        for job, reads in self._reading_of(Stage.FIGURES, first):
            read_figures(self._index, job, reads, self._meter.page)
        pages = self._pages(Stage.SIGHTS)
        self._meter.begin(Stage.SIGHTS, sum(map(len, pages.values())))
        for job in self._jobs(pages, first):
            look(self._index, job, self._meter.page)
            job.close()
            self._index.manifest.complete(time.time())

    def _reading_of(self, stage: Stage, first: Mapping[str, Source]) -> Iterator[tuple[Job, Reads]]:
        """Documents that a stage has to read pages of, with these."""
        pages = self._pages(stage)
        self._meter.begin(stage, sum(map(len, pages.values())))
        jobs = self._jobs(pages, first)
        for job, reads in read_ahead(jobs, PUT_OFF[stage], self._index.reading.programs):
            yield job, reads
            job.close()
            self._index.manifest.complete(time.time())

    def _pages(self, stage: Stage) -> dict[str, list[int]]:
        """Those that the stage is still to be done of, by document."""
        pages: dict[str, list[int]] = defaultdict(list)
        for name, number, todo in self._index.manifest.unfinished():
            if stage in todo and self._known(name).searchable:
                pages[name].append(number)
        return pages

    def _jobs(self, pages: Mapping[str, Sequence[int]], first: Mapping[str, Source]) -> Iterator[Job]:
        """The documents to read those pages of; not those whose file has gone or changed."""
        for name, numbers in self._in_turn(pages, first):
            record = self._known(name)
            path = Path(record.path)
            with suppress(BadDocument):
                if file_sha256(path) == record.sha256:
                    source = first.get(name, Source(name, path, path.parent, record.archive))
                    yield Job(source, record, self._readers.open(source), numbers)

    def _in_turn(
        self, pages: Mapping[str, Sequence[int]], first: Mapping[str, Source], together: int = LAST_PAGE
    ) -> Iterator[tuple[str, Sequence[int]]]:
        """Documents with their pages, of one document so many `together`: of those that are asked about when it is
        their turn, then of those in `first`, then of the others."""
        left = {name: pages[name] for name in dict.fromkeys([*first, *pages]) if name in pages}
        while left:
            name = next((name for name in self._asked() if name in left), next(iter(left)))
            numbers = left.pop(name)
            if numbers[together:]:
                left = {name: numbers[together:], **left}
            yield name, numbers[:together]

    def _known(self, name: str) -> DocumentRecord:
        record = self._index.manifest.get(name)
        assert record is not None
        return record
