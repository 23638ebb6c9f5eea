"""Table to text: one sentence a row, so that a table can be read aloud."""

from collections.abc import Mapping
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, NoOptions, Table, Watch, read_options


class TableText:
    """Says every cell with its column's name."""

    info: ClassVar[Info] = Info(
        name="table-text",
        source="table",
        target="text",
        form="text",
        summary="Says a table in sentences, one a row.",
        cost=0.01,
        quality=3,
        licence="Apache-2.0",
    )
    Options: ClassVar[type] = NoOptions

    def check(self) -> None:
        """Always ready."""

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `CannotConvert` if there is no table."""
        read_options(NoOptions, options, self.info.name)
        if source.table is None:
            raise CannotConvert("There is no table to read.", "Choose a table.")
        return Medium.of_text(sentences(source.table), converter=self.info.name)


def sentences(table: Table) -> str:
    """ "Mars: diameter (km) 6,792; moons 2." after the table's title."""
    lines = [f"{table.title.rstrip('.')}."] if table.title else []
    for name, *cells in table.rows:
        said = [f"{column} {cell}".strip() for column, cell in zip(table.columns[1:], cells, strict=True) if cell]
        head = name or table.columns[0]
        lines.append(f"{head}: {'; '.join(said)}." if said else f"{head.rstrip(':')}.")
    return "\n".join(lines)
