"""Stages *words* and *scans*: pages are read, placed in their document, and can be searched by their words.

Words are those of text layers. What comes after a page whose picture is still to be read is placed as if that had
`RESERVED` elements, and once it is read, again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from common.errors import BadDocument
from retrievers.elements import Element, Page, Picture
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.assemble import Assembler
from retrievers.ingestion.page_readers import Read, TookTooLong
from retrievers.ingestion.records import NOTHING, DocumentRecord, PageRecord, PageReport, Stage
from retrievers.ingestion.reports import page_report
from retrievers.ingestion.stages import vectors
from retrievers.ingestion.stages.index import BATCH, Index
from retrievers.ingestion.stages.jobs import Job, Reads
from retrievers.packing import pack
from retrievers.stores.base import Filter

WORDLESS: tuple[Picture, ...] = ("page", "figure")  # are put off
LAST = 2**31 - 1  # in the order of elements
Tell = Callable[[DocumentRecord, int], None]  # of a page that was read


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """A page's elements, and what is recorded of it."""

    elements: Sequence[Element]
    record: PageRecord


def place(index: Index, job: Job, reads: Reads, tell: Tell) -> Iterator[DocumentRecord]:
    """Places the pages of a job, the last of its document among them; yields its record whenever some are written.
    Raises `BadDocument` when none of its pages can be read, and `DiskFull`."""
    record, first = job.record, job.pages[0]
    scanning = record.searchable
    assembler = Assembler(record.name, record.sha256, record.title)
    before = index.records.pages(record.name, first - 1, first)
    if state := before[first].before if scanning else record.state:
        assembler.restore(state)
    if first == 1 and not scanning:
        index.records.put(record)
    behind = not scanning and first > 1 and Stage.SCANS in before[first - 1].todo
    pending: list[PlacedPage] = []
    for number, read in reads:
        placed, page = placed_page(index.chosen, assembler, number, read)
        if page is not None and "page" in page.unread:
            assembler.reserve()
            behind = True
        if behind:
            placed = replace(placed, record=replace(placed.record, todo=placed.record.todo | Stage.SCANS))
        pending.append(placed)
        tell(record, number)
        if sum(len(one.elements) for one in pending) >= BATCH or number == record.pages:
            record = _written(index, record, pending, assembler)
            yield record
            pending = []


def placed_page(chosen: Chosen, assembler: Assembler, number: int, read: Read) -> tuple[PlacedPage, Page | None]:
    """A page that cannot be read is told of in its report, and costs no other."""
    before = assembler.state()
    try:
        page = read()
    except BadDocument as error:
        error.advise(assembler.document)
        late = isinstance(error, TookTooLong)
        report = PageReport(number, notes=(error.words,), lost=1.0, read=False, late=late)
        return PlacedPage((), PageRecord(report, before=before)), None
    elements = [_with_stems(chosen, element) for element in assembler.place(page)]
    todo = Stage.MEANING if elements else NOTHING
    if "figure" in page.unread:
        todo |= Stage.FIGURES
    if any(element.kind in looking.kinds for looking in chosen.sights for element in elements):
        todo |= Stage.SIGHTS
    return PlacedPage(elements, PageRecord(page_report(page, elements), todo, len(elements), before)), page


def _with_stems(chosen: Chosen, element: Element) -> Element:
    return replace(element, stems=pack(chosen.lexical.page_stems(element.text))) if element.kind == "page" else element


def _written(
    index: Index, record: DocumentRecord, placed: Sequence[PlacedPage], assembler: Assembler
) -> DocumentRecord:
    """Elements first, their ids follow from content; a flush; then what is recorded of them."""
    pages = [one.record for one in placed]
    numbers = tuple(page.report.page for page in pages)
    if numbers[-1] == record.pages:
        _check_read(index, record, pages)
    elements = [element for one in placed for element in one.elements]
    index.write(elements, vectors.lexical(index.chosen, elements))
    after = (assembler.order, LAST)  # of an earlier reading, or of an earlier stage
    if numbers[-1] < record.pages:
        index.store.delete(Filter(documents=(record.name,), pages=numbers, orders=after))
    else:
        index.store.delete(Filter(documents=(record.name,), orders=after))
        index.store.delete(Filter(documents=(record.name,), not_sha256=record.sha256))
    index.store.flush()
    return index.commit(record, pages, assembler.state())


def _check_read(index: Index, record: DocumentRecord, last: Sequence[PageRecord]) -> None:
    """Raises `BadDocument` when no page of the document could be read."""
    known = index.records.pages(record.name) | {page.report.page: page for page in last}
    reports = [known[number].report for number in sorted(known)]
    if not any(report.read for report in reports):
        none = f"None of its {len(reports)} pages could be read. " if len(reports) > 1 else ""
        raise BadDocument(none + reports[0].notes[0])
