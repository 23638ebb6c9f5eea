"""What stands for the manifest and for an embedded store where an operator works in another process.

What is written to them is kept as entries, in order, for the process that ingests to carry out: it alone has the
manifest, and where the store is embedded that, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple
from uuid import UUID

from retrievers.elements import Element
from retrievers.ingestion.manifest import LAST_PAGE
from retrievers.ingestion.records import DocumentRecord, PageRecord, Stage
from retrievers.stores.base import ANYTHING, Filter, Point, Vector


class Write(NamedTuple):
    """To be done to the store: the method of that name, with these arguments."""

    act: Literal["upsert", "add_vectors", "delete", "flush"]
    arguments: tuple[Any, ...] = ()


class Put(NamedTuple):
    """To be recorded, see `Manifest.put`; what is counted over pages is counted anew."""

    record: DocumentRecord
    pages: Sequence[PageRecord]
    after: Mapping[str, Any] | None


class Finish(NamedTuple):
    """To be recorded, see `Manifest.finish`."""

    stage: Stage
    pages: Sequence[tuple[str, int]]


Entry = Write | Put | Finish


class Ledger:
    """What is recorded of one document: the `pages` that were known when its job was given away, and what was since."""

    def __init__(self, pages: Mapping[int, PageRecord], entries: list[Entry]) -> None:
        self._pages = dict(pages)
        self._entries = entries

    def pages(self, name: str, first: int = 1, last: int = LAST_PAGE) -> dict[int, PageRecord]:
        return {number: page for number, page in sorted(self._pages.items()) if first <= number <= last}

    def put(
        self, record: DocumentRecord, pages: Sequence[PageRecord] = (), after: Mapping[str, Any] | None = None
    ) -> None:
        if record.next_page == 1:
            self._pages.clear()
        self._pages |= {page.report.page: page for page in pages}
        if after is not None and (following := self._pages.get(pages[-1].report.page + 1)):
            self._pages[following.report.page] = replace(following, before=dict(after))
        self._entries.append(Put(record, tuple(pages), after))

    def finish(self, stage: Stage, pages: Sequence[tuple[str, int]]) -> None:
        self._entries.append(Finish(stage, tuple(pages)))


class Journal:
    """A store that holds these elements and vectors of one document, and notes what is to be written."""

    def __init__(self, elements: Sequence[Element], vectors: Mapping[UUID, Vector], entries: list[Entry]) -> None:
        self._elements = elements
        self._vectors = vectors
        self._entries = entries

    def upsert(self, points: Sequence[Point]) -> None:
        self._entries.append(Write("upsert", (points,)))

    def add_vectors(self, vectors: Sequence[tuple[UUID, Mapping[str, Vector]]]) -> None:
        self._entries.append(Write("add_vectors", (vectors,)))

    def delete(self, where: Filter) -> None:
        self._entries.append(Write("delete", (where,)))

    def flush(self) -> None:
        self._entries.append(Write("flush"))

    def scroll(self, where: Filter = ANYTHING) -> Iterator[Element]:
        return (element for element in self._elements if element.page in where.pages)

    def vectors(self, ids: Sequence[UUID], name: str) -> dict[UUID, Vector]:
        return {id_: self._vectors[id_] for id_ in ids if id_ in self._vectors}

    def elsewhere(self) -> None:
        """Nothing: it is elsewhere."""
