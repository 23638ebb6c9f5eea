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
from retrievers.parsers.layout.blocks import compose
from retrievers.parsers.layout.captions import join_captions
from retrievers.parsers.layout.lines import Line, spaced
from retrievers.parsers.layout.reading_order import place_of
from retrievers.parsers.pdf.annotations import Annotation, flattened, with_annotations
from retrievers.parsers.pdf.figures import find_figures, words_in
from retrievers.parsers.pdf.objects import read_objects
from retrievers.parsers.pdf.running import REACH, Running, near, running_lines
from retrievers.parsers.pdf.text import TextLayer, read_text
from retrievers.parsers.pdf.unread import read_from_page, unknown_letters, with_text_layer

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

OCR_WIDTH = 1000  # pixels; about 115 dpi on a letter page
MIN_LETTERS = 25  # fewer on a page that shows a picture: its text layer does not tell what it says
MAX_PIXELS = 30_000_000  # of a drawn page; a page may claim any size
MAX_SIDE = 30_000  # pixels
KEPT = 2 * REACH + 2  # pages whose content is held
_pdfium = threading.RLock()  # PDFium is not thread-safe, not even across documents


class _PageContent(NamedTuple):
    """What a page holds. `scanned`: one picture covers it."""

    text: TextLayer
    figures: list[Box]
    rules: list[Box]
    scanned: bool


class PdfDocument:
    """See `parsers.base.Document`. Raises `BadDocument` when encrypted, truncated or without pages."""

    def __init__(self, path: Path) -> None:
        import pypdfium2 as pdfium

        self.path = path
        self._annotations: dict[int, tuple[Annotation, ...]] = {}
        self._contents: dict[int, _PageContent] = {}
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
        drawn = {id(line) for line in lines if any(line.box.overlap(figure) > 0.6 for figure in content.figures)}
        margins = self._running(number, lines)
        running = [line for line in margins.lines if id(line) not in drawn]
        left_out = {id(line) for line in running}
        body = [line for line in lines if id(line) not in left_out]
        few = _letters(body if content.scanned else lines) < MIN_LETTERS  # a scan may bear a stamp on every page
        if content.text.garbled or (few and (content.scanned or content.figures or not lines)):
            page = self._recognise(number)
            if page.ocr or not lines or (content.text.garbled and ocr.is_put_off("page")):
                return with_annotations(with_text_layer(page, body), self._annotations.get(number, ()))
        notes: list[str] = []
        notes += unknown_letters(content.text.lines, content.text.drawn)
        if not body:  # a page of nothing else, a label or a lone sentence, keeps it
            body, running = lines, []
        if running:
            notes.append("running lines left out: " + "; ".join(line.text for line in running))
        blocks = self._compose(body, content, number, notes)
        page = Page(number, blocks, tuple(notes), printed=margins.printed)
        page = with_annotations(page, self._annotations.get(number, ()))
        said = " ".join(annotation.text for annotation in self._annotations.get(number, ()))
        counted = (content.text.source | words(said)) - words(" ".join(line.text for line in running))
        return account(page, " ".join(counted.elements()))

    def has_text(self, number: int) -> bool:
        """Whether the page's text layer tells what it says."""
        with _pdfium:
            return _letters(self._lines(number)) >= MIN_LETTERS

    def _content(self, number: int) -> _PageContent:
        """What page `number` holds; kept while its neighbours are read, which look at its margins."""
        if number not in self._contents:
            self._contents[number] = self._read(number)
            while len(self._contents) > KEPT:
                del self._contents[next(iter(self._contents))]
        return self._contents[number]

    def _read(self, number: int) -> _PageContent:
        page = self._loaded(number)
        objects = read_objects(page)
        text = read_text(page, objects.rules)
        page.close()
        if text.unread:
            text = self._read_from_page(number, text)
        return _PageContent(text, find_figures(objects, text.lines), objects.rules, objects.scanned)

    def _read_from_page(self, number: int, text: TextLayer) -> TextLayer:
        """The text layer with the words that it does not tell as they are drawn."""
        lines, count = read_from_page(text.lines, text.unread, self.render(number, 2 * OCR_WIDTH))
        before, after = (words(" ".join(line.text for line in some)) for some in (text.lines, lines))
        return text._replace(lines=lines, source=text.source - (before - after) + (after - before), drawn=count)

    def _loaded(self, number: int) -> "PdfPage":
        """The page with form values and annotations drawn into it."""
        page, annotations = flattened(self._pdf, number)
        if annotations is not None:
            self._annotations.setdefault(number, annotations)
        return page

    def _recognise(self, number: int) -> Page:
        """A page without a text layer to speak of: read its picture; one without words is a figure."""
        if ocr.is_put_off("page"):
            return Page(number, (), (ocr.LATER,))
        picture = self.render(number, OCR_WIDTH)
        lines, doubtful = ocr.recognise(picture)
        if not lines:
            low, high = picture.convert("L").getextrema()
            if low == high:
                return Page(number, (), ("no text: a blank page",))
            seen = ocr.UNREADABLE if doubtful else "a picture without words"
            return Page(number, (Block("figure", "", WHOLE_PAGE),), (f"no text layer; {seen}",))
        running, printed = self._running(number, lines)
        kept = [line for line in lines if line not in running] or lines
        notes = ("no text layer; read by OCR", *([ocr.UNREADABLE] if doubtful else []))
        return Page(number, tuple(ocr.layout(kept)), notes, printed=printed)

    def _compose(self, lines: Sequence[Line], content: _PageContent, number: int, notes: list[str]) -> list[Block]:
        figures = content.figures
        inside = {figure: words_in(figure, lines) for figure in figures}
        labels = {id(line) for group in inside.values() for line in group}
        blocks = compose([line for line in lines if id(line) not in labels], rules=content.rules)
        for figure, group in inside.items():
            read = (
                []
                if any(c.isalpha() for line in group for c in line.text) or ocr.is_put_off("figure")
                else self._read_figure(number, figure, lines)
            )
            text, places = spaced([*group, *read])
            block = Block("figure", text, figure, origin="ocr" if read else "text", lines=places)
            blocks.insert(place_of(figure, blocks), block)
        if figures:
            notes.append(f"{len(figures)} figure{'s' if len(figures) > 1 else ''}")
        return join_captions(blocks)

    def _read_figure(self, number: int, figure: Box, lines: Sequence[Line]) -> list[Line]:
        """What can be read in the picture of a figure, beyond the `lines` of the page."""
        picture = self.render(number, 2 * OCR_WIDTH)
        width, height = picture.size
        crop = picture.crop(
            (int(figure.x0 * width), int(figure.y0 * height), int(figure.x1 * width), int(figure.y1 * height))
        )
        read = (replace(line, box=line.box.within(figure)) for line in ocr.read(crop))
        return [line for line in read if not any(line.box.overlap(other.box) > 0.5 for other in lines)]

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

    def _lines(self, number: int) -> Sequence[Line]:
        """Lines of the page's text layer; none when it cannot be loaded."""
        from pypdfium2 import PdfiumError

        try:
            return self._content(number).text.lines
        except PdfiumError:
            return []

    def _running(self, number: int, lines: Sequence[Line]) -> Running:
        """What of the lines of page `number` runs through its neighbours."""
        with _pdfium:
            pages = {other: self._lines(other) for other in near(number, self.page_count)}
        return running_lines(pages | {number: lines}, number)

    def close(self) -> None:
        with _pdfium:
            self._pdf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _letters(lines: Sequence[Line]) -> int:
    return sum(c.isalnum() for line in lines for c in line.text)
