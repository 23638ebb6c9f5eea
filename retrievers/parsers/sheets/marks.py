"""What XLS and ODS files say of their sheets and calamine does not: hidden rows, and the merged cells of an ODS."""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrievers.parsers.sheets.merged_cells import Area

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
MOST_REPEATED = 10_000  # hidden rows that one element stands for; more are the empty ones under a sheet
_BOF, _EOF, _BOUNDSHEET, _ROW = 0x0809, 0x000A, 0x0085, 0x0208  # records of a workbook
_HIDDEN = 0x20  # among the options of a row


@dataclass(slots=True)
class SheetMarks:
    """Rows and columns count from 1."""

    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)


def marks_of(path: Path) -> list[SheetMarks]:
    """One for each sheet of an XLS or ODS, in the order of the file."""
    return list(_ods(path) if path.suffix.lower() == ".ods" else _xls(path))


def _ods(path: Path) -> Iterator[SheetMarks]:
    """OpenDocument 1.3, part 3, 9.1."""
    from lxml import etree

    marks, row, column = SheetMarks(), 1, 1
    names = ("table", "table-row", "table-cell", "covered-table-cell")
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
        tags = tuple(f"{{{_TABLE}}}{name}" for name in names)
        for event, element in etree.iterparse(content, ("start", "end"), tag=tags, resolve_entities=False):
            name = etree.QName(element).localname
            if event == "end":
                if name == "table":
                    yield marks
                row += _said(element, "number-rows-repeated") if name == "table-row" else 0
                element.clear()
            elif name == "table":
                marks, row = SheetMarks(), 1
            elif name == "table-row":
                column = 1
                if element.get(f"{{{_TABLE}}}visibility", "visible") != "visible":
                    count = min(_said(element, "number-rows-repeated"), MOST_REPEATED)
                    marks.hidden_rows.update(range(row, row + count))
            else:
                wide, high = _said(element, "number-columns-spanned"), _said(element, "number-rows-spanned")
                if wide > 1 or high > 1:
                    marks.merged.append((column, row, column + wide - 1, row + high - 1))
                column += _said(element, "number-columns-repeated")


def _said(element: Any, name: str) -> int:
    return int(element.get(f"{{{_TABLE}}}{name}", 1))


def _xls(path: Path) -> Iterator[SheetMarks]:
    """By the ROW records of each sheet ([MS-XLS] 2.4.221); merged cells are calamine's to tell."""
    import olefile

    with olefile.OleFileIO(path) as file:
        named = next((name for name in ("Workbook", "Book") if file.exists(name)), None)
        data = file.openstream(named).read() if named else b""
    sheets = [body for kind, body in _records(data, 0) if kind == _BOUNDSHEET]
    for body in sheets:
        start = int.from_bytes(body[:4], "little")
        rows = (struct.unpack("<H10xH", row[:14]) for kind, row in _records(data, start) if kind == _ROW)
        yield SheetMarks(hidden_rows={number + 1 for number, options in rows if options & _HIDDEN})


def _records(data: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of those from `start` to the end of the sheet there; charts in it have an end of their own."""
    depth = 0
    while start + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, start)
        yield kind, data[start + 4 : start + 4 + size]
        start += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
