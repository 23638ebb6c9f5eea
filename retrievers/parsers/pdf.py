"""PDF, by PDFium: text layer, tables, embedded and vector figures; pages without text go through OCR.

Pages are independent of each other, so a 10,000-page file needs the memory of one page.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from common.errors import BadDocument
from retrievers.elements import WHOLE_PAGE, Block, Box, Page
from retrievers.parsers import ocr
from retrievers.parsers.layout import Line, compose, join_captions
from retrievers.parsers.pdf_figures import find_figures, is_picture
from retrievers.parsers.pdf_text import read_lines

if TYPE_CHECKING:
    from PIL.Image import Image

OCR_WIDTH = 1000  # pixels; about 115 dpi on a letter page
MIN_LETTERS = 25  # fewer on a page that shows a picture: its text layer does not tell what it says
EDGE_LINES = 3  # lines at the top and at the bottom of a page that may be running headers and footers
SAMPLE = 12  # pages read to learn which lines repeat
_pdfium = threading.RLock()  # PDFium is not thread-safe, not even across documents


class PdfDocument:
    """See `parsers.base.Document`. Raises `BadDocument` when encrypted, truncated or without pages."""

    def __init__(self, path: Path) -> None:
        import pypdfium2 as pdfium

        self.path = path
        with _pdfium:
            try:
                self._pdf = pdfium.PdfDocument(path)
            except pdfium.PdfiumError as error:
                if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
                    raise BadDocument(f"{path.name} is encrypted.", "Remove its password and try again.") from error
                raise BadDocument(
                    f"{path.name} is not a readable PDF (damaged or cut short).", "Export or download it again."
                ) from error
            self.page_count = len(self._pdf)
        if not self.page_count:
            self.close()
            raise BadDocument(f"{path.name} has no pages.", "Export it again.")

    @cached_property
    def title(self) -> str:
        """The first page's largest heading: what a reader calls the document. Else metadata, else the file name."""
        with _pdfium:
            lines = [line for line in self._lines(1) if not line.vertical and sum(map(str.isalpha, line.text)) > 3]
            metadata = self._pdf.get_metadata_value("Title").strip()
        if lines:
            largest = max(line.em for line in lines)
            words = " ".join(line.text for line in lines if line.em > 0.9 * largest)
            if len(words) <= 200:
                return words
        return metadata if len(metadata) > 3 else self.path.stem

    def page(self, number: int) -> Page:
        with _pdfium:
            lines = self._body(self._lines(number))
            page = self._pdf[number - 1]
            figures = find_figures(page, lines)
            scanned = is_picture(page)
            page.close()
        said = self._without_running(lines) if scanned else lines  # a scan may bear a printed stamp on every page
        if _letters(said) < MIN_LETTERS:
            return self._recognise(number)
        notes: list[str] = []
        blocks = self._compose(lines, figures, number, notes)
        return Page(number, blocks, tuple(notes))

    def has_text(self, number: int) -> bool:
        """Whether the page's text layer tells what it says."""
        with _pdfium:
            return _letters(self._lines(number)) >= MIN_LETTERS

    def _recognise(self, number: int) -> Page:
        """A page without a text layer to speak of: read its picture; one without words is a figure."""
        picture = self.render(number, OCR_WIDTH)
        lines = self._body(ocr.read(picture))
        if not lines:
            low, high = picture.convert("L").getextrema()
            blank = low == high
            figure = () if blank else (Block("figure", "", WHOLE_PAGE),)
            return Page(
                number, figure, ("no text: a blank page" if blank else "no text layer; a picture without words",)
            )
        return Page(number, tuple(ocr.layout(lines)), ("no text layer; read by OCR",))

    def _compose(self, lines: Sequence[Line], figures: Sequence[Box], number: int, notes: list[str]) -> list[Block]:
        inside = {figure: [line for line in lines if line.box.overlap(figure) > 0.6] for figure in figures}
        labels = {id(line) for group in inside.values() for line in group}
        blocks = compose([line for line in lines if id(line) not in labels])
        for figure, group in inside.items():
            text, origin = " ".join(line.text for line in group), "text"
            if not any(c.isalpha() for c in text):
                text, origin = self._read_figure(number, figure), "ocr"
            block = Block("figure", text, figure, origin="ocr" if origin == "ocr" and text else "text")
            blocks.insert(_place_of(figure, blocks), block)
        if figures:
            notes.append(f"{len(figures)} figure{'s' if len(figures) > 1 else ''}")
        return join_captions(blocks)

    def _read_figure(self, number: int, figure: Box) -> str:
        picture = self.render(number, 2 * OCR_WIDTH)
        width, height = picture.size
        crop = picture.crop(
            (int(figure.x0 * width), int(figure.y0 * height), int(figure.x1 * width), int(figure.y1 * height))
        )
        return " ".join(line.text for line in ocr.read(crop))

    def render(self, number: int, width: int) -> "Image":
        with _pdfium:
            page = self._pdf[number - 1]
            picture: Image = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
            page.close()
        return picture

    def _lines(self, number: int) -> list[Line]:
        page = self._pdf[number - 1]
        lines = read_lines(page)
        page.close()
        return lines

    def _body(self, lines: Sequence[Line]) -> list[Line]:
        """Without running headers, footers and page numbers: edge lines that, digits aside, other pages have too.

        A page of nothing else, a form or a label, keeps them.
        """
        return self._without_running(lines) or list(lines)

    def _without_running(self, lines: Sequence[Line]) -> list[Line]:
        edge = {id(line) for line in _edges(lines)}
        return [
            line
            for line in lines
            if id(line) not in edge or not (line.text.strip().isdigit() or _digits_aside(line.text) in self._repeated)
        ]

    @cached_property
    def _repeated(self) -> frozenset[str]:
        step = max(1, self.page_count // SAMPLE)
        numbers = range(1, self.page_count + 1, step)[:SAMPLE]
        seen = Counter(
            text for number in numbers for text in {_digits_aside(line.text) for line in _edges(self._lines(number))}
        )
        return frozenset(text for text, pages in seen.items() if pages >= max(3, len(numbers) // 3))

    def close(self) -> None:
        with _pdfium:
            self._pdf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _letters(lines: Sequence[Line]) -> int:
    return sum(c.isalnum() for line in lines for c in line.text)


def _edges(lines: Sequence[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: line.box.y0)
    return ordered[:EDGE_LINES] + ordered[-EDGE_LINES:]


def _digits_aside(text: str) -> str:
    return re.sub(r"\d+", "#", text.strip().lower())


def _place_of(figure: Box, blocks: Sequence[Block]) -> int:
    """Before the first block below it in its own column, so that columns keep their order."""
    for place, block in enumerate(blocks):
        if block.box.y0 >= figure.y0 and block.box.x0 < figure.x1 and figure.x0 < block.box.x1:
            return place
    return len(blocks)
