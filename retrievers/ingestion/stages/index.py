"""What the stages write to: the store of a corpus, and the records that say what is there."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from common.disk import require_space
from common.errors import BadDocument
from retrievers.elements import Element
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.manifest import LAST_PAGE
from retrievers.ingestion.page_readers import Reading
from retrievers.ingestion.records import DocumentRecord, PageRecord, Stage
from retrievers.ingestion.sources import Source, record_of
from retrievers.stores.base import ANYTHING, Filter, Point, Vector, VectorStore

BATCH = 96  # elements embedded and written together, and the most work lost by a kill


class Records(Protocol):
    """What is recorded of documents: the `Manifest`, or what stands for it in another process, a `Ledger`."""

    def pages(self, name: str, first: int = 1, last: int = LAST_PAGE) -> dict[int, PageRecord]: ...
    def put(
        self, record: DocumentRecord, pages: Sequence[PageRecord] = (), after: Mapping[str, Any] | None = None
    ) -> None: ...
    def finish(self, stage: Stage, pages: Sequence[tuple[str, int]]) -> None: ...


class Store(Protocol):
    """What stages need of a `VectorStore`; in another process a `Journal` may stand for it."""

    def upsert(self, points: Sequence[Point]) -> None: ...
    def add_vectors(self, vectors: Sequence[tuple[UUID, Mapping[str, Vector]]]) -> None: ...
    def delete(self, where: Filter) -> None: ...
    def flush(self) -> None: ...
    def scroll(self, where: Filter = ANYTHING) -> Iterator[Element]: ...
    def vectors(self, ids: Sequence[UUID], name: str) -> dict[UUID, Vector]: ...
    def elsewhere(self) -> Callable[[], VectorStore] | None: ...


@dataclass(frozen=True)
class Index:
    """`folder` keeps `min_free` bytes of its disk free; files are read as `reading` says."""

    store: Store
    records: Records
    chosen: Chosen
    folder: Path
    min_free: int
    reading: Reading

    def elements(self, document: str, pages: Iterable[int]) -> list[Element]:
        """What is kept of these pages, in reading order."""
        found = self.store.scroll(Filter(documents=(document,), pages=tuple(pages)))
        return sorted(found, key=lambda element: element.order)

    def require_space(self) -> None:
        """Raises `DiskFull`."""
        require_space(self.folder, self.min_free)

    def fail(self, source: Source, error: BadDocument) -> DocumentRecord:
        """Records that a file cannot be read; nothing is kept of it."""
        error.advise(source.name)
        record = record_of(source, sha256="", status="failed", error=error.words, read_at=time.time())
        self.records.put(record)
        self.store.delete(Filter(documents=(source.name,)))
        return record

    def write(self, elements: Sequence[Element], vectors: Mapping[str, Mapping[UUID, Vector]]) -> None:
        """Keeps elements with their vectors, by name of the vector; not durable before a flush. Raises `DiskFull`."""
        if elements:
            self.require_space()
            self.store.upsert([Point(element, _vectors_of(element, vectors)) for element in elements])

    def add(self, elements: Sequence[Element], vectors: Mapping[str, Mapping[UUID, Vector]]) -> None:
        """Adds vectors to elements that are kept, and flushes. Raises `DiskFull`."""
        if elements:
            self.require_space()
            self.store.add_vectors([(element.id, _vectors_of(element, vectors)) for element in elements])
        self.store.flush()

    def commit(
        self, record: DocumentRecord, pages: Sequence[PageRecord], after: Mapping[str, Any] | None = None
    ) -> DocumentRecord:
        """Records `pages`, in order, whose elements are durable, in place of what was recorded of them; `after` is the
        assembler's state behind them. The document's record, counted anew."""
        old = self.records.pages(record.name, pages[0].report.page, pages[-1].report.page)
        gone = [old[page.report.page] for page in pages if page.report.page in old]
        lossy, regions, elements = (
            sum(map(count, pages)) - sum(map(count, gone)) for count in (_lossy, _regions, _elements)
        )
        before = {page.report.page for page in gone if page.report.late}
        late = any(page.report.late and page.report.page not in before for page in pages)
        state = record.state if after is None else dict(after)
        counted = replace(
            record,
            lossy=record.lossy + lossy,
            regions=record.regions + regions,
            given_up=self.reading.page_timeout if late else record.given_up,
            next_page=max(record.next_page, pages[-1].report.page + 1),
            state=state | {"elements": record.elements + elements},
        )
        self.records.put(counted, pages, after)
        return counted


def _vectors_of(element: Element, vectors: Mapping[str, Mapping[UUID, Vector]]) -> dict[str, Vector]:
    return {name: by_id[element.id] for name, by_id in vectors.items() if element.id in by_id}


def _lossy(page: PageRecord) -> int:
    return page.report.lossy


def _regions(page: PageRecord) -> int:
    return sum(page.report.elements.values())


def _elements(page: PageRecord) -> int:
    return page.elements
