"""Words that no block holds are counted and named."""

from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import WHOLE_PAGE, Block, Page
from retrievers.parsers import open_document
from retrievers.parsers.accounting import account
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument

TABLE = Block("table", "pier: A; depth: 12", WHOLE_PAGE, rows=(("pier", "depth"), ("A", "12")))


def test_a_page_that_holds_its_source_loses_nothing() -> None:
    page = Page(1, [Block("heading", "The Harbour", WHOLE_PAGE), TABLE], ["1 table"])
    assert account(page, "THE HARBOUR\npier depth\nA 12") == page


def test_what_is_missing_is_named() -> None:
    accounted = account(Page(1, [TABLE]), "pier depth A 12 silted since 1911")
    assert accounted.lost == 3 / 7
    assert accounted.notes == ("43% of this page's words could not be placed (such as silted, since, 1911)",)


def test_words_that_the_source_runs_together_are_not_lost() -> None:
    """As PDFium does with turned lines: the last cell of one, and the first of the next."""
    page = Page(1, [Block("text", "depth 12 pier A 12 pier B", WHOLE_PAGE)])
    assert account(page, "depth 12pier a 12pier b").lost == 0.0
    assert account(page, "depth 12pier a 12pier 12pier b").lost == 1 / 6, "each stands for two words, once"
    assert account(page, "depth 12quay a 12pier b").lost == 1 / 5


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_words_that_are_drawn_letter_by_letter_are_not_lost(tmp_path: Path, scale: float) -> None:
    """PDFium takes the first letter off the first word, and runs the numbers of a row together."""
    canvas, size = Canvas(str(tmp_path / "a.pdf"), pagesize=(600, 800)), 9 / scale
    canvas.scale(scale, scale)
    for row, cells in enumerate((("Harbours",), ("Pier", "3,570", "3,347"), ("Quay", "3,323", "3,641"))):
        for column, cell in enumerate(cells):
            at = (50 + 120 * column) / scale
            for letter in cell:
                canvas.setFont("Helvetica", size)
                canvas.drawString(at, (700 - 14 * row) / scale, letter)
                at += stringWidth(letter, "Helvetica", size)
    canvas.save()
    with open_document(tmp_path / "a.pdf") as document:
        page = document.page(1)
    assert page.lost == 0.0
    assert sorted(" ".join(block.text for block in page.blocks).split())[:3] == ["3,323", "3,347", "3,570"]


def test_cells_are_not_counted_twice() -> None:
    """A table's text says its header again for every row: that must not hide the loss of another 'depth'."""
    assert account(Page(1, [TABLE]), "pier depth A 12 depth").lost == 1 / 5


@pytest.mark.parametrize("kind", ["text", "table"])
def test_a_document_without_pages_is_counted_as_a_whole(tmp_path: Path, kind: Literal["text", "table"]) -> None:
    """Whichever of its pages holds a word; what none holds is noted on the first."""
    lines = [f"pier{number} depth{number}" for number in range(90)]
    table = Item("table", rows=tuple((line, "") for line in lines))
    items = [table] if kind == "table" else [Item("text", line) for line in lines]
    read = FlowDocument(tmp_path / "a.x", items, source="\n".join(lines))
    assert read.page_count > 1
    assert [read.page(number).lost for number in (1, 2)] == [0.0, 0.0]
    cut = FlowDocument(tmp_path / "a.x", items, source="\n".join([*lines, *["silted"] * 20]))
    assert [cut.page(number).lost for number in (1, 2)] == [0.1, 0.0]
    assert cut.page(1).notes == ("10% of this document's words could not be placed (such as silted)",)
    assert cut.page(2).notes == ()


def test_words_in_a_picture_are_no_words_of_the_file(tmp_path: Path) -> None:
    """They would hide the loss of the same words elsewhere."""
    image, out = Image.new("RGB", (480, 200), "white"), BytesIO()
    ImageDraw.Draw(image).text((30, 60), "HARBOUR", "black", ImageFont.load_default(70))
    image.save(out, "PNG")
    page = FlowDocument(tmp_path / "a.x", [Item("figure", picture=out.getvalue())], source="harbour").page(1)
    assert page.blocks[0].text == "HARBOUR"
    assert page.lost == 1.0


def test_a_word_with_a_letter_that_nobody_could_read_is_lost_wherever_it_stands() -> None:
    page = Page(1, [Block("text", "quay \ufffdight; \ufffd depth", WHOLE_PAGE)])
    assert account(page, "quay \ufffdight \ufffd depth").lost == 1 / 3, "a lone sign is no word"
