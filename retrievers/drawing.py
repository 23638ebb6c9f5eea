"""Pages of documents drawn from their files, as long as these are what was read."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from common.errors import BadDocument
from retrievers.elements import Element
from retrievers.embedders.page_map import paint
from retrievers.embedders.pictures import PageEmbedder
from retrievers.ingestion.manifest import DocumentRecord
from retrievers.ingestion.sources import known_sha256
from retrievers.parsers import open_document
from retrievers.parsers.rendering import WIDTH
from retrievers.search.image_search import question_map
from retrievers.stores.base import Filter, Multi, VectorStore

if TYPE_CHECKING:
    from PIL.Image import Image


def unchanged(record: DocumentRecord, sha256: str) -> Path:
    """The document's file. Raises `BadDocument` when it has gone, or no longer has this content hash."""
    path = Path(record.path)
    if known_sha256(path) != sha256:
        raise BadDocument(f"{record.name} has changed since it was ingested.", "Ingest it again.")
    return path


def page(record: DocumentRecord, sha256: str, number: int, width: int) -> "Image":
    """A page, from 1, `width` pixels wide. Raises like `unchanged`."""
    with open_document(unchanged(record, sha256)) as document:
        return document.render(number, width)


def page_map(
    store: VectorStore,
    embedders: Iterable[Any],
    element: Element,
    question: str,
    render: "Callable[[int], Image]",
    width: int,
) -> "Image | None":
    """The element's page, `width` pixels wide, coloured where a page embedder found it like the question.

    None when no such embedder looked at the page, or the question has no words. `render` draws the page at a width.
    """
    for embedder in embedders if question.strip() else ():
        if not isinstance(embedder, PageEmbedder):
            continue
        where = Filter(documents=(element.document,), kinds=("page",), pages=(element.page,))
        ids = [one.id for one in store.scroll(where)]
        for stored in store.vectors(ids, embedder.info.vector).values():
            return paint(render(width), question_map(embedder, render(WIDTH), cast("Multi", stored), question))
    return None
