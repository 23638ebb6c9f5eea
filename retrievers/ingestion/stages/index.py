"""What the stages write to: the store of a corpus, and the manifest that says what is there."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from common.disk import require_space
from common.errors import BadDocument
from retrievers.elements import Element
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.manifest import DocumentRecord, Manifest
from retrievers.ingestion.page_readers import Reading
from retrievers.ingestion.sources import Source, record_of
from retrievers.stores.base import Filter, Point, Vector, VectorStore

BATCH = 96  # elements embedded and written together, and the most work lost by a kill


@dataclass(frozen=True)
class Index:
    """`folder` keeps `min_free` bytes of its disk free; files are read as `reading` says."""

    store: VectorStore
    manifest: Manifest
    chosen: Chosen
    folder: Path
    min_free: int
    reading: Reading

    def elements(self, document: str, pages: Iterable[int]) -> list[Element]:
        """What is kept of these pages, in reading order."""
        found = self.store.scroll(Filter(documents=(document,), pages=tuple(pages)))
        return sorted(found, key=lambda element: element.order)

    def fail(self, source: Source, error: BadDocument) -> DocumentRecord:
        """Records that a file cannot be read; nothing is kept of it."""
        record = record_of(source, sha256="", status="failed", error=str(error), read_at=time.time())
        self.manifest.put(record)
        self.store.delete(Filter(documents=(source.name,)))
        return record

    def write(self, elements: Sequence[Element], vectors: Mapping[str, Mapping[UUID, Vector]]) -> None:
        """Keeps elements with their vectors, by name of the vector; not durable before a flush. Raises `DiskFull`."""
        if elements:
            require_space(self.folder, self.min_free)
            self.store.upsert([Point(element, _vectors_of(element, vectors)) for element in elements])

    def add(self, elements: Sequence[Element], vectors: Mapping[str, Mapping[UUID, Vector]]) -> None:
        """Adds vectors to elements that are kept, and flushes. Raises `DiskFull`."""
        if elements:
            require_space(self.folder, self.min_free)
            self.store.add_vectors([(element.id, _vectors_of(element, vectors)) for element in elements])
        self.store.flush()


def _vectors_of(element: Element, vectors: Mapping[str, Mapping[UUID, Vector]]) -> dict[str, Vector]:
    return {name: by_id[element.id] for name, by_id in vectors.items() if element.id in by_id}
