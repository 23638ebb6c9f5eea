"""A table as it is found on a page."""

from dataclasses import dataclass

from retrievers.elements import Box, CellBoxes, Rows

BAR = " | "  # between cells, where a table is text


@dataclass(frozen=True, slots=True)
class Table:
    """Cells row by row, header first. Every row has the same number of cells."""

    box: Box
    rows: Rows
    cells: CellBoxes
    caption: str = ""

    @property
    def text(self) -> str:
        return to_text(self.rows)


def to_text(rows: Rows) -> str:
    """One line per row, cells apart by bars: what is indexed and quoted."""
    return "\n".join(BAR.join(row) for row in rows)
