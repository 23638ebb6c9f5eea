"""What an agent shows of documents: pages and regions as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from agent.build import PAGE_WIDTH, Parts
from agent.events import Citation
from agent.inputs import page_images
from retrievers.elements import Element

if TYPE_CHECKING:
    from retrievers.corpus import Corpus


class DrawsPages:
    """Of the corpora of `_parts`; the one of the settings where none is named."""

    _parts: Parts

    def page_image(self, citation: Citation, corpus: str | None = None, width: int = PAGE_WIDTH) -> Path:
        """PNG of the cited page with what was quoted marked. Raises `BadDocument` when the source file has changed."""
        opened, element = self._opened(corpus), citation.hit.element
        return page_images.page_image(opened, element, citation.boxes, self._parts.pages, width)

    def document_page(self, document: str, number: int, corpus: str | None = None, width: int = PAGE_WIDTH) -> Path:
        """PNG of a page of a document, from 1. Raises `UserError` where there is none, or its file has changed."""
        return page_images.document_page(self._opened(corpus), document, number, self._parts.pages, width)

    def map_image(self, citation: Citation, question: str, corpus: str | None = None) -> Path | None:
        """PNG of the cited page, coloured where it is like the question; None without an embedder of pages."""
        element = citation.hit.element
        return page_images.map_image(self._opened(corpus), element, question, self._parts.pages, PAGE_WIDTH)

    def figure_image(self, element: Element, corpus: str | None = None) -> Path:
        """PNG of the element's region. Raises `BadDocument` when the source file has changed."""
        return self._parts.figures(self._opened(corpus))(element)

    def _opened(self, corpus: str | None) -> "Corpus":
        return self._parts.library.open(corpus or self._parts.settings.corpus)
