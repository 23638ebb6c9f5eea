"""CSV, by the delimiter under which most rows have as many cells; XLS and ODS, by calamine."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from common.errors import BadDocument
from retrievers.parsers.accounting import Balance
from retrievers.parsers.characters.encodings import decode
from retrievers.parsers.checks import reading
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.sheets.marks import SheetMarks, marks_of
from retrievers.parsers.sheets.merged_cells import Merged
from retrievers.parsers.sheets.number_formats import shown
from retrievers.parsers.sheets.tables import Row, items

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

DELIMITERS = ",;\t|"
SAMPLE_ROWS = 200
MAX_CELL = 10_000_000  # characters
OPEN_QUOTE = 50  # lines in one cell: a quotation mark that is not one
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # as Excel writes and reads it
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_ESCAPED = re.compile(r'\\(?:,|"[^,;\t|\r\n])')


def open_csv(path: Path) -> FlowDocument:
    """Raises `BadDocument` for binary content."""
    text, note = decode(path)
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    delimiter = said[1] if said else _delimiter(text)
    unpaired = '"' in text and any(
        cell.count("\n") > OPEN_QUOTE for row in _rows(text, delimiter, csv.QUOTE_MINIMAL) for cell in row
    )
    notes = [note, "quotation marks do not come in pairs: read as part of the cells" if unpaired else ""]
    balance = Balance()
    rows = _filled(_rows(text, delimiter, csv.QUOTE_NONE if unpaired else csv.QUOTE_MINIMAL), balance)
    first = next(rows, None)
    if first is None:
        raise BadDocument(f"{path.name} has no cells in it.", "Export it again.")
    beside = [Item("text", note=note) for note in notes if note]
    found = chain([*beside, Item("heading", path.stem, level=1)], items(chain([first], rows)))
    return FlowDocument(path, found, path.stem, balance)


def _filled(rows: Iterable[list[str]], balance: Balance) -> Iterator[Row]:
    """Rows that hold something, of which `balance` is told."""
    for number, row in enumerate(rows):
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            balance.expect(" ".join(cells))
            yield Row(number, cells)


def open_other_sheets(path: Path) -> FlowDocument:
    """XLS and ODS; values without their formats. Raises `BadDocument` when the file is damaged or encrypted."""
    from python_calamine import CalamineError, CalamineWorkbook

    balance = Balance()
    try:
        with reading(path), CalamineWorkbook.from_path(path) as book:
            return FlowDocument(path, _other_items(path, book, balance), path.stem, balance)
    except CalamineError as error:
        raise BadDocument(f"{path.name} is not readable ({error}).", "Save it again, without a password.") from error


def _other_items(path: Path, book: "CalamineWorkbook", balance: Balance) -> Iterator[Item]:
    from python_calamine import SheetVisibleEnum

    told = marks_of(path)
    for place, about in enumerate(book.sheets_metadata):
        sheet = book.get_sheet_by_name(about.name)
        marks = told[place] if place < len(told) else SheetMarks()
        ranges = ((x0 + 1, y0 + 1, x1 + 1, y1 + 1) for (y0, x0), (y1, x1) in sheet.merged_cell_ranges or ())
        marks.merged.extend(ranges)
        hidden = about.visible != SheetVisibleEnum.Visible
        found = items(_shown(sheet, marks, balance), hidden)
        first = next(found, None)
        if first is not None:
            yield Item("heading", f"{about.name} (hidden sheet)" if hidden else about.name, level=1, hidden=hidden)
            yield from chain([first], found)


def _shown(sheet: "CalamineSheet", marks: SheetMarks, balance: Balance) -> Iterator[Row]:
    """Rows that hold something, what is merged repeated in each cell of it; `balance` is told of the cells."""
    merged = Merged(marks.merged)
    left = [""] * (sheet.start[1] if sheet.start else 0)  # calamine begins at the first column that holds something
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = left + [shown(value, "General") for value in values]
        balance.expect(" ".join(cells))
        wide = merged.repeat(number, cells)
        if any(cells):
            yield Row(number, cells, number in marks.hidden_rows, wide)


def _rows(text: str, delimiter: str, quoting: Literal[0, 3]) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    escape = "\\" if _ESCAPED.search(text[:100_000]) else None
    lines = (line[0] for line in _LINE.finditer(text))
    return csv.reader(lines, delimiter=delimiter, quoting=quoting, escapechar=escape, skipinitialspace=True)


def _delimiter(text: str) -> str:
    """The one under which most of the first rows have the same number of cells, two or more; of equals the one that
    makes more cells. A file of one column has none."""

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row in islice(_rows(text, delimiter, csv.QUOTE_MINIMAL), SAMPLE_ROWS) if row]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, count = max(widths.items(), key=lambda pair: pair[1], default=(1, 0))
        return count / max(1, len(rows)), width

    best = max(DELIMITERS, key=score)
    return best if score(best)[0] >= 0.5 or score(best)[1] > 2 else "\x1f"
