"""PDF, by PDFium: text layer, tables, embedded and vector figures; pages without text go through OCR.

Pages are independent of each other, so a 10,000-page file needs the memory of one page.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from common.errors import BadDocument
from retrievers.elements import WHOLE_PAGE, Block, Box, Page
from retrievers.parsers import ocr
from retrievers.parsers.accounting import account, words
from retrievers.parsers.layout import Line, compose, join_captions
from retrievers.parsers.pdf_annotations import Annotation, flattened
from retrievers.parsers.pdf_figures import find_figures, is_picture
from retrievers.parsers.pdf_running import RunningLines, sample
from retrievers.parsers.pdf_text import TextLayer, read_text

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

OCR_WIDTH = 1000  # pixels; about 115 dpi on a letter page
MIN_LETTERS = 25  # fewer on a page that shows a picture: its text layer does not tell what it says
MAX_PIXELS = 30_000_000  # of a drawn page; a page may claim any size
MAX_SIDE = 30_000  # pixels
_pdfium = threading.RLock()  # PDFium is not thread-safe, not even across documents


class _PageContent(NamedTuple):
    """What a page holds. `scanned`: one picture covers it."""

    text: TextLayer
    figures: list[Box]
    scanned: bool


class PdfDocument:
    """See `parsers.base.Document`. Raises `BadDocument` when encrypted, truncated or without pages."""

    def __init__(self, path: Path) -> None:
        import pypdfium2 as pdfium

        self.path = path
        self._annotations: dict[int, tuple[Annotation, ...]] = {}
        with _pdfium:
            try:
                self._pdf = pdfium.PdfDocument(path)
            except pdfium.PdfiumError as error:
                if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
                    raise BadDocument(f"{path.name} is encrypted.", "Remove its password and try again.") from error
                raise BadDocument(
                    f"{path.name} is not a readable PDF (damaged or cut short).", "Export or download it again."
                ) from error
            self._pdf.init_forms()
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
            heading = " ".join(line.text for line in lines if line.em > 0.9 * largest)
            if len(heading) <= 200:
                return heading
        return metadata if len(metadata) > 3 else self.path.stem

    def page(self, number: int) -> Page:
        from pypdfium2 import PdfiumError

        try:
            with _pdfium:
                content = self._content(number)
        except PdfiumError:
            return Page(number, (), ("this page is damaged and could not be read",))
        lines = content.text.lines
        running = self._running.of(lines, number)
        left_out = {id(line) for line in running}
        body = [line for line in lines if id(line) not in left_out]
        few = _letters(body if content.scanned else lines) < MIN_LETTERS  # a scan may bear a stamp on every page
        if content.text.garbled or (few and (content.scanned or content.figures or not lines)):
            page = self._recognise(number)
            if page.ocr or not lines:
                return self._with_annotations(_with_lines(page, body))
        notes: list[str] = []
        if running:
            notes.append("running lines left out: " + "; ".join(line.text for line in running))
        blocks = self._compose(body, content.figures, number, notes)
        page = self._with_annotations(Page(number, blocks, tuple(notes)))
        said = " ".join(annotation.text for annotation in self._annotations.get(number, ()))
        counted = (content.text.source | words(said)) - words(" ".join(line.text for line in running))
        return account(page, " ".join(counted.elements()))

    def has_text(self, number: int) -> bool:
        """Whether the page's text layer tells what it says."""
        with _pdfium:
            return _letters(self._lines(number)) >= MIN_LETTERS

    def _content(self, number: int) -> _PageContent:
        page = self._loaded(number)
        text = read_text(page)
        content = _PageContent(text, find_figures(page, text.lines), is_picture(page))
        page.close()
        return content

    def _loaded(self, number: int) -> "PdfPage":
        """The page with form values and annotations drawn into it."""
        page, annotations = flattened(self._pdf, number)
        if annotations is not None:
            self._annotations.setdefault(number, annotations)
        return page

    def _with_annotations(self, page: Page) -> Page:
        """With the words of annotations that are not drawn: hidden comments, and values without an appearance."""
        blocks = list(page.blocks)
        seen = words(" ".join(f"{b.text} {b.caption}" for b in blocks))
        for annotation in self._annotations.get(page.number, ()):
            if words(annotation.text) - seen or not words(annotation.text):
                text = f"Note: {annotation.text}" if annotation.note else annotation.text
                blocks.insert(_place_of(annotation.box, blocks), Block("text", text, annotation.box))
        return replace(page, blocks=tuple(blocks))

    def _recognise(self, number: int) -> Page:
        """A page without a text layer to speak of: read its picture; one without words is a figure."""
        picture = self.render(number, OCR_WIDTH)
        lines = ocr.read(picture)
        if not lines:
            low, high = picture.convert("L").getextrema()
            blank = low == high
            figure = () if blank else (Block("figure", "", WHOLE_PAGE),)
            return Page(
                number, figure, ("no text: a blank page" if blank else "no text layer; a picture without words",)
            )
        running = {id(line) for line in self._running.of(lines, number)}
        kept = [line for line in lines if id(line) not in running] or lines
        return Page(number, tuple(ocr.layout(kept)), ("no text layer; read by OCR",))

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
        """See `parsers.base.Document`; narrower than `width` where the page would take over `MAX_PIXELS`."""
        from pypdfium2 import PdfiumError

        with _pdfium:
            try:
                page = self._loaded(number)
            except PdfiumError as error:
                raise BadDocument(
                    f"Page {number} of {self.path.name} is damaged and cannot be drawn.", "Export the file again."
                ) from error
            across, down = page.get_size()
            scale = min(width / across, (MAX_PIXELS / (across * down)) ** 0.5, MAX_SIDE / max(across, down))
            picture: Image = page.render(scale=scale).to_pil().convert("RGB")
            page.close()
        return picture

    def _lines(self, number: int) -> list[Line]:
        """Lines of the page's text layer; none when it cannot be loaded."""
        from pypdfium2 import PdfiumError

        try:
            page = self._loaded(number)
        except PdfiumError:
            return []
        lines = read_text(page).lines
        page.close()
        return lines

    @cached_property
    def _running(self) -> RunningLines:
        with _pdfium:
            return RunningLines({number: self._lines(number) for number in sample(self.page_count)})

    def close(self) -> None:
        with _pdfium:
            self._pdf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _with_lines(page: Page, lines: Sequence[Line]) -> Page:
    """A recognised page with what a short text layer says beyond it, such as a stamp."""
    seen = words(" ".join(block.text for block in page.blocks))
    beyond = [line for line in lines if words(line.text) - seen]
    return replace(page, blocks=(*page.blocks, *compose(beyond)))


def _letters(lines: Sequence[Line]) -> int:
    return sum(c.isalnum() for line in lines for c in line.text)


def _place_of(figure: Box, blocks: Sequence[Block]) -> int:
    """Before the first block below it in its own column, so that columns keep their order."""
    for place, block in enumerate(blocks):
        if block.box.y0 >= figure.y0 and block.box.x0 < figure.x1 and figure.x0 < block.box.x1:
            return place
    return len(blocks)
