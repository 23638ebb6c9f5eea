"""A parser of PDFs of which each page misbehaves in another way, as parsers do on the files of strangers."""

import ctypes
import time

from PIL.Image import Image

from common.errors import BadDocument
from retrievers.elements import WHOLE_PAGE, Block, Page
from retrievers.parsers.pdf.document import PdfDocument
from retrievers.parsers.rendering import WIDTH


class OddPdf(PdfDocument):
    """Chosen with `pdf_parser="odd_parser:OddPdf"`. What is wrong with a page is written on it."""

    def page(self, number: int) -> Page:
        page = super().page(number)
        said = page.blocks[0].text
        if "key" in said:
            return {"pages": page}["blocks"]  # type: ignore[return-value]
        if "memory" in said:
            return Page(number, [Block("text", str(len(bytearray(2**46))), WHOLE_PAGE)])
        if "nested" in said:
            return self.page(number)
        if "endless" in said:
            time.sleep(1000)
        while "slow" in said and not self.path.with_name("ready").exists():
            time.sleep(0.1)
        if "crash" in said:
            ctypes.string_at(0)
        if "surrogate" in said:
            return Page(number, [Block("table", "\ud83d", WHOLE_PAGE, rows=(("\udce9",),))], ["\udc00"])
        return page


class ClosedPdf(PdfDocument):
    """Cannot even be opened."""

    def __init__(self, path: object) -> None:
        raise ZeroDivisionError(f"{path} by zero")


class LackingPdf(PdfDocument):
    """Needs a program that is not installed."""

    def __init__(self, path: object) -> None:
        raise BadDocument("Needs a converter.", "Save it again.", "Install the converter.")


class EndlessPdf(PdfDocument):
    """Opening it never ends."""

    def __init__(self, path: object) -> None:
        time.sleep(1000)


class UndrawnPdf(PdfDocument):
    """Can be read, not drawn for those who look at it."""

    def render(self, number: int, width: int) -> Image:
        if width == WIDTH:
            raise RuntimeError(f"no ink for page {number}")
        return super().render(number, width)
