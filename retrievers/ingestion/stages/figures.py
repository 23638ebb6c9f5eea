"""Stage *sights*: what is written in figures is read, and embedders of pictures look at what they look at."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from common.errors import BadDocument
from retrievers.ingestion.assemble import Assembler
from retrievers.ingestion.page_readers import Read
from retrievers.ingestion.records import DocumentRecord, PageRecord, Stage
from retrievers.ingestion.stages import vectors
from retrievers.ingestion.stages.index import Index
from retrievers.ingestion.stages.jobs import CHUNK, Job, Reads
from retrievers.ingestion.stages.placing import PlacedPage, Tell, placed_page
from retrievers.parsers.rendering import WIDTH
from retrievers.search.image_search import see

if TYPE_CHECKING:
    from PIL.Image import Image


def read_figures(index: Index, job: Job, reads: Reads, tell: Tell) -> Iterator[DocumentRecord]:
    """Reads those pages again, with what is written in their figures; yields the record whenever some are written.
    Raises `DiskFull`."""
    record, pending = job.record, list[PlacedPage]()
    for number, read in reads:
        pending.append(_with_figures(index, record, number, read))
        tell(record, number)
        if len(pending) == CHUNK or number == job.pages[-1]:
            record = _written(index, record, pending)
            yield record
            pending = []


def _with_figures(index: Index, record: DocumentRecord, number: int, read: Read) -> PlacedPage:
    """The page as it was placed before, where it cannot be read now, with why in its report."""
    known = index.records.pages(record.name, number, number)[number]
    assembler = Assembler(record.name, record.sha256, record.title)
    assembler.restore(known.before)
    placed, page = placed_page(index.chosen, assembler, number, read)
    if page is None:
        failed = placed.record.report
        report = replace(known.report, notes=(*known.report.notes, *failed.notes), late=failed.late)
        return PlacedPage((), replace(known, report=report, todo=known.todo & ~Stage.FIGURES))
    todo = placed.record.todo & ~Stage.MEANING | known.todo & Stage.MEANING
    return replace(placed, record=replace(placed.record, todo=todo))


def _written(index: Index, record: DocumentRecord, placed: Sequence[PlacedPage]) -> DocumentRecord:
    """Page by page, as each may have come without its neighbours; what has a meaning keeps one."""
    meant = {one.record.report.page for one in placed if Stage.MEANING not in one.record.todo}
    elements = [element for one in placed for element in one.elements]
    known = {one.id: one for one in index.elements(record.name, (one.record.report.page for one in placed))}
    same = [element.id for element in elements if known.get(element.id) == element]
    kept = index.store.vectors(same, index.chosen.words.info.vector)
    dense = vectors.dense(index.chosen, [element for element in elements if element.page in meant], kept)
    index.write(elements, vectors.lexical(index.chosen, elements) | dense)
    index.store.flush()
    for one in placed:
        record = index.commit(record, [one.record])
    return record


def look(index: Index, job: Job, tell: Tell) -> Iterator[DocumentRecord]:
    """Embedders of pictures look at those pages; yields the record whenever some are done. Raises `DiskFull`."""
    record, document = job.record, job.document
    assert document is not None
    undrawn: dict[int, set[str]] = defaultdict(set)

    def draw(number: int) -> "Image | None":
        try:
            return document.render(number, WIDTH)
        except BadDocument as error:
            undrawn[number].add(error.words)
            return None

    for pages in _chunks(job.pages):
        elements = index.elements(record.name, pages)
        seen = {looking.info.vector: see(looking, elements, draw) for looking in index.chosen.sights}
        found = [element for element in elements if any(element.id in by_id for by_id in seen.values())]
        index.add(found, seen)
        known = index.records.pages(record.name, pages[0], pages[-1])
        record = index.commit(record, [_seen(known[number], undrawn[number]) for number in pages])
        for number in pages:
            tell(record, number)
        yield record


def _chunks(pages: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pages[first : first + CHUNK] for first in range(0, len(pages), CHUNK))


def _seen(page: PageRecord, undrawn: set[str]) -> PageRecord:
    report = replace(page.report, notes=(*page.report.notes, *undrawn))
    return replace(page, report=report, todo=page.todo & ~Stage.SIGHTS)
