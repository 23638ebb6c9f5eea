"""Spreadsheets and CSV as they are shown: formats, titles, several tables, what is merged, hidden or not calculated."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_parsers import encoded, picture

from retrievers.elements import Block, Page
from retrievers.parsers import open_document
from retrievers.parsers.sheets.number_formats import shown


def read(path: Path) -> list[Page]:
    with open_document(path) as document:
        return [document.page(number) for number in range(1, document.page_count + 1)]


def blocks(path: Path) -> list[Block]:
    return [block for page in read(path) for block in page.blocks]


def tables(path: Path) -> list[Block]:
    return [block for block in blocks(path) if block.kind == "table"]


def book(path: Path, fill: Callable[[Any], object], name: str = "Ports") -> Path:
    from openpyxl import Workbook

    made = Workbook()
    made.active.title = name
    fill(made.active)
    made.save(path)
    return path


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> None:
    """Change one part inside the XLSX, as other programs would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def grid(*rows: tuple[Any, ...]) -> Callable[[Any], None]:
    return lambda sheet: [sheet.append(row) for row in rows] and None


FORMATS = [
    (0.256, "0.0%", "25.6%"),
    (-0.05, "0%", "-5%"),
    (1234567.5, "#,##0.00", "1,234,567.50"),
    (-880, "#,##0_);(#,##0)", "(880)"),
    (-880, '"$"#,##0', "-$880"),
    (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
    (0, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', "$-"),
    (-3, "0;[Red]-0", "-3"),
    (4200000, '0.0,,"M"', "4.2M"),
    (7, "000", "007"),
    (0.1 + 0.2, "General", "0.3"),
    (12.0, "General", "12"),
    (5, '0 "kg"', "5 kg"),
    (2.675, "0.00", "2.68"),
    (123456, "0.00E+00", "1.23E+5"),
    (1.5, "# ?/?", "1.5"),
    (True, "General", "TRUE"),
    (float("inf"), "0.00", "inf"),
    (date(2024, 3, 5), "dd.mm.yyyy", "05.03.2024"),
    (datetime(2024, 3, 5), "mm-dd-yy", "2024-03-05"),
    (datetime(2024, 3, 5, 14, 7), "d mmm yyyy h:mm", "5 Mar 2024 14:07"),
    (datetime(2024, 3, 5, 14, 7), "h:mm AM/PM", "2:07 PM"),
    (datetime(2024, 3, 5, 14, 7), "General", "2024-03-05 14:07"),
    (time(6, 5), "hh:mm", "06:05"),
    (time(0, 5, 9), "mm:ss", "05:09"),
    (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
]


@pytest.mark.parametrize(("value", "code", "text"), FORMATS)
def test_numbers_are_shown_in_their_format(value: Any, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_cells_of_a_workbook_are_as_shown(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        grid(("Port", "Share", "Fee", "Opened"), ("Hithe", 0.125, 1234.5, date(1998, 7, 1)))(sheet)
        for cell, code in zip(sheet[2][1:], ("0.0%", '#,##0.00 "€"', "d mmm yyyy"), strict=True):
            cell.number_format = code

    (table,) = tables(book(tmp_path / "a.xlsx", fill))
    assert table.rows[1] == ("Hithe", "12.5%", "1,234.50 €", "1 Jul 1998")


@pytest.mark.parametrize("dimension", ['<dimension ref="A1"/>', ""])
def test_a_wrong_size_loses_no_cell(dimension: str, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", grid(("a", "b", "c"), (1, 2, 3)))
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(r"<dimension[^>]*/>", dimension, xml))
    assert tables(path)[0].rows == (("a", "b", "c"), ("1", "2", "3"))


def test_merged_cells_are_repeated_and_headers_joined(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        grid(("Ports of the valley",), ("Port", "Boats", None), (None, "2020", "2021"), ("Hithe", 4, 5), (None, 7, 9))(
            sheet
        )
        for area in ("A1:C1", "B2:C2", "A4:A5"):
            sheet.merge_cells(area)

    (table,) = tables(book(tmp_path / "a.xlsx", fill))
    assert table.caption == "Ports of the valley"
    assert table.rows == (("Port", "Boats 2020", "Boats 2021"), ("Hithe", "4", "5"), ("Hithe", "7", "9"))


SEVERAL = [
    ("Boats",), ("Port", "Count"), ("Hithe", 4), (), ("Fees",), ("Kind", "Euro"), ("Day", 12), (), ("Week", 60), (),
    ("Fees hold from May to September and are paid at the quay.",),
]  # fmt: skip


def check_several(path: Path) -> None:
    boats, fees = tables(path)
    assert (boats.caption, boats.rows) == ("Boats", (("Port", "Count"), ("Hithe", "4")))
    assert (fees.caption, fees.rows) == ("Fees", (("Kind", "Euro"), ("Day", "12"), ("Week", "60")))
    assert blocks(path)[-1].text == SEVERAL[-1][0]


def test_several_tables_with_titles_on_a_sheet(tmp_path: Path) -> None:
    check_several(book(tmp_path / "a.xlsx", grid(*SEVERAL)))


def test_several_tables_with_titles_in_a_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n".join(",".join(map(str, row)) for row in SEVERAL))
    check_several(tmp_path / "a.csv")


def test_tables_side_by_side(tmp_path: Path) -> None:
    rows = [("Port", "Boats", None, "Kind", "Fee"), ("Hithe", 4, None, "Day", 12), ("Cove", 7, None, "Week", 60)]
    boats, fees = tables(book(tmp_path / "a.xlsx", grid(*rows)))
    assert boats.rows == (("Port", "Boats"), ("Hithe", "4"), ("Cove", "7"))
    assert fees.rows == (("Kind", "Fee"), ("Day", "12"), ("Week", "60"))


def test_an_empty_column_that_only_spaces_splits_nothing(tmp_path: Path) -> None:
    rows = [("Port", None, "2020", "2021"), ("Hithe", None, 4, 5), ("Cove", None, 7, 9)]
    (table,) = tables(book(tmp_path / "a.xlsx", grid(*rows)))
    assert table.rows == (("Port", "2020", "2021"), ("Hithe", "4", "5"), ("Cove", "7", "9"))


def test_a_header_with_an_empty_row_under_it(tmp_path: Path) -> None:
    (table,) = tables(book(tmp_path / "a.xlsx", grid(("Port", "Boats"), (), ("Hithe", 4), (), ("Cove", 7))))
    assert table.rows == (("Port", "Boats"), ("Hithe", "4"), ("Cove", "7"))


def test_a_formula_that_was_never_calculated_is_said(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", grid(("Port", "Boats"), ("Hithe", 4), ("Sum", "=SUM(B2:B2)")))
    (page,) = read(path)
    assert page.blocks[1].rows[2] == ("Sum", "(not calculated: =SUM(B2:B2))")
    assert page.notes == ("Ports: 1 formulas without a stored value, such as that in B3",)


def test_comments_and_drawings(tmp_path: Path) -> None:
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment
    from openpyxl.drawing.image import Image

    def fill(sheet: Any) -> None:
        grid(("Port", "Boats"), ("Hithe", 4))(sheet)
        sheet["B2"].comment = Comment("Counted twice\nin May", "Ann")
        chart = BarChart()
        chart.title = "Boats by port"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        sheet.add_chart(chart, "E2")
        sheet.add_image(Image(encoded(picture())), "E20")

    found = blocks(book(tmp_path / "a.xlsx", fill))
    texts = [block.text for block in found if block.kind == "text"]
    assert "Comment on B2: Counted twice in May" in texts
    assert "Chart: Boats by port" in texts
    assert "OLYMPUS" in next(block.text for block in found if block.kind == "figure")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_marked(state: str, tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        grid(("Port", "Boats"), ("Hithe", 4))(sheet)
        old = sheet.parent.create_sheet("Old")
        grid(("Port", "Boats"), ("Hithe", 3))(old)
        old.sheet_state = state

    found = blocks(book(tmp_path / "a.xlsx", fill))
    assert [(block.text, block.hidden) for block in found if block.kind == "heading"] == [
        ("Ports", False),
        ("Old (hidden sheet)", True),
    ]
    assert [block.hidden for block in found if block.kind == "table"] == [False, True]


def test_hidden_rows_come_after_what_is_seen(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        grid(("Port", "Boats", "Draft"), ("Hithe", 4, "x"), ("Cove", 7, "y"), ("Quay", 9, "z"))(sheet)
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    path = book(tmp_path / "a.xlsx", fill)
    seen, hidden = tables(path)
    assert seen.rows == (("Port", "Boats", "Draft"), ("Hithe", "4", "x"), ("Quay", "9", "z"))
    assert (hidden.rows[1:], hidden.caption, hidden.hidden) == ((("Cove", "7", "y"),), "(hidden rows)", True)
    assert "Ports: hidden columns C" in read(path)[0].notes


@pytest.mark.timeout(60)
@pytest.mark.parametrize("area", ["", "A1:XFD1048576"])
def test_a_far_cell_and_a_huge_merge_take_no_time(area: str, tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "near"
        sheet["XFD1048576"] = "far"

    path = book(tmp_path / "a.xlsx", fill)
    if area:
        merge = f'</sheetData><mergeCells count="1"><mergeCell ref="{area}"/></mergeCells>'
        rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("</sheetData>", merge))
    found = " ".join(block.text for block in blocks(path))
    assert "near" in found
    assert "far" in found


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_no_row_is_cut(name: str, tmp_path: Path) -> None:
    """Rows after the 20,000th were left out, and the note was only on page 1 of the report."""
    count, path = 20_500, tmp_path / name
    if name == "a.csv":
        path.write_text("id,tag\n" + "".join(f"{n},t{n}\n" for n in range(count)))
    else:
        from openpyxl import Workbook

        made = Workbook(write_only=True)
        sheet = made.create_sheet("S")
        sheet.append(("id", "tag"))
        for n in range(count):
            sheet.append((n, f"t{n}"))
        made.save(path)
    pages = read(path)
    rows = [row for page in pages for block in page.blocks for row in block.rows[1:]]
    assert rows == [(str(n), f"t{n}") for n in range(count)]
    assert {block.rows[0] for page in pages for block in page.blocks if block.rows} == {("id", "tag")}


CSV = {
    "semicolons, decimal commas": ("Port;Depth;Fee\nHithe;3,5;12,00\nCove;7,1;9,50\n", ("Hithe", "3,5", "12,00")),
    "tabs": ("Port\tDepth\tFee\nHithe\t3,5\t12, paid\nCove\t7\t9\n", ("Hithe", "3,5", "12, paid")),
    "bars": ("Port|Depth|Fee\nHithe|3|1,2\nCove|4|5,6\n", ("Hithe", "3", "1,2")),
    "quoted commas": ('Port,Note\nHithe,"old, ""small"" and wet"\nCove,new\n', ("Hithe", 'old, "small" and wet')),
    "title above": ("Depths of the ports; in metres\n\nPort,Depth\nHithe,3\nCove,4\n", ("Hithe", "3")),
    "said by Excel": ("sep=;\nPort;Depth\nHithe;3\n", ("Hithe", "3")),
    "ragged": ("Port,Depth,Fee\nHithe,3\nCove,4,5\n", ("Hithe", "3", "")),
    "carriage returns": ("Port,Depth\rHithe,3\rCove,4\r", ("Hithe", "3")),
    "one column": ("Port\nHithe, the old one\nCove\nQuay\n", ("Hithe, the old one",)),
    "prose in a cell": ("Port;Note\nHithe;old, wet, small\nCove;new, dry, big\n", ("Hithe", "old, wet, small")),
    "escaped": ("Port,Note\nHithe,old\\, wet\nCove,new\n", ("Hithe", "old, wet")),
}  # fmt: skip


@pytest.mark.parametrize("kind", CSV)
def test_delimiters_and_quotes(kind: str, tmp_path: Path) -> None:
    text, row = CSV[kind]
    (tmp_path / "a.csv").write_text(text, newline="")
    (table,) = tables(tmp_path / "a.csv")
    assert table.rows[1] == row
    assert table.rows[0][0] == "Port"


def test_a_quotation_mark_that_never_ends_swallows_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('Port,Size\n"Hithe,4\n' + "".join(f"Cove {n},{n}\n" for n in range(300)))
    pages = read(tmp_path / "a.csv")
    assert ("Cove 299", "299") in [row for page in pages for block in page.blocks for row in block.rows]
    assert any("quotation marks" in note for page in pages for note in page.notes)
