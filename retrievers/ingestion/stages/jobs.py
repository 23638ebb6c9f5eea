"""Documents on their way through a stage that reads them: opened, and read, ahead of whoever places their pages."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import TypeVar

from common.errors import BadDocument
from retrievers.elements import Page, Picture
from retrievers.ingestion.page_readers import Read, RemoteDocument
from retrievers.ingestion.records import DocumentRecord
from retrievers.ingestion.sources import Source

Item = TypeVar("Item")
Reads = Iterator[tuple[int, Read]]  # page numbers and what gives the page

CHUNK = 8  # pages of one document that are read in a row: whoever reads them opens it once
TEXT_CHUNK = 32  # where pictures are put off: a page's neighbours, which are looked at too, cost as much as the page


@dataclass(eq=False, slots=True)
class Job:
    """A document, and those of its `pages` that a stage is to be done of: for words none are named, it is from where
    its record stands. `document` is open while it is read. `held` elements were there before; `unchanged`: all was."""

    source: Source
    record: DocumentRecord
    pages: Sequence[int] = ()
    known: bool = False  # there is nothing to do
    again: bool = False  # for pages that took too long before
    held: int = 0
    unchanged: bool = False
    document: RemoteDocument | None = None
    done: bool = False

    def close(self) -> None:
        if self.document is not None:
            self.document.close()
            self.document = None


def read_ahead(
    jobs: Iterable[Job],
    put_off: tuple[Picture, ...],
    programs: int,
    begin: Callable[[Job], None] = lambda job: None,
    chunk: int = CHUNK,
) -> Iterator[tuple[Job, Reads]]:
    """Each job, once `begin` has had it, with its pages as they are read, so many in a row; of pictures of the kinds in
    `put_off` nothing is. As many programs read meanwhile."""
    begun = ahead(_chunks(ahead(jobs, programs), put_off, begin, chunk), 2 * programs)
    for job, chunks in groupby(begun, key=itemgetter(0)):
        yield job, chain.from_iterable(reads for _, reads in chunks)


def _chunks(
    jobs: Iterable[Job], put_off: tuple[Picture, ...], begin: Callable[[Job], None], chunk: int
) -> Iterator[tuple[Job, Sequence[tuple[int, Read]]]]:
    for job in jobs:
        begin(job)
        yield job, ()
        for first in range(0, len(job.pages), chunk):
            if job.document is None:  # or no longer: it has failed
                break
            numbers = job.pages[first : first + chunk]
            yield job, list(zip(numbers, _reads(job.document, numbers, put_off), strict=True))


def _reads(document: RemoteDocument, numbers: Sequence[int], put_off: tuple[Picture, ...]) -> list[Read]:
    """What gives those pages; of a document that can no longer be opened, what says why."""
    try:
        return document.read(numbers, put_off)
    except BadDocument as error:
        return [partial(_refuse, error) for _ in numbers]


def _refuse(error: BadDocument) -> Page:
    raise error


def ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """The same items, each drawn before the `count` before it have been used."""
    held: deque[Item] = deque()
    for item in items:
        held.append(item)
        if len(held) > count:
            yield held.popleft()
    yield from held
