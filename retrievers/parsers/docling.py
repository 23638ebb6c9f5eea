"""PDF by Docling (arXiv 2408.09869): its models find layout and tables in place of our rules, page by page.

An extra: `pip install "triptych[docling]"`, chosen by `TRIPTYCH_PDF_PARSER=docling`. Docling downloads its models on
first use; `DOCLING_ARTIFACTS_PATH` names a folder that holds them. Pages are drawn and titles found by PDFium.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import BadDocument, MissingExtra
from retrievers.elements import Block, Box, Origin, Page
from retrievers.parsers.layout.tables.table import to_text
from retrievers.parsers.pdf.document import PdfDocument

if TYPE_CHECKING:
    from docling_core.types.doc import DoclingDocument


class DoclingPdf(PdfDocument):
    """See `parsers.base.Document`. Raises `MissingExtra` when Docling is not installed, else like `PdfDocument`."""

    def __init__(self, path: Path) -> None:
        if find_spec("docling") is None:
            raise MissingExtra(
                "Reading PDFs by Docling needs the package 'docling'.",
                command='Install it with: pip install "triptych[docling]", or unset TRIPTYCH_PDF_PARSER.',
            )
        super().__init__(path)

    def page(self, number: int) -> Page:
        from docling.exceptions import ConversionError

        try:
            converted = _converter().convert(self.path, page_range=(number, number)).document
        except ConversionError as error:
            raise BadDocument(
                f"Docling cannot read page {number} of {self.path.name} ({error}).",
                command="Unset TRIPTYCH_PDF_PARSER.",
            ) from error
        origin: Origin = "text" if self.has_text(number) else "ocr"
        return Page(number, blocks(converted, number, origin), ("read by Docling",))


@cache
def _converter() -> Any:
    """Its models, loaded once."""
    from docling.document_converter import DocumentConverter

    return DocumentConverter()


def blocks(document: "DoclingDocument", number: int, origin: Origin) -> tuple[Block, ...]:
    """The items of one page in Docling's reading order. Running headers and footers are no part of its body."""
    from docling_core.types.doc import FloatingItem, TextItem

    floating = [*document.tables, *document.pictures]
    told = {part.cref for item in floating for part in (*item.captions, *item.children)}  # with what they belong to
    found = []
    for item, _ in document.iterate_items(page_no=number):
        box = _box(document, item, number)
        if box is None or item.self_ref in told:
            continue
        if isinstance(item, FloatingItem):
            found.append(_floating(document, item, box, origin))
        elif isinstance(item, TextItem) and item.text.strip():
            level = _level(item)
            found.append(Block("heading" if level else "text", item.text.strip(), box, level=level, origin=origin))
    return tuple(found)


def _level(item: Any) -> int:
    """Depth of a heading, below the title's; 0 for other text."""
    from docling_core.types.doc import SectionHeaderItem, TitleItem

    if isinstance(item, TitleItem):
        return 1
    return item.level + 1 if isinstance(item, SectionHeaderItem) else 0


def _floating(document: "DoclingDocument", item: Any, box: Box, origin: Origin) -> Block:
    """A table with its cells, or a picture with the words inside it."""
    from docling_core.types.doc import TableItem

    caption = item.caption_text(document).strip()
    if isinstance(item, TableItem):
        rows = tuple(tuple(" ".join(cell.text.split()) for cell in row) for row in item.data.grid)
        return Block("table", to_text(rows), box, caption=caption, rows=rows, origin=origin)
    captions = {part.cref for part in item.captions}
    inside = (part.resolve(document) for part in item.children if part.cref not in captions)
    words = " ".join(part.text.strip() for part in inside if hasattr(part, "text"))
    return Block("figure", words, box, caption=caption, origin=origin)


def _box(document: "DoclingDocument", item: Any, number: int) -> Box | None:
    """Where the item stands on the page; None when it does not."""
    size = document.pages[number].size
    for place in getattr(item, "prov", ()):
        if place.page_no == number:
            box = place.bbox.to_top_left_origin(size.height)
            edges = (box.l / size.width, box.t / size.height, box.r / size.width, box.b / size.height)
            return Box(*(min(1.0, max(0.0, edge)) for edge in edges))
    return None
