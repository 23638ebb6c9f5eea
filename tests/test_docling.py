"""PDFs by Docling: what its document holds becomes blocks; without it, the error says how to get it."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from reportlab.pdfgen.canvas import Canvas

from common.errors import MissingExtra
from retrievers.elements import Block, Box
from retrievers.parsers import docling, open_document


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "moons.pdf"
    canvas = Canvas(str(path), pagesize=(200, 400))
    canvas.drawString(20, 350, "The moons of Jupiter, large and small")
    canvas.showPage()
    canvas.save()
    return path


def converted():
    """A document as Docling makes it: boxes in points, origin at the bottom left, on a page of 200 x 400."""
    core = pytest.importorskip("docling_core.types.doc", reason="docling-core is not installed")

    def at(top: float, bottom: float):
        box = core.BoundingBox(l=20, t=top, r=180, b=bottom, coord_origin=core.CoordOrigin.BOTTOMLEFT)
        return core.ProvenanceItem(page_no=1, bbox=box, charspan=(0, 0))

    document = core.DoclingDocument(name="moons")
    document.add_page(page_no=1, size=core.Size(width=200, height=400))
    document.add_text(
        core.DocItemLabel.PAGE_HEADER, "Running header", prov=at(400, 390), content_layer=core.ContentLayer.FURNITURE
    )
    document.add_title("Moons", prov=at(380, 360))
    document.add_heading("Jupiter", level=1, prov=at(360, 340))
    document.add_text(core.DocItemLabel.PARAGRAPH, "It has many.", prov=at(340, 320))
    document.add_list_item("Io, the nearest", prov=at(320, 310))
    cells = [
        core.TableCell(
            text=text,
            start_row_offset_idx=row,
            end_row_offset_idx=row + 1,
            start_col_offset_idx=column,
            end_col_offset_idx=column + 1,
        )
        for row, line in enumerate((("Moon", "Radius, km"), ("Io", "1,822")))
        for column, text in enumerate(line)
    ]
    caption = document.add_text(core.DocItemLabel.CAPTION, "Table 1: Radii", prov=at(300, 290))
    document.add_table(core.TableData(table_cells=cells, num_rows=2, num_cols=2), caption=caption, prov=at(290, 200))
    caption = document.add_text(core.DocItemLabel.CAPTION, "Figure 1: Orbits", prov=at(100, 90))
    picture = document.add_picture(caption=caption, prov=at(200, 100))
    document.add_text(core.DocItemLabel.TEXT, "Europa", prov=at(150, 140), parent=picture)
    return document


def test_a_page_of_docling_becomes_blocks() -> None:
    title, heading, text, item, table, figure = docling.blocks(converted(), 1, "text")
    assert title == Block("heading", "Moons", Box(0.1, 0.05, 0.9, 0.1), level=1)
    assert (heading.kind, heading.text, heading.level) == ("heading", "Jupiter", 2)
    assert (text.text, item.text) == ("It has many.", "Io, the nearest")
    assert table.rows == (("Moon", "Radius, km"), ("Io", "1,822"))
    assert (table.kind, table.caption, table.text) == ("table", "Table 1: Radii", "Moon | Radius, km\nIo | 1,822")
    assert (figure.kind, figure.caption, figure.text) == ("figure", "Figure 1: Orbits", "Europa")
    assert figure.box == Box(0.1, 0.5, 0.9, 0.75)


def test_pages_are_converted_one_by_one(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    errors = ModuleType("docling.exceptions")
    errors.ConversionError = RuntimeError
    monkeypatch.setitem(sys.modules, "docling.exceptions", errors)  # the models are not there, their document is
    monkeypatch.setattr(docling, "find_spec", lambda name: errors)

    def convert(path: Path, page_range: tuple[int, int]):
        asked.append((path, page_range))
        return SimpleNamespace(document=converted())

    monkeypatch.setattr(docling, "_converter", lambda: SimpleNamespace(convert=convert))
    with open_document(pdf, pdf_parser="docling") as document:
        page = document.page(1)
    assert asked == [(pdf, (1, 1))]
    assert (page.number, page.notes, page.ocr) == (1, ("read by Docling",), False)


def test_without_docling_the_cure_is_named(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docling, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'pip install "triptych\[docling\]"'):
        open_document(pdf, pdf_parser="docling")
