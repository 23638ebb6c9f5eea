"""Stage *meaning*: the words that are there are embedded."""

from collections.abc import Iterable, Iterator, Sequence

from retrievers.elements import Element
from retrievers.ingestion.records import Stage
from retrievers.ingestion.stages import vectors
from retrievers.ingestion.stages.index import BATCH, Index


def embed(index: Index, pages: Iterable[tuple[str, Sequence[int]]]) -> Iterator[list[tuple[str, int]]]:
    """Embeds the pages of documents as they come; yields those that are done, document and number, a batch at a time.
    Raises `DiskFull`."""
    elements: list[Element] = []
    held: list[tuple[str, int]] = []
    for name, numbers in pages:
        by_page: dict[int, list[Element]] = {number: [] for number in numbers}
        for element in index.elements(name, numbers):
            by_page[element.page].append(element)
        for number, found in by_page.items():
            elements += found
            held.append((name, number))
            if len(elements) >= BATCH:
                yield _embedded(index, elements, held)
                elements, held = [], []
    if held:
        yield _embedded(index, elements, held)


def _embedded(index: Index, elements: Sequence[Element], pages: list[tuple[str, int]]) -> list[tuple[str, int]]:
    found = vectors.dense(index.chosen, elements)
    (by_id,) = found.values()
    index.add([element for element in elements if element.id in by_id], found)
    index.manifest.finish(Stage.MEANING, pages)
    return pages
