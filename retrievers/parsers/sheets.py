"""Spreadsheets and delimited text: a table a sheet, streamed row by row."""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from functools import partial
from itertools import chain, islice
from pathlib import Path

from retrievers.parsers.encoding import detect
from retrievers.parsers.flowed import FlowedDocument
from retrievers.parsers.paper import (
    MARGIN,
    MAX_WIDTH,
    SAMPLE_ROWS,
    WIDTH,
    Heading,
    Item,
    NewPage,
    Note,
    Paragraph,
    Table,
    column_widths,
)

PREAMBLE = 10  # rows above the header that may hold a title and remarks
MAX_FIELD = 1 << 20  # characters of one CSV cell


def open_csv(path: Path) -> FlowedDocument:
    """Raises `BadDocument`. The delimiter is the one that the first lines agree on."""
    encoding = detect(path)
    return FlowedDocument(path, partial(_csv_items, path, encoding))


def _csv_items(path: Path, encoding: str) -> Iterator[Item]:
    if not encoding.startswith("utf"):
        yield Note(f"not Unicode; read as {encoding}")
    csv.field_size_limit(MAX_FIELD)
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(16_384)
        file.seek(0)
        try:
            yield from _sheet(csv.reader(file, _dialect(path, sample)))
        except csv.Error as error:
            raise ValueError(f"not a delimited table: {error}") from error


def _dialect(path: Path, sample: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:  # one column, or lines that disagree: what the extension says
        return csv.excel_tab if path.suffix.lower() == ".tsv" else csv.excel


def open_xlsx(path: Path) -> FlowedDocument:
    with zipfile.ZipFile(path) as archive:
        drawn = any(name.startswith(("xl/charts/", "xl/media/")) for name in archive.namelist())
    return FlowedDocument(path, partial(_xlsx_items, path, drawn))


def _xlsx_items(path: Path, drawn: bool) -> Iterator[Item]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        if drawn:
            yield Note("charts and pictures of this workbook are not read; the cells they show are")
        for number, sheet in enumerate(book.worksheets):
            if sheet.sheet_state != "visible":
                yield Note(f"skipped the hidden sheet {sheet.title!r}")
                continue
            sheet.reset_dimensions()  # written by other programs, and often wrong
            rows = ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
            yield from _sheet(rows, sheet.title if len(book.worksheets) > 1 else "", first=number == 0)
    finally:
        book.close()


def _cell(value: object) -> str:
    """As a reader would write it: 3 for 3.0, a date without midnight."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}" if abs(value) < 1e10 else f"{value:,.0f}".replace(",", "")
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()


def _sheet(rows: Iterable[Sequence[str]], title: str = "", first: bool = True) -> Iterator[Item]:
    """Items of one sheet: its name, the lines above its header row, its table. Empty rows are left out."""
    filled = (_trimmed(row) for row in rows)
    stream = (row for row in filled if row)
    sample = list(islice(stream, SAMPLE_ROWS))
    if not sample:
        if title:
            yield Note(f"the sheet {title!r} is empty")
        return
    start = _header(sample)
    columns = max(len(row) for row in sample)
    widths = column_widths(sample[start:])
    if sum(widths) > MAX_WIDTH - 2 * MARGIN:
        widths = column_widths(sample[start:], MAX_WIDTH - 2 * MARGIN)
    yield NewPage(max(WIDTH, sum(widths) + 2 * MARGIN))
    if title:
        yield Heading(title, 1 if first else 2)
    for row in sample[:start]:
        yield Paragraph("  ".join(cell for cell in row if cell))
    yield Table((_padded(row, columns) for row in chain(sample[start:], stream)), widths=widths)


def _header(sample: Sequence[Sequence[str]]) -> int:
    """The first row with two or more cells filled, when a few lines with one stand above it; else the first."""
    places = (place for place, row in enumerate(sample[:PREAMBLE]) if sum(1 for cell in row if cell) > 1)
    return next(places, 0)


def _trimmed(row: Sequence[str]) -> list[str]:
    """Without the empty cells at its end."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _padded(row: list[str], columns: int) -> list[str]:
    return row + [""] * (columns - len(row))
