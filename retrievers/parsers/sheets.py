"""CSV, by the delimiter under which most rows have as many cells; XLS and ODS, by calamine."""

import csv
import re
from collections import Counter
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Literal

from common.errors import BadDocument
from retrievers.parsers.checks import reading
from retrievers.parsers.encodings import decode
from retrievers.parsers.flow_layout import FlowDocument, Item
from retrievers.parsers.number_formats import shown
from retrievers.parsers.sheet_tables import Row, items

DELIMITERS = ",;\t|"
SAMPLE_ROWS = 200
MAX_CELL = 10_000_000  # characters
OPEN_QUOTE = 50  # lines in one cell: a quotation mark that is not one
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # as Excel writes and reads it
_ESCAPED = re.compile(r'\\(?:,|"[^,;\t|\r\n])')


def open_csv(path: Path) -> FlowDocument:
    """Raises `BadDocument` for binary content."""
    text, note = decode(path)
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    delimiter = said[1] if said else _delimiter(text)
    rows = _rows(text, delimiter, csv.QUOTE_MINIMAL)
    notes = [note]
    if any(cell.count("\n") > OPEN_QUOTE for row in rows for cell in row):
        rows = _rows(text, delimiter, csv.QUOTE_NONE)
        notes.append("quotation marks do not come in pairs: read as part of the cells")
    if not any(map(any, rows)):
        raise BadDocument(f"{path.name} has no cells in it.", "Export it again.")
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    found = items([Row(number, row) for number, row in enumerate(cells) if any(row)])
    beside = [Item("text", note=note) for note in notes if note]
    source = "\n".join(cell for row in cells for cell in row if cell)
    return FlowDocument(path, [*beside, Item("heading", path.stem, level=1), *found], path.stem, source)


def open_other_sheets(path: Path) -> FlowDocument:
    """XLS and ODS; values without their formats. Raises `BadDocument` when the file is damaged or encrypted."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    found: list[Item] = []
    source: list[str] = []
    try:
        with reading(path), CalamineWorkbook.from_path(path) as book:
            for sheet in book.sheets_metadata:
                rows = book.get_sheet_by_name(sheet.name).to_python()
                cells = [[shown(value, "General") for value in row] for row in rows]
                filled = [Row(number, row) for number, row in enumerate(cells) if any(row)]
                hidden = sheet.visible != SheetVisibleEnum.Visible
                name = f"{sheet.name} (hidden sheet)" if hidden else sheet.name
                found += [Item("heading", name, level=1, hidden=hidden), *items(filled, hidden)] if filled else []
                source += (cell for row in cells for cell in row)
    except CalamineError as error:
        raise BadDocument(f"{path.name} is not readable ({error}).", "Save it again, without a password.") from error
    return FlowDocument(path, found, path.stem, " ".join(source))


def _rows(text: str, delimiter: str, quoting: Literal[0, 3], most: int | None = None) -> list[list[str]]:
    csv.field_size_limit(MAX_CELL)
    escape = "\\" if _ESCAPED.search(text[:100_000]) else None
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, escapechar=escape, skipinitialspace=True
    )
    return list(islice(reader, most))


def _delimiter(text: str) -> str:
    """The one under which most of the first rows have the same number of cells, two or more; of equals the one that
    makes more cells. A file of one column has none."""

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row in _rows(text, delimiter, csv.QUOTE_MINIMAL, SAMPLE_ROWS) if row]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, count = max(widths.items(), key=lambda pair: pair[1], default=(1, 0))
        return count / max(1, len(rows)), width

    best = max(DELIMITERS, key=score)
    return best if score(best)[0] >= 0.5 or score(best)[1] > 2 else "\x1f"
