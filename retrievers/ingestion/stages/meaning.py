"""Stage *meaning*: the words that are there are embedded."""

from collections.abc import Iterable, Iterator, Sequence

from retrievers.elements import Element
from retrievers.ingestion.records import Stage
from retrievers.ingestion.stages import vectors
from retrievers.ingestion.stages.index import BATCH, Index
from retrievers.ingestion.stages.jobs import Job


def embed(index: Index, jobs: Iterable[Job]) -> Iterator[list[tuple[Job, int]]]:
    """Embeds the pages of documents as they come; yields those that are done, a batch at a time. Raises `DiskFull`."""
    elements: list[Element] = []
    held: list[tuple[Job, int]] = []
    for job in jobs:
        by_page: dict[int, list[Element]] = {number: [] for number in job.pages}
        for element in index.elements(job.record.name, job.pages):
            by_page[element.page].append(element)
        for number, found in by_page.items():
            elements += found
            held.append((job, number))
            if len(elements) >= BATCH:
                yield _embedded(index, elements, held)
                elements, held = [], []
    if held:
        yield _embedded(index, elements, held)


def _embedded(index: Index, elements: Sequence[Element], pages: list[tuple[Job, int]]) -> list[tuple[Job, int]]:
    found = vectors.dense(index.chosen, elements)
    (by_id,) = found.values()
    index.add([element for element in elements if element.id in by_id], found)
    index.records.finish(Stage.MEANING, [(job.record.name, number) for job, number in pages])
    return pages
