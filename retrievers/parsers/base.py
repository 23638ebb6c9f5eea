"""What a parser is: it opens a file and gives any page of it, parsed or rendered, without state between pages.

Random access by page is what lets ingestion resume where it was killed and lets the evidence panel draw one page.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from retrievers.elements import Page

if TYPE_CHECKING:
    from PIL.Image import Image


class Document(Protocol):
    """An open file. Use as a context manager; not safe to share between threads."""

    title: str
    page_count: int

    def page(self, number: int) -> Page:
        """Blocks of page `number` (from 1), in reading order. OCR happens here when there is no text layer."""
        ...

    def render(self, number: int, width: int) -> "Image":
        """RGB picture of page `number`, `width` pixels wide, on which block boxes hold."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Parser(Protocol):
    """Opens one family of formats. A class or function with this signature goes into `parsers.PARSERS`."""

    def __call__(self, path: Path) -> Document:
        """Raises `BadDocument` for a file that is encrypted, truncated, empty or not what its name says."""
        ...
