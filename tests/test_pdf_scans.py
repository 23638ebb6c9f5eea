"""Scans and pictures in any direction; what cannot be read is said, not indexed."""

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageOps
from raw_pdf import drawn_letters
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Page
from retrievers.parsers import open_document

SENTENCES = (
    "The kiln was fired for nine hours on Tuesday.",
    "It reached 1,140 degrees before the door was opened.",
    "Seven of the forty bowls cracked while they cooled.",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    path = tmp_path_factory.mktemp("scan") / "written.pdf"
    c = Canvas(str(path), pagesize=(500, 400))
    c.setFont("Helvetica", 15)
    for row, sentence in enumerate(SENTENCES):
        c.drawString(40, 340 - 40 * row, sentence)
    c.save()
    with pypdfium2.PdfDocument(path) as document:
        return document[0].render(scale=2).to_pil().convert("RGB")


def scanned(path: Path, picture: Image.Image) -> Page:
    if path.suffix == ".pdf":
        c = Canvas(str(path), pagesize=picture.size)
        c.drawImage(ImageReader(picture), 0, 0, *picture.size)
        c.save()
    else:
        picture.save(path)
    with open_document(path) as document:
        return document.page(1)


def words_of(page: Page) -> str:
    return " ".join(block.text for block in page.blocks)


@pytest.mark.parametrize(("name", "turn"), [("scan.pdf", 90), ("scan.pdf", 180), ("scan.png", 270)])
def test_a_scan_in_any_direction(tmp_path: Path, written: Image.Image, name: str, turn: int) -> None:
    said = words_of(scanned(tmp_path / name, written.rotate(turn, expand=True)))
    assert "nine hours on Tuesday" in said and "1,140 degrees" in said
    assert said.index("nine hours") < said.index("1,140") < said.index("Seven of")


def test_boxes_lie_over_the_words_as_they_are_drawn(tmp_path: Path, written: Image.Image) -> None:
    box = scanned(tmp_path / "scan.pdf", written.rotate(90, expand=True)).blocks[0].box
    assert 1 - box.y1 == pytest.approx(0.08, abs=0.03)  # the first sentence runs up the page, from near its lower edge
    assert box.x0 == pytest.approx(1 - 352 / 400, abs=0.03)


@pytest.mark.parametrize("name", ["mirrored.pdf", "mirrored.png"])
def test_what_cannot_be_read_is_said_and_not_indexed(tmp_path: Path, written: Image.Image, name: str) -> None:
    page = scanned(tmp_path / name, ImageOps.mirror(written))
    assert "what is written there could not be read" in " ".join(page.notes)
    assert len(words_of(page)) < 12


@pytest.mark.parametrize("letters", ["".join(map(chr, range(1, 27))), "".join(map(chr, range(0xE000, 0xE01A)))])
def test_a_text_layer_without_meaning_is_not_indexed(tmp_path: Path, letters: str) -> None:
    content = b"BT /F 14 Tf 60 700 Td (HELLO WORLD OF NOTHING AT ALL THAT MEANS A THING) Tj ET"
    with open_document(drawn_letters(tmp_path / "void.pdf", content, letters)) as document:
        page = document.page(1)
    assert words_of(page) == "" and page.notes
