"""XLSX, XLS, ODS and CSV: each sheet a section, its rows a table."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from common.errors import BadDocument
from retrievers.parsers.checks import reading
from retrievers.parsers.flow_layout import FlowDocument, Item, square
from retrievers.parsers.markup import decode

MAX_ROWS = 20_000  # a sheet; more is a database, and the report says what was left out


def open_excel(path: Path) -> FlowDocument:
    """Values as last calculated. Raises `BadDocument` when the file is damaged."""
    import openpyxl

    with reading(path):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        with reading(path):
            items = [
                item for sheet in book.worksheets for item in _sheet(sheet.title, sheet.iter_rows(values_only=True))
            ]
        return FlowDocument(path, items, path.stem)
    finally:
        book.close()


def open_other_sheets(path: Path) -> FlowDocument:
    """XLS and ODS, by calamine. Raises `BadDocument` when the file is damaged or encrypted."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with reading(path), CalamineWorkbook.from_path(path) as book:
            sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    except CalamineError as error:
        raise BadDocument(f"{path.name} is not readable ({error}).", "Save it again, without a password.") from error
    return FlowDocument(path, [item for name, rows in sheets for item in _sheet(name, rows)], path.stem)


def open_csv(path: Path) -> FlowDocument:
    text = decode(path)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        return FlowDocument(path, list(_sheet(path.stem, csv.reader(StringIO(text, newline=""), dialect))), path.stem)
    except csv.Error as error:
        raise BadDocument(f"{path.name} is not a readable CSV ({error}).", "Export it again.") from error


def _sheet(title: str, rows: Iterable[Iterable[Any]]) -> Iterator[Item]:
    source = iter(rows)
    cells = ([_cell(value) for value in row] for row in islice(source, MAX_ROWS))
    filled = [row for row in cells if any(row)]
    if filled:
        yield Item("heading", title, level=1)
        yield Item("table", rows=square(filled))
    left_out = sum(1 for _ in source)
    if left_out:
        yield Item("text", note=f"{title}: {left_out} rows after the first {MAX_ROWS} were left out")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
