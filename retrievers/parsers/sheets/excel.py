"""XLSX: sheet by sheet, cells as they are shown, with comments, drawings and what is hidden.

Values and formats are openpyxl's, read row by row: python-calamine is eight times as fast but knows no formats, and
openpyxl's reading of whole sheets takes twice the time and four times the memory. Merged ranges and hidden rows stand
after or beside the values in the file and are read in a pass before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from retrievers.parsers.accounting import Balance
from retrievers.parsers.checks import reading
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.sheets.drawings import beside
from retrievers.parsers.sheets.merged_cells import Area, Merged
from retrievers.parsers.sheets.number_formats import shown
from retrievers.parsers.sheets.tables import Row, items

FORMULA = 60  # characters of a formula that are shown


@dataclass(slots=True)
class _Marks:
    """What a sheet says beside its values. Rows and columns count from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[str] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    formulas: dict[str, str] = field(default_factory=dict)  # without a stored value


def open_excel(path: Path) -> FlowDocument:
    """Values as last calculated. Raises `BadDocument` when the file is damaged."""
    import openpyxl

    with reading(path):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            balance = Balance()
            sheets = (_Sheet(book, sheet, balance) for sheet in book.worksheets)
            return FlowDocument(path, chain.from_iterable(sheet.items() for sheet in sheets), path.stem, balance)
        finally:
            book.close()


class _Sheet:
    """One sheet, read once. `balance` is told of all that its cells show."""

    def __init__(self, book: Any, sheet: Any, balance: Balance) -> None:
        self._archive, self._sheet, self._balance = book._archive, sheet, balance
        self._hidden = sheet.sheet_state != "visible"

    def items(self) -> Iterator[Item]:
        title = self._sheet.title
        marks = self._marks()
        found = chain(
            items(self._rows(marks), self._hidden), beside(self._archive, self._sheet._worksheet_path, self._hidden)
        )
        begin = next(found, None)
        if begin is None:
            return
        yield Item("heading", f"{title} (hidden sheet)" if self._hidden else title, level=1, hidden=self._hidden)
        yield begin
        yield from found
        if marks.formulas:
            first = next(iter(marks.formulas))
            count = len(marks.formulas)
            yield Item("text", note=f"{title}: {count} formulas without a stored value, such as that in {first}")
        if marks.hidden_columns:
            yield Item("text", note=f"{title}: hidden columns {', '.join(marks.hidden_columns)}")

    def _marks(self) -> _Marks:
        from lxml import etree
        from openpyxl.utils import get_column_letter, range_boundaries

        marks = _Marks()
        with self._sheet._get_source() as source:
            for _, element in etree.iterparse(source, tag=("{*}col", "{*}row", "{*}mergeCell"), resolve_entities=False):
                name = etree.QName(element).localname
                hidden = element.get("hidden") in ("1", "true")
                if name == "mergeCell":
                    marks.merged.append(range_boundaries(element.get("ref")))
                elif name == "col" and hidden:
                    marks.hidden_columns.append(get_column_letter(int(element.get("min"))))
                elif name == "row":
                    if hidden:
                        marks.hidden_rows.add(int(element.get("r", 0)))
                    for formula in element.iterfind("{*}c/{*}f"):
                        cell = formula.getparent()
                        if not cell.findtext("{*}v"):
                            marks.formulas[cell.get("r", "")] = formula.text or ""
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        return marks

    def _rows(self, marks: _Marks) -> Iterator[Row]:
        """Rows that hold something, what is merged repeated in each cell of it."""
        merged = Merged(marks.merged)
        self._sheet.reset_dimensions()  # which may be wrong
        for number, cells in enumerate(self._sheet.iter_rows(min_row=1, min_col=1), 1):
            if cells:
                texts = [self._text(cell, marks) for cell in cells]
                self._balance.expect(" ".join(texts))
                wide = merged.repeat(number, texts)
                if any(texts):
                    yield Row(number, texts, number in marks.hidden_rows, wide)

    def _text(self, cell: Any, marks: _Marks) -> str:
        if cell.value is not None:
            return shown(cell.value, cell.number_format)
        formula = marks.formulas.get(cell.coordinate) if marks.formulas and hasattr(cell, "coordinate") else None
        return "" if formula is None else f"(not calculated: ={formula[:FORMULA]})"
