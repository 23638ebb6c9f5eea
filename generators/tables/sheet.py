"""Table to a file of cells: CSV (RFC 4180) or an Excel workbook, with the cells as they were written.

What a cell says is never run: a spreadsheet takes text that begins with "=" and the like for a formula (OWASP, "CSV
Injection"), so in CSV an apostrophe goes before it, and in a workbook every such cell is a string.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, Table, Watch, check_packages, clean, read_options
from generators.tables.cells import parse

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
RUN = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # a spreadsheet may take what begins so for a formula
MOST_DIGITS = 15  # that a spreadsheet keeps of a number
MOST_CHARACTERS = 32_767  # that a workbook keeps of a cell
NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.(?P<decimals>\d+))?")
BARRED = re.compile(r"[\[\]:*?/\\]|^'|'$")  # in the name of a sheet


@dataclass(frozen=True, slots=True)
class Options:
    """`format` is csv or xlsx."""

    format: str = "xlsx"


class Sheet:
    """Writes a table as a file that a spreadsheet opens. Settings: none."""

    info: ClassVar[Info] = Info(
        name="sheet",
        source="table",
        target="document",
        form="sheet",
        summary="Saves a table's cells as CSV or as an Excel workbook.",
        cost=0.1,
        quality=5,
        licence="MIT (openpyxl)",
        packages=("openpyxl",),
    )
    Options: ClassVar[type] = Options

    def check(self) -> None:
        check_packages(self.info)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `CannotConvert` if there is no table, or for an unknown format."""
        chosen = read_options(Options, options, self.info.name)
        table = source.table
        if table is None:
            raise CannotConvert("There is no table to save.", "Choose a table.")
        if chosen.format not in FORMATS:
            raise CannotConvert(f"There is no format {chosen.format!r}.", f"Choose one of: {', '.join(FORMATS)}.")
        data = csv_of(table) if chosen.format == "csv" else workbook_of(table)
        size = f"{len(table.rows)} rows, {len(table.columns)} columns"
        named = f"{table.title.rstrip('.')}: {size}" if table.title else size
        facts = {"converter": self.info.name, "format": chosen.format, "headline": named}
        return Medium("document", text=f"{named}.", data=data, mime=FORMATS[chosen.format], facts=facts)


def csv_of(table: Table) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it."""
    file = io.StringIO()
    rows = csv.writer(file)
    for row in (table.columns, *table.rows):
        rows.writerow([harmless(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would run; a number with a sign is a number."""
    cell = clean(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(RUN) and parse(cell) is None else cell


def workbook_of(table: Table) -> bytes:
    """One sheet. A cell is a number where one can be shown exactly as it was written, else a string."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = BARRED.sub(" ", clean(table.title)).strip()[:31] or "Table"
    book.properties.creator, book.properties.description = "Triptych", clean(table.source)
    for number, row in enumerate((table.columns, *table.rows), start=1):
        for place, cell in enumerate(row, start=1):
            _write(sheet.cell(number, place), clean(cell)[:MOST_CHARACTERS], header=number == 1)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(zip(table.columns, *table.rows, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(60, max(map(len, column)) + 2)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(cell: Any, text: str, *, header: bool) -> None:
    match = None if header else NUMBER.fullmatch(text)
    if match and sum(letter.isdigit() for letter in text) <= MOST_DIGITS and not text.startswith("+"):
        digits = f".{'0' * len(match['decimals'])}" if match["decimals"] else ""
        bare = text.replace(",", "")
        cell.value = float(bare) if digits else int(bare)
        cell.number_format = ("#,##0" if "," in text else "0") + digits
    else:
        cell.value = text
        cell.data_type = "s"
