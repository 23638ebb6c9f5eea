"""Labels of rows that take several lines are one label."""

from pathlib import Path

import pytest
from test_table_headers import MILLS, STEP, Sheet

LINE = 11  # points from line to line of one label


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    made = Sheet(tmp_path / "table.pdf")
    made.canvas.setFont("Helvetica", 9)
    made.row("", "2021", "2022", "2023", "2024")
    made.row(*MILLS[0])
    return made


def lines(sheet: Sheet, *texts: str, indent: float = 0) -> None:
    """Lines of a label, the second set in by `indent`."""
    for place, text in enumerate(texts):
        sheet.canvas.drawString(60 + (indent if place else 0), sheet.y, text)
        sheet.y -= LINE
    sheet.y += LINE


@pytest.mark.parametrize(
    ("first", "second", "indent"),
    [("Sacks sold, net of those", "that came back", 0), ("Flour of the", "Dutch sort", 8)],
)
def test_values_beside_the_first_line(sheet: Sheet, first: str, second: str, indent: float) -> None:
    lines(sheet, first, second, indent=indent)
    sheet.y += LINE
    sheet.row("", "7", "8", "9", "10")
    sheet.y -= LINE
    sheet.rows(MILLS[1:])
    (table,) = sheet.tables()
    assert table.rows[1:] == (MILLS[0], (f"{first} {second}", "7", "8", "9", "10"), *MILLS[1:])


@pytest.mark.parametrize("first", ["Sacks that were ground but were", "Carts and boats, with those"])
def test_values_beside_the_last_line(sheet: Sheet, first: str) -> None:
    lines(sheet, first, "")
    sheet.row("not sold", "7", "8", "9", "10")
    sheet.rows(MILLS[1:])
    (table,) = sheet.tables()
    assert table.rows[1:] == (MILLS[0], (f"{first} not sold", "7", "8", "9", "10"), *MILLS[1:])


def test_a_label_of_two_lines_without_values(sheet: Sheet) -> None:
    lines(sheet, "Mills that were built before the", "great flood")
    sheet.y -= STEP
    sheet.rows(MILLS[1:])
    (table,) = sheet.tables()
    assert [row[0] for row in table.rows[2:]] == [
        "Mills that were built before the great flood",
        "Lower mill",
        "New mill",
    ]


@pytest.mark.parametrize(("group", "indent"), [("Mills on the river:", 0), ("Windmills", 0), ("Of these:", 10)])
def test_the_name_of_a_group_is_no_part_of_a_label(sheet: Sheet, group: str, indent: float) -> None:
    sheet.canvas.drawString(60 + indent, sheet.y, group)
    sheet.y -= LINE
    sheet.rows(MILLS[1:])
    (table,) = sheet.tables()
    assert [row[0] for row in table.rows[1:]] == ["Upper mill", group, "Lower mill", "New mill"]


def test_a_long_label_without_values_stays_in_its_table(tmp_path: Path) -> None:
    """However long, where it ends before the values begin."""
    long = "Ground for others, who brought it by boat or by cart, and once upon the back of an old mule:"
    sheet = Sheet(tmp_path / "table.pdf")
    sheet.canvas.setFont("Helvetica", 6)
    sheet.row("", "", "", "2023", "2024")
    for label, *values in (*MILLS, (long,), *MILLS):
        sheet.y += STEP - LINE
        sheet.row(label, "", "", *values[:2])
    (table,) = sheet.tables()
    assert [row[0] for row in table.rows[4:6]] == [long, "Upper mill"]


def test_the_end_of_a_paragraph_between_tables_is_no_label(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "table.pdf")
    for _ in range(2):
        sheet.canvas.setFont("Helvetica", 10)
        sheet.row("", "2021", "2022", "2023", "2024")
        sheet.rows(MILLS)
        sheet.canvas.drawString(
            60, sheet.y, "(1) The upper mill stood still in May, when the river froze over, and again for repairs of"
        )
        sheet.canvas.drawString(60, sheet.y - 12, "its wheel.")
        sheet.y -= 12 + STEP
    assert [table.rows[0] for table in sheet.tables()] == [("", "2021", "2022", "2023", "2024")] * 2


def test_words_over_the_labels_are_the_caption(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "table.pdf")
    sheet.canvas.setFont("Helvetica", 8)
    sheet.canvas.drawString(60, sheet.y, "Item 6.")
    sheet.canvas.drawString(100, sheet.y, "Sacks a day")
    sheet.y -= STEP
    sheet.row("Mill", "2021", "2022", "2023", "2024")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert (table.caption, table.rows[0]) == ("Item 6. Sacks a day", ("Mill", "2021", "2022", "2023", "2024"))
