"""Tables whose cells are hardly farther apart than words, and bars with their values in them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Block
from retrievers.parsers import open_document

FONT, SIZE = "Helvetica", 8
ANSWERS = ("A great deal", "Some", "Not much")
SHARES = (("Total", 46, 40, 14), ("Coast", 61, 30, 9), ("Hills", 33, 47, 20), ("Islands", 52, 27, 21))


def tables_of(path: Path, draw: Callable[[Canvas], None], width: float = 600) -> list[Block]:
    canvas = Canvas(str(path), pagesize=(width, 800))
    canvas.setFont(FONT, SIZE)
    draw(canvas)
    canvas.save()
    with open_document(path) as document:
        return [block for block in document.page(1).blocks if block.kind == "table"]


def dense(canvas: Canvas, rows: Sequence[Sequence[str]], gap: float, x: float = 160, y: float = 700) -> None:
    """Labels at the left; values `gap` em apart, each as wide as the widest."""
    widths = [max(stringWidth(row[place], FONT, SIZE) for row in rows) for place in range(1, len(rows[0]))]
    for number, (label, *values) in enumerate(rows):
        canvas.drawString(60, y - 11 * number, label)
        place = x
        for width, value in zip(widths, values, strict=True):
            canvas.drawRightString(place + width, y - 11 * number, value)
            place += width + gap * SIZE


@pytest.mark.parametrize("gap", [0.7, 0.9])
def test_values_that_stand_close_are_cells_of_their_own(tmp_path: Path, gap: float) -> None:
    rows = (
        ("Model", "10-shot", "20-shot", "50-shot"),
        ("Kestrel", "53.8(0.5)", "54.1(1.4)", "55.9(0.5)"),
        ("Merlin", "61.2(1.1)", "63.0(0.9)", "64.8(1.7)"),
        ("Hobby", "47.1(1.2)", "47.7(2.8)", "47.9(0.6)"),
    )
    (table,) = tables_of(tmp_path / "dense.pdf", lambda canvas: dense(canvas, rows, gap))
    assert table.rows == rows


def test_the_groups_of_a_long_number_stay_together(tmp_path: Path) -> None:
    rows = (
        ("Canton", "Acres", "Sheep"),
        ("Upper", "1 204 300", "81"),
        ("Lower", "2 377 410", "95"),
        ("Old", "1 910 555", "72"),
    )
    (table,) = tables_of(tmp_path / "groups.pdf", lambda canvas: dense(canvas, rows, 2), width=280)
    assert table.rows == rows


def test_rules_between_groups_of_columns_bound_no_cells(tmp_path: Path) -> None:
    rows = (("Gold", "31.9", "40.7", "8.8"), ("Lead", "25.3", "43.2", "17.7"), ("Zinc", "31.1", "57.9", "26.8"))

    def draw(canvas: Canvas) -> None:
        for number, (label, *values) in enumerate(rows):
            canvas.drawString(60, 700 - 12 * number, label)
            for group in (0, 1):
                for place, value in enumerate(values):
                    canvas.drawString(150 + 130 * group + 34 * place, 700 - 12 * number, value)
        for y in (712, 672):
            canvas.line(50, y, 420, y)
        for x in (140, 270):
            canvas.line(x, 712, x, 672)
        canvas.line(50, 696, 420, 696)

    (table,) = tables_of(tmp_path / "ruled.pdf", draw)
    assert table.rows == tuple((label, *values, *values) for label, *values in rows)


def bars(canvas: Canvas, legend: bool, apart: float) -> None:
    """Each value where its bar ends, so that the values of no column stand under each other."""
    for number, (label, *values) in enumerate(SHARES):
        y = 680 - apart * number
        canvas.drawRightString(150, y, str(label))
        end = 156.0
        for value in values:
            canvas.drawRightString(end + 3 * value - 6, y, f"{value}%" if not number else f"{value}")
            end += 3 * value
    if legend:
        for x, answer in zip((200, 290, 350), ANSWERS, strict=True):
            canvas.drawString(x, 700, answer)


@pytest.mark.parametrize("apart", [14, 34])
def test_the_values_of_bars_are_told_apart_by_their_order(tmp_path: Path, apart: float) -> None:
    (table,) = tables_of(tmp_path / "bars.pdf", lambda canvas: bars(canvas, True, apart))
    assert table.rows[0] == ("", *ANSWERS)
    assert [[cell.rstrip("%") for cell in row] for row in table.rows[1:]] == [
        [str(cell) for cell in row] for row in SHARES
    ]


def test_a_ledger_is_read_by_its_columns(tmp_path: Path) -> None:
    """Every row has two values, but a debit is no credit."""
    rows = (
        ("Hay", "120", "", "880"),
        ("Milk", "", "340", "1,220"),
        ("Rent", "500", "", "720"),
        ("Eggs", "", "60", "780"),
    )

    def draw(canvas: Canvas) -> None:
        for number, cells in enumerate((("Item", "Debit", "Credit", "Balance"), *rows)):
            for x, cell in zip((60, 220, 300, 380), cells, strict=True):
                canvas.drawRightString(x + 30, 700 - 12 * number, cell)

    (table,) = tables_of(tmp_path / "ledger.pdf", draw)
    assert table.rows[1:] == rows


def test_a_legend_in_one_line_names_the_columns(tmp_path: Path) -> None:
    rows = (("Inland", "73", "22"), ("Coast", "56", "36"), ("Islands", "71", "23"))

    def draw(canvas: Canvas) -> None:
        canvas.drawString(300, 701, "Opposed   In favour")
        for number, cells in enumerate(rows):
            for x, cell in zip((60, 180, 300), cells, strict=True):
                canvas.drawString(x, 688 - 12 * number, cell)

    (table,) = tables_of(tmp_path / "legend.pdf", draw)
    assert table.rows == (("", "Opposed", "In favour"), *rows)
