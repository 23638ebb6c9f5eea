"""Files into a corpus: idempotent, resumable, and accountable for every page.

Order of writes makes it safe to kill at any moment: elements first (their ids follow from content, so writing them
again changes nothing), then a flush, then the manifest's record that those pages are done.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from common.disk import require_space, size
from common.errors import BadDocument
from retrievers.elements import Element
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.archives import tidy
from retrievers.ingestion.assemble import Assembler
from retrievers.ingestion.manifest import DocumentRecord, Manifest, PageReport
from retrievers.ingestion.page_readers import Read, Readers, Reading, RemoteDocument, TookTooLong
from retrievers.ingestion.progress import Meter, Progress, ignore
from retrievers.ingestion.reports import IngestReport, page_report
from retrievers.ingestion.sources import Source, file_sha256, find_missing, find_moved, find_sources, record_of
from retrievers.ingestion.writing import Writer
from retrievers.packing import pack
from retrievers.stores.base import Filter, VectorStore

__all__ = ["IngestReport", "Ingestor", "Progress", "ignore"]

Item = TypeVar("Item")

VERSION = 10  # raised when what is extracted or indexed changes: files are then ingested anew
BATCH = 96  # elements embedded and written together, and the most work lost by a kill
CHUNK = 8  # pages of one document that are read in a row: whoever reads them opens it once
LAST = 2**31 - 1  # in the order of elements
READING = Reading()


@dataclass(eq=False, slots=True)
class _Job:
    """A file on its way. `document` is open until all of it is read or it fails, None when there is nothing to do."""

    source: Source
    record: DocumentRecord
    document: RemoteDocument | None = None
    again: bool = False  # for pages that took too long before


class Ingestor:
    """Reads files into one corpus, with the embedders chosen for it. ZIP archives are unpacked below `copies`;
    nothing is read from the data folder, `own`, when a folder around it is.
    """

    def __init__(
        self,
        store: VectorStore,
        manifest: Manifest,
        copies: Path,
        own: Path,
        chosen: Chosen,
        reading: Reading = READING,
        min_free: int = 0,
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._copies = copies
        self._own = own
        self._folder = manifest.path.parent
        self._chosen = chosen
        self._reading = reading
        self._min_free = min_free
        self._writer = Writer(store, chosen, self._folder, min_free)

    def run(
        self, paths: Sequence[Path], progress: Callable[[Progress], None] = ignore, prune: bool = False
    ) -> IngestReport:
        """Ingest files and folders. A file that cannot be read fails alone; raises only for missing `paths`.

        A file that was renamed or moved is read anew, under its new name, and the document of the old name forgotten.
        With `prune` so are documents whose file is no longer in one of these folders. Documents of which the store has
        lost elements are read again, and those with pages that took longer than was allowed, once more is. Raises
        `DiskFull` before fewer than `min_free` bytes are free.
        """
        sources, skipped = find_sources(paths, self._manifest, self._copies, self._own)
        sources += self._unread(sources)
        meter = Meter(sources, progress)
        records, again, unchanged, elements = [], [], 0, 0
        with Readers(self._reading) as readers:
            begun = _ahead(self._begin(sources, readers), 2 * self._reading.programs)
            for job, chunks in groupby(begun, key=itemgetter(0)):
                count = self._finish(job, chain.from_iterable(reads for _, reads in chunks), meter)
                records.append(job.record)
                again += [job.record.name] if job.again else []
                elements += count or 0
                unchanged += count is None
                meter.finish(job.source)
        moved = find_moved(records, self._manifest)
        for one in moved:
            self.forget(one.old)
        missing = find_missing(paths, self._manifest)
        for name in missing if prune else ():
            self.forget(name)
        tidy(self._copies, (record.path for record in self._manifest.documents()))
        require_space(self._folder, max(self._min_free, size(self._folder)))  # what is compacted is written anew
        self._store.optimize()
        self._store.flush()
        self._manifest.keep_copy()
        failed = [record for record in records if record.status == "failed"]
        return IngestReport(
            records, meter.pages_done, elements, meter.elapsed, unchanged, failed, skipped, moved, missing, prune, again
        )

    def forget(self, name: str) -> None:
        """Remove a document from the corpus; its file stays."""
        self._store.delete(Filter(documents=(name,)))
        self._store.flush()
        self._manifest.remove(name)

    def _unread(self, sources: Sequence[Source]) -> list[Source]:
        """Files of documents whose elements are no longer all there, besides those that are read anyway."""
        if self._store.count() < self._manifest.elements():
            for record in self._manifest.documents():
                if self._store.count(Filter(documents=(record.name,))) < record.elements:
                    self._manifest.forget_pages(record)
        named = {source.name for source in sources}
        unread = [one for one in self._manifest.documents() if one.status == "partial" and not one.sha256]
        files = [(Path(one.path), one) for one in unread if one.name not in named]
        return [Source(one.name, path, path.parent, one.archive) for path, one in files if path.exists()]

    def _begin(self, sources: Sequence[Source], readers: Readers) -> Iterator[tuple[_Job, Sequence[Read]]]:
        """Every file, and chunk by chunk the pages that are to be read of it."""
        for job in _ahead((self._start(source, readers) for source in sources), self._reading.programs):
            self._open(job)
            yield job, ()
            for first in range(job.record.next_page, job.record.pages + 1, CHUNK):
                if job.document is None:  # or no longer: it has failed
                    break
                yield job, job.document.read(range(first, min(first + CHUNK, job.record.pages + 1)))

    def _start(self, source: Source, readers: Readers) -> _Job:
        """Begins to open the file unless it is known."""
        known = self._manifest.get(source.name)
        try:
            digest = file_sha256(source.path)
        except BadDocument as error:
            return _Job(source, self._failed(source, error))
        same = known is not None and known.sha256 == digest and known.version == VERSION
        again = known is not None and same and 0 < known.given_up < self._reading.page_timeout
        if known is None or not same or again:
            record = record_of(source, sha256=digest, version=VERSION)
            return _Job(source, record, readers.open(source), again)
        record = replace(known, path=str(source.path), archive=source.archive)
        if record.status == "done" and record != known:
            self._manifest.put(record)
        return _Job(source, record, None if record.status == "done" else readers.open(source))

    def _open(self, job: _Job) -> None:
        if job.document is None:
            return
        try:
            opened = job.document.opened
            job.record = replace(job.record, title=opened.title, pages=opened.page_count)
        except BadDocument as error:
            job.record, job.document = self._failed(job.source, error), None

    def _failed(self, source: Source, error: BadDocument) -> DocumentRecord:
        record = record_of(source, sha256="", status="failed", error=str(error), read_at=time.time())
        self._manifest.put(record)
        self._store.delete(Filter(documents=(source.name,)))
        return record

    def _finish(self, job: _Job, reads: Iterable[Read], meter: Meter) -> int | None:
        """How many elements were written; None when the file had not changed."""
        if job.document is None:
            return 0 if job.record.status == "failed" else None
        try:
            job.record, written = self._pages(job.document, job.record, reads, meter)
        except BadDocument as error:
            job.record, written = self._failed(job.source, error), 0
        job.document.close()
        job.document = None
        return written

    def _pages(
        self, document: RemoteDocument, record: DocumentRecord, reads: Iterable[Read], meter: Meter
    ) -> tuple[DocumentRecord, int]:
        if record.next_page == 1:
            self._manifest.put(record)
        assembler = Assembler(record.name, record.sha256, record.title)
        if record.state:
            assembler.restore(record.state)
        pending: list[Element] = []
        reports: list[PageReport] = []
        written = 0
        for number, read in enumerate(reads, start=record.next_page):
            elements, report = self._page(number, read, assembler)
            pending += elements
            reports.append(report)
            meter.page(record, number)
            if len(pending) >= BATCH or number == record.pages:
                undrawn = self._writer.write(pending, document)
                reports = [replace(one, notes=(*one.notes, *undrawn.get(one.page, ()))) for one in reports]
                written += len(pending)
                lossy = record.lossy + sum(report.lossy for report in reports)
                given_up = self._reading.page_timeout if any(one.late for one in reports) else record.given_up
                regions = record.regions + sum(sum(report.elements.values()) for report in reports)
                record = replace(record, lossy=lossy, given_up=given_up, regions=regions)
                record = replace(record, next_page=number + 1, state=assembler.state())
                self._manifest.put(record, reports)
                pending, reports = [], []
        reports = self._manifest.reports(record.name)
        if not any(report.read for report in reports):
            none = f"None of its {len(reports)} pages could be read. " if len(reports) > 1 else ""
            raise BadDocument(none + reports[0].notes[0])
        self._store.delete(Filter(documents=(record.name,), not_sha256=record.sha256))
        self._store.delete(Filter(documents=(record.name,), orders=(assembler.order, LAST)))  # of an earlier reading
        self._store.flush()
        record = replace(record, status="done", read_at=time.time())
        self._manifest.put(record)
        return record, written

    def _page(self, number: int, read: Read, assembler: Assembler) -> tuple[list[Element], PageReport]:
        """A page that cannot be read is told of in its report, and costs no other."""
        try:
            page = read()
        except BadDocument as error:
            late = isinstance(error, TookTooLong)
            return [], PageReport(number, notes=(str(error),), lost=1.0, read=False, late=late)
        elements = [self._with_stems(element) for element in assembler.place(page)]
        return elements, page_report(page, elements)

    def _with_stems(self, element: Element) -> Element:
        return (
            replace(element, stems=pack(self._chosen.lexical.page_stems(element.text)))
            if element.kind == "page"
            else element
        )


def _ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """The same items, each drawn before the `count` before it have been used."""
    held: deque[Item] = deque()
    for item in items:
        held.append(item)
        if len(held) > count:
            yield held.popleft()
    yield from held
