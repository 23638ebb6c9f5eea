"""Files into a corpus: idempotent, resumable, and accountable for every page.

Order of writes makes it safe to kill at any moment: elements first (their ids follow from content, so writing them
again changes nothing), then a flush, then the manifest's record that those pages are done.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common.errors import BadDocument
from retrievers.assemble import Assembler
from retrievers.drawing import WIDTH
from retrievers.elements import Element, Page
from retrievers.embedders.pictures import PictureEmbedder
from retrievers.manifest import DocumentRecord, Manifest, PageReport
from retrievers.parsers import open_document
from retrievers.parsers.base import Document
from retrievers.sight import see
from retrievers.sources import Source, file_sha256, find_sources
from retrievers.stores.base import Filter, Point, Vector, VectorStore

VERSION = 3  # raised when parsing changes what is extracted: files are then ingested anew
BATCH = 96  # elements embedded and written together, and the most work lost by a kill


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


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Outcome of one run. `skipped` are files of kinds that are not read, found inside a folder."""

    documents: list[DocumentRecord]
    pages: int
    elements: int
    seconds: float
    unchanged: int
    failed: list[DocumentRecord]
    skipped: list[str]


def ignore(progress: Progress) -> None:
    """The silent progress callback."""


class Ingestor:
    """Reads files into one corpus. `embedders` fill vectors from words (each has `info` and `embed_documents`),
    `pictures` from pixels.
    """

    def __init__(
        self,
        store: VectorStore,
        manifest: Manifest,
        embedders: Sequence[Any],
        pictures: Sequence[PictureEmbedder] = (),
    ) -> None:
        self._store = store
        self._manifest = manifest
        self._embedders = embedders
        self._pictures = pictures

    def run(self, paths: Sequence[Path], progress: Callable[[Progress], None] = ignore) -> IngestReport:
        """Ingest files and folders. A file that cannot be read fails alone; raises only for missing `paths`."""
        sources, skipped = find_sources(paths, self._manifest)
        meter = _Meter(sources, progress)
        records, unchanged, elements = [], 0, 0
        for source in sources:
            record, count = self._file(source, meter)
            records.append(record)
            elements += count or 0
            unchanged += count is None
            meter.finish(source)
        self._store.optimize()
        self._store.flush()
        failed = [record for record in records if record.status == "failed"]
        return IngestReport(records, meter.pages_done, elements, meter.elapsed, unchanged, failed, skipped)

    def _file(self, source: Source, meter: "_Meter") -> tuple[DocumentRecord, int | None]:
        """The file's record, and how many elements were written; None when it had not changed."""
        known = self._manifest.get(source.name)
        try:
            digest = file_sha256(source.path)
            same = known is not None and known.sha256 == digest and known.version == VERSION
            if known is not None and same and known.status == "done":
                record = replace(known, path=str(source.path))
                if record != known:
                    self._manifest.put(record)
                return record, None
            with open_document(source.path, source.root) as document:
                record = DocumentRecord(
                    source.name, str(source.path), digest, VERSION, document.title, document.page_count
                )
                if known is not None and same and known.status == "partial":
                    record = replace(record, next_page=known.next_page, state=known.state)
                return self._pages(document, record, meter)
        except BadDocument as error:
            record = DocumentRecord(source.name, str(source.path), "", status="failed", error=str(error))
            self._manifest.put(record)
            return record, 0

    def _pages(self, document: Document, record: DocumentRecord, meter: "_Meter") -> tuple[DocumentRecord, int]:
        if record.next_page == 1:
            self._manifest.put(record)
        assembler = Assembler(record.name, record.sha256, record.title)
        if record.state:
            assembler.restore(record.state)
        pending: list[Element] = []
        reports: list[PageReport] = []
        written = 0
        for number in range(record.next_page, record.pages + 1):
            page = document.page(number)
            elements = assembler.place(page)
            pending += elements
            reports.append(page_report(page, elements))
            meter.page(record, number)
            if len(pending) >= BATCH or number == record.pages:
                self._write(pending, document)
                written += len(pending)
                record = replace(record, next_page=number + 1, state=assembler.state())
                self._manifest.put(record, reports)
                pending, reports = [], []
        self._store.delete(Filter(documents=(record.name,), not_sha256=record.sha256))
        self._store.flush()
        record = replace(record, status="done")
        self._manifest.put(record)
        return record, written

    def _write(self, elements: Sequence[Element], document: Document) -> None:
        if not elements:
            return
        vectors: list[dict[str, Vector]] = [{} for _ in elements]
        for embedder in self._embedders:
            dense = embedder.info.spec.form == "dense"
            found = embed_with_page_means(embedder, elements) if dense else embedder.embed_documents(elements)
            for named, vector in zip(vectors, found, strict=True):
                if vector is not None:
                    named[embedder.info.vector] = vector
        for looking in self._pictures:
            seen = see(looking, elements, lambda number: document.render(number, WIDTH))
            for element, named in zip(elements, vectors, strict=True):
                if element.id in seen:
                    named[looking.info.vector] = seen[element.id]
        self._store.upsert([Point(element, named) for element, named in zip(elements, vectors, strict=True)])
        self._store.flush()


def embed_with_page_means(embedder: Any, elements: Sequence[Element]) -> list[Vector | None]:
    """Regions are embedded; a page is the normalised mean of its regions, whatever their kind (arXiv 2410.02729).

    `elements` hold whole pages. A page without regions has no vector.
    """
    import numpy as np

    regions = [element for element in elements if element.kind != "page"]
    vectors = dict(zip((element.id for element in regions), embedder.embed_documents(regions), strict=True))
    by_page: dict[int, list[Vector]] = defaultdict(list)
    for element in regions:
        by_page[element.page].append(vectors[element.id])
    for element in elements:
        if element.kind == "page" and by_page[element.page]:
            mean = np.mean(by_page[element.page], axis=0)
            vectors[element.id] = (mean / np.linalg.norm(mean)).tolist()
    return [vectors.get(element.id) for element in elements]


def page_report(page: Page, elements: Sequence[Element]) -> PageReport:
    kinds: Counter[str] = Counter(element.kind for element in elements if element.kind != "page")
    notes = tuple(page.notes) or (() if kinds else ("blank page",))
    return PageReport(page.number, dict(kinds), page.ocr, sum(bool(e.caption) for e in elements), notes)


class _Meter:
    """Counts pages and bytes, and tells `progress`."""

    def __init__(self, sources: Sequence[Source], progress: Callable[[Progress], None]) -> None:
        self._sizes = {source.name: _size(source.path) for source in sources}
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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading it will report the reason
