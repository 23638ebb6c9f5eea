"""The vectors of elements, by their ids."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from retrievers.elements import Element
from retrievers.embedders.chosen import Chosen
from retrievers.stores.base import Vector


def lexical(chosen: Chosen, elements: Sequence[Element]) -> dict[str, dict[UUID, Vector]]:
    """Those of words, by the name of the vector. `elements` hold whole pages, from which their language is told."""
    embedder = chosen.lexical
    found = embedder.embed_documents(elements)
    return {embedder.info.vector: dict(zip((element.id for element in elements), found, strict=True))}


def dense(
    chosen: Chosen, elements: Sequence[Element], known: Mapping[UUID, Vector] | None = None
) -> dict[str, dict[UUID, Vector]]:
    """Those of meaning, by the name of the vector; see `with_page_means`."""
    embedder = chosen.words
    if embedder.info.spec.form == "dense":
        return {embedder.info.vector: with_page_means(embedder, elements, known)}
    found = embedder.embed_documents(elements)
    return {embedder.info.vector: dict(zip((element.id for element in elements), found, strict=True))}


def with_page_means(
    embedder: Any, elements: Sequence[Element], known: Mapping[UUID, Vector] | None = None
) -> dict[UUID, Vector]:
    """Regions are embedded, unless their vector is `known`; a page is the normalised mean of its regions, whatever
    their kind (arXiv 2410.02729).

    `elements` hold whole pages. A page without regions has no vector.
    """
    import numpy as np

    regions = [element for element in elements if element.kind != "page"]
    vectors = {element.id: (known or {})[element.id] for element in regions if element.id in (known or {})}
    new = [element for element in regions if element.id not in vectors]
    vectors |= zip((element.id for element in new), embedder.embed_documents(new), strict=True)
    by_page: dict[tuple[str, int], list[Vector]] = defaultdict(list)
    for element in regions:
        by_page[element.document, element.page].append(vectors[element.id])
    for element in elements:
        beside = by_page[element.document, element.page]
        if element.kind == "page" and beside:
            mean = np.mean(beside, axis=0)
            vectors[element.id] = (mean / np.linalg.norm(mean)).tolist()
    return vectors
