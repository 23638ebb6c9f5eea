"""Headers of several rows in tables without drawn cells: one name per column."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Block, Rows
from retrievers.parsers import open_document

LEFT, PITCH, STEP = 200, 70, 18  # points: where values begin, from column to column, from row to row
MILLS = (
    ("Upper mill", "11", "12", "13", "14"),
    ("Lower mill", "21", "22", "23", "24"),
    ("New mill", "31", "32", "3", "34"),
)


def middle(first: int, last: int) -> float:
    """x of the middle of columns `first` to `last`, of which the labels' is 0."""
    return LEFT + PITCH * ((first + last) / 2 - 1)


class Sheet:
    """A page on which rows are set one under another."""

    def __init__(self, path: Path) -> None:
        self.path, self.canvas, self.y = path, Canvas(str(path), pagesize=(600, 800)), 700

    def centred(self, *cells: tuple[float, str]) -> None:
        for x, text in cells:
            self.canvas.drawCentredString(x, self.y, text)
        self.y -= STEP

    def row(self, label: str, *values: str) -> None:
        self.canvas.drawString(60, self.y, label)
        self.centred(*((middle(column, column), value) for column, value in enumerate(values, 1) if value))

    def rows(self, rows: Rows) -> None:
        for row in rows:
            self.row(*row)

    def tables(self) -> list[Block]:
        self.canvas.save()
        with open_document(self.path) as document:
            return [block for block in document.page(1).blocks if block.kind == "table"]


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return Sheet(tmp_path / "table.pdf")


@pytest.mark.parametrize(
    ("groups", "names"),
    [(("2023", "2024"), ("Rye", "Oats")), (("Before the flood", "After the flood"), ("Sacks", "Carts"))],
)
def test_groups_stand_over_their_columns(sheet: Sheet, groups: Sequence[str], names: Sequence[str]) -> None:
    sheet.centred((middle(1, 2), groups[0]), (middle(3, 4), groups[1]))
    sheet.row("Mill", *names, *names)
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows == (("Mill", *(f"{group} {name}" for group in groups for name in names)), *MILLS)


def test_groups_of_three_by_what_repeats_under_them(sheet: Sheet) -> None:
    sheet.centred((middle(1, 3), "2023"), (middle(4, 6), "2024"))
    sheet.row("Kiln", "Bricks", "Tiles", "Pots", "Bricks", "Tiles", "Pots")
    sheet.rows((("East", "1", "2", "3", "4", "5", "6"), ("West", "7", "8", "9", "10", "11", "12")))
    (table,) = sheet.tables()
    assert table.rows[0][1:4] == ("2023 Bricks", "2023 Tiles", "2023 Pots")
    assert table.rows[0][4:] == ("2024 Bricks", "2024 Tiles", "2024 Pots")


def test_groups_that_begin_with_their_columns(sheet: Sheet) -> None:
    sheet.canvas.drawString(middle(1, 1) - 15, sheet.y, "Spring months")
    sheet.canvas.drawString(middle(3, 3) - 15, sheet.y, "Autumn months")
    sheet.y -= STEP
    sheet.row("Mill", "Rye", "Oats", "Rye", "Oats")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows[0][2:4] == ("Spring months Oats", "Autumn months Rye")


def test_a_rule_says_how_far_a_group_reaches(sheet: Sheet) -> None:
    sheet.centred((middle(2, 3), "Ground"))
    sheet.canvas.line(middle(1, 1) + 30, sheet.y + STEP - 4, middle(3, 3) + 30, sheet.y + STEP - 4)
    sheet.row("Mill", "Rye", "Fine", "Coarse", "Oats")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows[0] == ("Mill", "Rye", "Ground Fine", "Ground Coarse", "Oats")


@pytest.mark.parametrize("over", ["Year ended 30 June", "Sacks per day"])
def test_a_lone_line_over_all_values_belongs_to_the_header(sheet: Sheet, over: str) -> None:
    sheet.centred((middle(1, 4), over))
    sheet.row("Mill", "2021", "2022", "2023", "2024")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows == (("Mill", *(f"{over} {year}" for year in range(2021, 2025))), *MILLS)


@pytest.mark.parametrize("over", ["Year ended 31 May,", "Sacks a day"])
def test_a_group_may_stand_off_where_a_rule_is_drawn_under_it(sheet: Sheet, over: str) -> None:
    sheet.centred((middle(1, 4), over))
    sheet.canvas.line(LEFT - 20, sheet.y + STEP - 3, LEFT + 3.2 * PITCH, sheet.y + STEP - 3)
    sheet.y -= 8
    sheet.row("", "2021", "2022", "2023", "2024")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows[0] == ("", *(f"{over} {year}" for year in range(2021, 2025)))


