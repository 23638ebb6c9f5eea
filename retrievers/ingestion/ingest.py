"""Files into a corpus: idempotent, resumable, and accountable for every page.

It goes by stages, see `stages`: the words of all files first, which can then be asked about, then what is put off: the
pictures of pages without words, the meaning of what was read, the figures. Order of writes makes it safe to kill at any
moment: elements first (their ids follow from content, so writing them again changes nothing), then a flush, then the
manifest's record of what is done of those pages.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from common.disk import require_space, size
from common.errors import BadDocument
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.archives import tidy
from retrievers.ingestion.executors import EXECUTORS
from retrievers.ingestion.executors.base import Executor
from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.page_readers import Reading
from retrievers.ingestion.progress import Meter, Progress, ignore
from retrievers.ingestion.reports import IngestReport
from retrievers.ingestion.sources import Source, file_sha256, find_missing, find_moved, find_sources, record_of
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import Job
from retrievers.ingestion.stages.later import Later
from retrievers.ingestion.stages.operators import ReadWords
from retrievers.stores.base import Filter, VectorStore

__all__ = ["IngestReport", "Ingestor", "Progress", "ignore"]

VERSION = 12  # raised when what is extracted or indexed changes: files are then ingested anew
READING = Reading()


def nothing_asked() -> Sequence[str]:
    return ()


class Ingestor:
    """Reads files into one corpus, with the embedders chosen for it. ZIP archives are unpacked below `copies`;
    nothing is read from the data folder, `own`, when a folder around it is. `asked` names documents that are to be
    completed before others, the most urgent first.
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
        asked: Callable[[], Sequence[str]] = nothing_asked,
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._copies = copies
        self._own = own
        self._folder = manifest.path.parent
        self._reading = reading
        self._min_free = min_free
        self._asked = asked
        self._index = Index(store, manifest, chosen, self._folder, min_free, reading)

    def run(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None] = ignore,
        prune: bool = False,
        words_only: bool = False,
    ) -> IngestReport:
        """Ingest files and folders. A file that cannot be read fails alone; raises only for missing `paths`.

        A file that was renamed or moved is read anew, under its new name, and the document of the old name forgotten.
        With `prune` so are documents whose file is no longer in one of these folders. Documents of which the store has
        lost elements are read again, and those with pages that took longer than was allowed, once more is. What an
        earlier run has left to do, of any document, is done too; with `words_only` all but words is left to the next.
        Raises `DiskFull` before fewer than `min_free` bytes are free.
        """
        sources, skipped = find_sources(paths, self._manifest, self._copies, self._own)
        sources += self._unread(sources)
        meter = Meter(sources, progress)
        make: type[Executor] = EXECUTORS.get(self._reading.executor)
        with make(self._index, self._manifest, meter.page) as executor:
            jobs = self._words(sources, executor, meter)
            moved = find_moved([job.record for job in jobs], self._manifest)
            for one in moved:
                self.forget(one.old)
            missing = find_missing(paths, self._manifest)
            for name in missing if prune else ():
                self.forget(name)
            tidy(self._copies, (record.path for record in self._manifest.documents()))
            answerable = meter.elapsed
            if not words_only:
                Later(self._manifest, executor, meter, self._asked).run({source.name: source for source in sources})
        require_space(self._folder, max(self._min_free, size(self._folder)))  # what is compacted is written anew
        self._store.optimize()
        self._store.flush()
        self._manifest.keep_copy()
        records = [self._manifest.get(job.record.name) or job.record for job in jobs]
        return IngestReport(
            documents=records,
            pages=meter.pages_done,
            elements=sum(record.elements - job.held for job, record in zip(jobs, records, strict=True)),
            seconds=meter.elapsed,
            unchanged=sum(job.unchanged for job in jobs),
            failed=[record for record in records if record.status == "failed"],
            skipped=skipped,
            moved=moved,
            missing=missing,
            pruned=prune,
            again=[job.record.name for job in jobs if job.again],
            answerable=answerable,
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
        unread = [one for one in self._manifest.documents() if one.status == "partial"]
        files = [(Path(one.path), one) for one in unread if one.name not in named]
        return [Source(one.name, path, path.parent, one.archive) for path, one in files if path.exists()]

    def _words(self, sources: Sequence[Source], executor: Executor, meter: Meter) -> list[Job]:
        """Reads the words of every file that is new or has changed."""
        jobs = []
        for job in executor.run(ReadWords, map(self._job, sources)):
            if job.done:
                if not job.known:
                    self._manifest.complete(time.time())
                jobs.append(job)
                meter.finish(job.source)
        return jobs

    def _job(self, source: Source) -> Job:
        """Its words are to be read unless they are known."""
        known = self._manifest.get(source.name)
        try:
            digest = file_sha256(source.path)
        except BadDocument as error:
            return Job(source, self._index.fail(source, error), known=True)
        same = known is not None and known.sha256 == digest and known.version == VERSION
        again = known is not None and same and 0 < known.given_up < self._reading.page_timeout
        if known is None or not same or again:
            record = record_of(source, sha256=digest, version=VERSION)
            return Job(source, record, again=again)
        record = replace(known, path=str(source.path), archive=source.archive)
        if record.searchable and record != known:
            self._manifest.put(record)
        unchanged = record.status == "done"
        return Job(source, record, known=record.searchable, held=record.elements, unchanged=unchanged)
