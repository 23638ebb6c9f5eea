"""What is written on a PDF page without being part of it: form values, free text, notes."""

from pathlib import Path

import pytest
from raw_pdf import raw_pdf, stream
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Page
from retrievers.parsers import open_document


def read(path: Path) -> Page:
    with open_document(path) as document:
        return document.page(1)


def words_of(page: Page) -> str:
    return " ".join(block.text for block in page.blocks)


def form(path: Path) -> Path:
    c = Canvas(str(path))
    c.drawString(72, 750, "Name of the ferry:")
    c.acroForm.textfield(name="ferry", value="Marigold", x=220, y=740, width=200, height=20)
    c.drawString(72, 700, "Berth:")
    c.acroForm.choice(name="berth", value="D-14", options=["D-14", "E-02"], x=220, y=690, width=100, height=20)
    c.drawString(72, 650, "Pilot aboard:")
    c.acroForm.checkbox(name="pilot", checked=True, x=220, y=640)
    c.drawString(72, 600, "Cargo aboard:")
    c.acroForm.checkbox(name="cargo", checked=False, x=220, y=590)
    c.save()
    return path


def raw(path: Path, annotation: str) -> Path:
    """A page with a sentence and one annotation without an appearance."""
    content = b"BT /F 12 Tf 72 700 Td (The harbour wall was measured on a calm day.) Tj ET"
    return raw_pdf(
        path,
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Annots [6 0 R]"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            stream(content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            annotation.encode(),
        ],
    )


def test_values_of_a_form_are_read_where_they_stand_and_drawn(tmp_path: Path) -> None:
    path = form(tmp_path / "form.pdf")
    page = read(path)
    assert "D-14" in words_of(page) and "☑" in words_of(page) and "☐" in words_of(page)
    value = next(block for block in page.blocks if "Marigold" in block.text)
    with open_document(path) as document:
        drawn = document.render(1, 800).convert("L")
        assert words_of(document.page(1)) == words_of(document.page(1)) == words_of(page)
    x0, y0, x1, y1 = value.box
    field = drawn.crop((int(x0 * 800), int(y0 * drawn.height), int(x1 * 800), int(y1 * drawn.height)))
    assert sum(field.histogram()[:100]) > 20


@pytest.mark.parametrize(
    ("kind", "flags", "expected"),
    [
        ("FreeText", 4, "Repaired in spring"),
        ("Text", 4, "Note: Repaired in spring"),
        ("Highlight", 4, "Note: Repaired in spring"),
        ("Stamp", 4, "Note: Repaired in spring"),
        ("Text", 2, ""),
        ("Popup", 4, ""),
    ],
)
def test_words_of_annotations(tmp_path: Path, kind: str, flags: int, expected: str) -> None:
    annotation = (
        f"<< /Type /Annot /Subtype /{kind} /Rect [300 640 420 660] /F {flags} /Contents (Repaired in spring)"
        " /DA (/Helv 10 Tf) /QuadPoints [300 660 420 660 300 640 420 640] >>"
    )
    page = read(raw(tmp_path / "noted.pdf", annotation))
    found = [block for block in page.blocks if "Repaired" in block.text]
    assert [block.text for block in found] == ([expected] if expected else [])
    assert "The harbour wall was measured on a calm day." in words_of(page)
    for block in found:
        assert block.box[:2] == pytest.approx((0.5, 1 - 660 / 800), abs=0.01)
