"""Running headers and page numbers are left out once they are known to run; nothing else that repeats is."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Page
from retrievers.parsers import open_document

PAGES = 6


def pages_of(path: Path, draw: Callable[[Canvas, int], None]) -> Sequence[Page]:
    c = Canvas(str(path), pagesize=(600, 800))
    for number in range(1, PAGES + 1):
        draw(c, number)
        c.showPage()
    c.save()
    with open_document(path) as document:
        return [document.page(number) for number in range(1, PAGES + 1)]


def said(page: Page) -> str:
    return " ".join(block.text for block in page.blocks)


def body(c: Canvas, number: int) -> None:
    for row, word in enumerate(("larch", "maple", "alder", "birch", "rowan")):
        c.drawString(72, 640 - 20 * row, f"Stand {number * 7 + row} of {word} was thinned by the forester in autumn.")


@pytest.mark.parametrize("footer", ["{}", "Page {} of 6", "Forest survey - {}"])
def test_running_lines_are_left_out_with_a_note_and_one_copy_is_kept(tmp_path: Path, footer: str) -> None:
    def draw(c: Canvas, number: int) -> None:
        c.drawString(72, 770, "Survey of the Hollin woods")
        body(c, number)
        c.drawString(280, 30, footer.format(number))

    pages = pages_of(tmp_path / "running.pdf", draw)
    assert [said(page).count("Hollin woods") for page in pages] == [1, 0, 0, 0, 0, 0]
    for number, page in enumerate(pages[1:], start=2):
        assert footer.format(number) not in [block.text for block in page.blocks]
        assert any("Hollin woods" in note and footer.format(number) in note for note in page.notes)
        assert page.lost == 0


@pytest.mark.parametrize("line", ["Policy {}-K covers the barn.", "In clause {} the owner is the tenant."])
def test_sentences_that_differ_in_digits_stay(tmp_path: Path, line: str) -> None:
    def draw(c: Canvas, number: int) -> None:
        c.drawString(72, 770, line.format(4000 + 37 * number * number))
        body(c, number)

    for number, page in enumerate(pages_of(tmp_path / "policy.pdf", draw), start=1):
        assert line.format(4000 + 37 * number * number) in said(page)


@pytest.mark.parametrize("repeat", [True, False])
def test_rows_of_numbers_and_column_heads_stay(tmp_path: Path, repeat: bool) -> None:
    def draw(c: Canvas, number: int) -> None:
        if repeat or number == 1:
            for column, head in enumerate(("Plot", "Trees", "Felled")):
                c.drawString(100 + 120 * column, 770, head)
        for row in range(46):
            for column, cell in enumerate((f"{row}", f"{row * 3}", f"{number}")):
                c.drawString(100 + 120 * column, 754 - 16 * row, cell)

    for number, page in enumerate(pages_of(tmp_path / "plots.pdf", draw), start=1):
        rows = [row for block in page.blocks for row in block.rows]
        assert ("45", "135", f"{number}") in rows
        assert ("Plot" in said(page)) is (repeat or number == 1)


def test_two_pages_are_no_evidence(tmp_path: Path) -> None:
    c = Canvas(str(tmp_path / "two.pdf"), pagesize=(600, 800))
    for _ in range(2):
        c.drawString(72, 770, "The mill is closed on feast days")
        c.showPage()
    c.save()
    with open_document(tmp_path / "two.pdf") as document:
        assert [said(document.page(n)) for n in (1, 2)] == ["The mill is closed on feast days"] * 2


@pytest.mark.parametrize("top", [True, False])
def test_a_sentence_that_every_page_has_is_no_running_line(tmp_path: Path, top: bool) -> None:
    def draw(c: Canvas, number: int) -> None:
        for row in range(3):
            y = (770 if top else 60) - 14 * row
            c.drawString(
                72, y, f"Tree {number * 11 + row} was felled." if row == (2 if top else 0) else "Sign both copies now."
            )

    for page in pages_of(tmp_path / "same.pdf", draw):
        assert said(page).count("Sign both copies now.") == 2


@pytest.mark.parametrize(("height", "alone"), [(770, True), (700, True), (690, False)])
def test_a_sentence_that_names_its_page_stays_where_it_is_the_page(tmp_path: Path, height: int, alone: bool) -> None:
    """Alone on its page, or its first sentence below the margin."""

    def draw(c: Canvas, number: int) -> None:
        c.drawString(72, height, f"Plot {number} was felled and planted anew.")
        if not alone:
            body(c, number)

    for number, page in enumerate(pages_of(tmp_path / "plots.pdf", draw), start=1):
        assert f"Plot {number} was felled" in said(page)
