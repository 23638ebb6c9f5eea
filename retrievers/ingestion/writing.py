"""Elements are embedded and written to the store of their corpus."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.disk import require_space
from common.errors import BadDocument
from retrievers.elements import Element
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.page_readers import RemoteDocument
from retrievers.parsers.rendering import WIDTH
from retrievers.search.image_search import see
from retrievers.stores.base import Point, Vector, VectorStore

if TYPE_CHECKING:
    from PIL.Image import Image


class Writer:
    """Writes into `store`, whose `folder` keeps `min_free` bytes of its disk free, with the vectors of `chosen`."""

    def __init__(self, store: VectorStore, chosen: Chosen, folder: Path, min_free: int) -> None:
        self._store = store
        self._chosen = chosen
        self._folder = folder
        self._min_free = min_free

    def write(self, elements: Sequence[Element], document: RemoteDocument) -> dict[int, set[str]]:
        """Embeds and keeps `elements`, those of whole pages; says by their number why pages could not be drawn for the
        embedders that look at them. Raises `DiskFull`."""
        undrawn: dict[int, set[str]] = defaultdict(set)

        def draw(number: int) -> "Image | None":
            try:
                return document.render(number, WIDTH)
            except BadDocument as error:
                undrawn[number].add(str(error))
                return None

        if not elements:
            return undrawn
        require_space(self._folder, self._min_free)
        vectors: list[dict[str, Vector]] = [{} for _ in elements]
        for embedder in (self._chosen.words, self._chosen.lexical):
            dense = embedder.info.spec.form == "dense"
            found = embed_with_page_means(embedder, elements) if dense else embedder.embed_documents(elements)
            for named, vector in zip(vectors, found, strict=True):
                if vector is not None:
                    named[embedder.info.vector] = vector
        for looking in self._chosen.sights:
            seen = see(looking, elements, draw)
            for element, named in zip(elements, vectors, strict=True):
                if element.id in seen:
                    named[looking.info.vector] = seen[element.id]
        self._store.upsert([Point(element, named) for element, named in zip(elements, vectors, strict=True)])
        self._store.flush()
        return undrawn


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
