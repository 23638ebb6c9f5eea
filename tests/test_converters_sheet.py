"""A table as a file of cells: what is written is what stood there, and nothing in it is run."""

import csv
import io
import zipfile

import pytest
from openpyxl import load_workbook

from generators.core.base import CannotConvert, Medium, Table
from generators.tables.columns import table_of
from generators.tables.sheet import FORMATS, Sheet, harmless

FARES = table_of(
    [["Route", "Fare (€)", "Riders"], ["Łódź – Æbeltoft", "4.90", "12,345"], ['Quay "A", north', "-3.00", "0071"]],
    "Fares: 2024/25",
    "report.pdf, page 7",
)
DECIMAL_COMMAS = Table(("Stausee", "Inhalt"), (("Edersee", "199,3"), ("Bleiloch", "1.215")))
ATTACKS = (
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "  =1+1",
    "\uff1d1+1",
)


def rows_of(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "spreadsheets take it for another encoding"
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def converted(table: Table, form: str) -> Medium:
    made = Sheet().convert(Medium.of_table(table), options={"format": form})
    assert (made.kind, made.mime) == ("document", FORMATS[form])
    return made


@pytest.mark.parametrize("table", [FARES, DECIMAL_COMMAS], ids=["fares", "decimal commas"])
def test_csv_holds_the_cells_as_they_were_written(table: Table) -> None:
    assert rows_of(converted(table, "csv").data) == [list(table.columns), *map(list, table.rows)]


def test_a_workbook_shows_the_cells_as_they_were_written_and_numbers_are_numbers() -> None:
    book = load_workbook(io.BytesIO(converted(FARES, "xlsx").data))
    sheet = book.active
    assert sheet.title == "Fares  2024 25"
    assert book.properties.description == "report.pdf, page 7"
    assert [cell.value for cell in sheet[1]] == ["Route", "Fare (€)", "Riders"]
    assert [(cell.value, cell.number_format) for cell in sheet[2]][1:] == [(4.9, "0.00"), (12345, "#,##0")]
    assert [cell.value for cell in sheet[3]] == ['Quay "A", north', -3.0, "0071"], "a leading zero is no number's"
    commas = load_workbook(io.BytesIO(converted(DECIMAL_COMMAS, "xlsx").data)).active
    assert commas["B2"].value == "199,3"


@pytest.mark.parametrize("cell", ATTACKS)
def test_no_cell_is_run(cell: str) -> None:
    table = Table(("=A1", "n"), ((cell, "1"),))
    (_, (written, _)) = rows_of(converted(table, "csv").data)
    assert written == f"'{cell}"
    data = converted(table, "xlsx").data
    sheet = load_workbook(io.BytesIO(data)).active
    assert (sheet["A1"].data_type, sheet["A2"].data_type) == ("s", "s")
    assert sheet["A2"].value.strip() == cell.strip()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("cell", ["-5", "+3.5", "−12", "-1,200.5", "-12 %", "n-1", "", "a=b"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_what_cannot_be_saved_says_so() -> None:
    with pytest.raises(CannotConvert, match="no table"):
        Sheet().convert(Medium.of_text("words"))
    with pytest.raises(CannotConvert, match="no format 'ods'"):
        Sheet().convert(Medium.of_table(FARES), options={"format": "ods"})
    long = Table(("x" * 40, "[]:*?/\\"), (("y" * 40_000, "\x00b"),), "a" * 50)
    sheet = load_workbook(io.BytesIO(converted(long, "xlsx").data)).active
    assert (len(sheet["A2"].value), len(sheet.title), sheet["B2"].value) == (32_767, 31, "b")
