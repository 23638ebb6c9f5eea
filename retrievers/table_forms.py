"""A table's cells in the forms that people and programs want: Markdown, HTML, a pandas DataFrame."""

from html import escape
from typing import TYPE_CHECKING

from retrievers.elements import Rows

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]


def markdown(rows: Rows) -> str:
    """A pipe table, the first row its header."""
    lines = [rows[0], tuple("---" for _ in rows[0]), *rows[1:]]
    escaped = ((cell.replace("|", "\\|").replace("\n", " ") for cell in line) for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def html(rows: Rows, caption: str = "") -> str:
    """A `table` element, the first row its header; cells are escaped."""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def dataframe(rows: Rows) -> "DataFrame":
    """Cells as they are printed, under the names of the first row."""
    from pandas import DataFrame

    return DataFrame(list(rows[1:]), columns=list(rows[0]), dtype=str)
