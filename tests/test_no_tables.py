"""What looks like a table and is none: contents, formulas, places to sign; and paragraphs beside a drawing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Block
from retrievers.parsers import open_document
from retrievers.parsers.layout.tables.no_tables import is_list


def blocks_of(path: Path, draw: Callable[[Canvas], None]) -> list[Block]:
    c = Canvas(str(path), pagesize=(600, 800))
    draw(c)
    c.save()
    with open_document(path) as document:
        return list(document.page(1).blocks)


def said(blocks: list[Block]) -> str:
    return " ".join(block.text for block in blocks)


@pytest.mark.parametrize("dots", [" . . . . . . . .", "............"])
@pytest.mark.parametrize("numbers", [True, False])
def test_contents_with_leaders_are_lines(tmp_path: Path, dots: str, numbers: bool) -> None:
    def draw(c: Canvas) -> None:
        for row, (title, page) in enumerate((("Weather", 3), ("The well", 12), ("Roofs", 27), ("Barns", 31))):
            c.drawString(60, 700 - 20 * row, f"{row + 1}" if numbers else "")
            c.drawString(90, 700 - 20 * row, title + dots)
            c.drawString(500, 700 - 20 * row, str(page))

    blocks = blocks_of(tmp_path / "a.pdf", draw)
    assert {block.kind for block in blocks} == {"text"}
    assert f"The well{dots} 12" in said(blocks)


@pytest.mark.parametrize("sign", ["=", "≈"])
def test_a_formula_is_no_table(tmp_path: Path, sign: str) -> None:
    def draw(c: Canvas) -> None:
        for y, pieces in (
            (700, ("flow", "+", "leak")),
            (686, (f"rate {sign}", "=", "a + b = c")),
            (672, ("area", "-", "rim")),
        ):
            for place, piece in enumerate(pieces):
                c.drawString(80 + 70 * place, y, piece)

    assert {block.kind for block in blocks_of(tmp_path / "a.pdf", draw)} <= {"text", "heading"}


@pytest.mark.parametrize("line", ["________________", "By: ____________"])
def test_places_to_sign_are_no_table(tmp_path: Path, line: str) -> None:
    def draw(c: Canvas) -> None:
        for row, texts in enumerate(
            ((line, line), ("Ada Penrow", "Tom Hale"), ("Owner", "Tenant"), ("Date:", "Date:"))
        ):
            for column, text in enumerate(texts):
                c.drawString(60 + 260 * column, 300 - 20 * row, text)

    blocks = blocks_of(tmp_path / "a.pdf", draw)
    assert "table" not in {block.kind for block in blocks}
    assert "Ada Penrow Tom Hale" in said(blocks)


@pytest.mark.parametrize("marks", [("1:", "2:", "3:", "4:"), ("A.1", "A.2", "B.1", "B.2")])
def test_numbered_lines_and_sections_are_no_table(tmp_path: Path, marks: tuple[str, ...]) -> None:
    def draw(c: Canvas) -> None:
        for row, mark in enumerate(marks):
            c.drawString(60, 700 - 24 * row, mark)
            c.drawString(110, 700 - 24 * row, "while the sluice is open, count the boats")

    blocks = blocks_of(tmp_path / "a.pdf", draw)
    assert {block.kind for block in blocks} == {"text"}
    assert all(f"{mark} while the sluice" in said(blocks) for mark in marks)


def test_a_price_list_with_signs_stays_a_table(tmp_path: Path) -> None:
    rows = (("Gauge", "Change", "Limit"), ("Weir", "+5", "<12"), ("Lock", "-3", "≤ 9"), ("Mill", "±2", "= 7"))

    def draw(c: Canvas) -> None:
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                c.drawString(80 + 120 * column, 600 - 24 * row, cell)

    (table,) = blocks_of(tmp_path / "a.pdf", draw)
    assert table.rows == rows


@pytest.mark.parametrize("shade", [(0.8, 0.9, 1.0), (0.9, 0.9, 0.9)])
def test_the_shaded_row_of_a_table_is_no_figure(tmp_path: Path, shade: tuple[float, float, float]) -> None:
    """Each cell is filled on its own, in pieces."""

    def draw(canvas: Canvas) -> None:
        for row in range(5):
            y = 600 - 24 * row
            canvas.setFillColorRGB(*shade)
            for piece in range(0 if row % 2 else 15):
                canvas.rect(50 + 33 * piece, y - 6, 33, 16, stroke=0, fill=1)
            canvas.setFillColorRGB(0, 0, 0)
            for column, text in enumerate((f"Mill {row}", f"{row}27", f"{row}14")):
                canvas.drawString(60 + 160 * column, y, text)

    assert [block.kind for block in blocks_of(tmp_path / "a.pdf", draw)] == ["table"]


@pytest.mark.parametrize("first", [3, 6])
def test_a_drawing_does_not_swallow_the_paragraph_beside_it(tmp_path: Path, first: int) -> None:
    """A paragraph begins beside a chart, within the box that its wide frame takes, and goes on below it."""

    def draw(c: Canvas) -> None:
        c.rect(40, 400, 520, 300)
        for bar in range(14):
            c.rect(60 + 12 * bar, 420, 8, 40 + 11 * bar, fill=1)
        c.setFont("Helvetica", 9)
        for row in range(12):
            y = 400 + 12 * first - 12 * row
            c.drawString(300, y, f"Sentence {row} of the report on the harbour walls and piers.")
        c.drawString(60, 380, "Figure 1: Boats in the harbour.")

    blocks = blocks_of(tmp_path / "a.pdf", draw)
    (figure,) = [block for block in blocks if block.kind == "figure"]
    assert "harbour walls" not in figure.text
    text = said([block for block in blocks if block.kind == "text"])
    assert all(f"Sentence {row} of" in text for row in range(12))


@pytest.mark.parametrize("gap", [-6, 0])
def test_a_drawing_does_not_swallow_a_narrow_column_beside_it(tmp_path: Path, gap: int) -> None:
    def draw(c: Canvas) -> None:
        c.setFont("Helvetica", 10)
        for row in range(9):
            c.drawString(40, 690 - 14 * row, f"line {row} tells of harbour walls")
        c.setFont("Helvetica", 7)
        for bar in range(14):
            c.rect(180 + gap + 12 * bar, 520, 8, 40 + 11 * bar, fill=1)
            c.drawString(180 + gap + 12 * bar, 510, f"{bar}")
        c.drawString(180 + gap, 500, "boats a day")

    blocks = blocks_of(tmp_path / "a.pdf", draw)
    (figure,) = [block for block in blocks if block.kind == "figure"]
    assert "harbour" not in figure.text and "boats a day" in figure.text
    assert all(f"line {row} tells" in said([b for b in blocks if b.kind == "text"]) for row in range(9))


def test_what_is_written_in_a_figure_stays_there(tmp_path: Path) -> None:
    def draw(c: Canvas) -> None:
        c.rect(40, 400, 520, 300)
        for bar in range(14):
            c.rect(60 + 12 * bar, 420, 8, 40 + 11 * bar, fill=1)
        c.setFont("Helvetica", 9)
        for row in range(3):
            c.drawString(300, 600 - 12 * row, f"Note {row} to the chart says where the numbers came from.")
        c.drawString(60, 380, "Figure 1: Boats in the harbour.")

    (figure,) = [block for block in blocks_of(tmp_path / "a.pdf", draw) if block.kind == "figure"]
    assert "Note 2 to the chart" in figure.text


@pytest.mark.parametrize("start", [1, 118])
def test_numbers_of_lines_do_not_break_the_sentence(tmp_path: Path, start: int) -> None:
    lines = (
        "The witness says that she saw the lower",
        "gate of the lock stand open at dusk on",
        "the day before the barge sank in it.",
    )

    def draw(c: Canvas) -> None:
        for row, line in enumerate(lines):
            c.drawRightString(80, 700 - 14 * row, str(start + row))
            c.drawString(110, 700 - 14 * row, line)

    assert " ".join(lines) in said(blocks_of(tmp_path / "a.pdf", draw))


@pytest.mark.parametrize("mark", ["7.", "(a)"])
def test_a_last_line_that_stands_under_the_numbers_is_part_of_a_list(mark: str) -> None:
    paragraph = ((mark, "The tenant keeps the orchard in good order"), ("", "and prunes every tree before the end of"))
    assert is_list((*paragraph, *paragraph, ("each winter.", "")))
    assert not is_list((*paragraph, ("Owner", "Ada Penrow, of the house beside the mill")))


@pytest.mark.parametrize("spacing", [20, 28, 34])
def test_paragraphs_are_whole_whatever_their_spacing(tmp_path: Path, spacing: int) -> None:
    """Manuscripts and contracts are set with double spacing; a paragraph ends with a short line all the same."""
    whole = "seen from the tower, of which nobody had ever asked him until then, as he said"
    lines = [
        line
        for word in ("first", "second", "third")
        for line in (
            f"    The {word} keeper wrote down every evening what he had {whole}"[:72],
            whole[:72],
            "in his books.",
        )
    ]

    def draw(c: Canvas) -> None:
        c.setFont("Courier", 12)
        for place, line in enumerate(lines):
            c.drawString(40, 760 - spacing * place, line)

    texts = [block.text for block in blocks_of(tmp_path / "a.pdf", draw)]
    assert len(texts) == 3
    assert all(text.endswith("books.") for text in texts)


@pytest.mark.parametrize("spacing", [28, 34])
def test_entries_that_stand_apart_stay_apart(tmp_path: Path, spacing: int) -> None:
    entries = [
        "How the lamp is lit and put out",
        "The stairs",
        "Oil",
        "What the keeper writes down every evening",
        "Fog",
    ]

    def draw(c: Canvas) -> None:
        for place, entry in enumerate(entries * 2):
            c.drawString(40, 760 - spacing * place, entry)

    assert [block.text for block in blocks_of(tmp_path / "a.pdf", draw)] == entries * 2