@pytest.mark.parametrize("lower", [5, 5.5])
def test_cells_of_one_row_may_be_a_little_off(sheet: Sheet, lower: float) -> None:
    sheet.centred((middle(1, 2), "Before"))
    sheet.y += STEP - lower
    sheet.centred((middle(3, 4), "After"))
    sheet.row("", "Rye", "Oats", "Rye", "Oats")
    for label, *values in MILLS:
        sheet.row(label, *values[:2])
        sheet.y += STEP - lower
        sheet.row("", "", "", *values[2:])
    (table,) = sheet.tables()
    assert table.rows == (("", "Before Rye", "Before Oats", "After Rye", "After Oats"), *MILLS)


def test_units_under_the_names_are_part_of_them(sheet: Sheet) -> None:
    sheet.row("Mill", "Rye", "Oats", "Hay", "Straw")
    sheet.centred((middle(1, 4), "(in sacks)"))
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows[0] == ("Mill", "Rye (in sacks)", "Oats (in sacks)", "Hay (in sacks)", "Straw (in sacks)")


@pytest.mark.parametrize("label", ["Mill", "Mill and owner"])
def test_wrapped_names_are_put_together(sheet: Sheet, label: str) -> None:
    sheet.centred((middle(2, 2), "Sacks"), (middle(4, 4), "Carts in"))
    sheet.centred((middle(2, 2), "of wet"), (middle(3, 3), "Loads"), (middle(4, 4), "need of"))
    sheet.row(label, "Rye", "oats", "of hay", "repair")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows == ((label, "Rye", "Sacks of wet oats", "Loads of hay", "Carts in need of repair"), *MILLS)


def test_labels_of_the_body_are_no_header(sheet: Sheet) -> None:
    sheet.row("", "2022", "2023", "2024", "2025")
    sheet.row("Water mills:")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows[:2] == (("", "2022", "2023", "2024", "2025"), ("Water mills:", "", "", "", ""))


def test_a_second_header_begins_another_table(sheet: Sheet) -> None:
    for years, rows in ((("2021", "2022", "2023", "2024"), MILLS), (("2011", "2012", "2013", "2014"), MILLS[::-1])):
        sheet.row("Sacks of flour that were ground by each")
        sheet.row("", *years)
        sheet.rows(rows)
    first, second = sheet.tables()
    assert first.rows == (("", "2021", "2022", "2023", "2024"), *MILLS)
    assert second.rows == (("", "2011", "2012", "2013", "2014"), *MILLS[::-1])


def test_a_title_over_the_whole_table_is_no_group(sheet: Sheet) -> None:
    sheet.canvas.drawString(60, sheet.y, "What the mills of the valley ground last year")
    sheet.y -= STEP
    sheet.row("Mill", "Rye", "Oats", "Hay", "Straw")
    sheet.rows(MILLS)
    (table,) = sheet.tables()
    assert table.rows[0] == ("Mill", "Rye", "Oats", "Hay", "Straw")


def test_groups_over_words(sheet: Sheet) -> None:
    sheet.centred((middle(1, 2), "Morning"), (middle(3, 4), "Evening"))
    sheet.row("Ferry", "Master", "Mate", "Master", "Mate")
    rows = (
        ("North", "Ann", "Bo", "Cid", "Dan"),
        ("South", "Eve", "Flo", "Gus", "Hal"),
        ("West", "Ida", "Jo", "Kit", "Lee"),
    )
    sheet.rows(rows)
    (table,) = sheet.tables()
    assert table.rows == (("Ferry", "Morning Master", "Morning Mate", "Evening Master", "Evening Mate"), *rows)


def test_currency_signs_go_with_the_number_after_them(sheet: Sheet) -> None:
    sheet.row("Toll", "2022", "2023")
    for label, *values in (
        ("Bridge", "$", "1,204", "$", "988"),
        ("Ferry", "", "77", "", "81"),
        ("Road", "", "9", "", "12"),
    ):
        sheet.canvas.drawString(60, sheet.y, label)
        for column, value in enumerate(values):
            x = middle(1 + column // 2, 1 + column // 2) - (25 if column % 2 == 0 else 0)
            sheet.canvas.drawString(x, sheet.y, value)
        sheet.y -= STEP
    (table,) = sheet.tables()
    assert table.rows == (
        ("Toll", "2022", "2023"),
        ("Bridge", "$1,204", "$988"),
        ("Ferry", "77", "81"),
        ("Road", "9", "12"),
    )
