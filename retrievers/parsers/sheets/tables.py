"""Tables, titles and remarks in a grid of cells: what a sheet or a CSV file holds, as items in reading order.

A sheet is cut into blocks at empty rows. Lines of one cell over a block are its title; what stands beside it under
headers of its own is another table; a block without a header goes on with the table, or the header, above. Of a sheet
of any length some `PART`s are held at a time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.pages import PORTION

Columns = tuple[int, ...]
REMARK = 40  # characters; a line of one cell under a table that is longer is no row of it
MAX_HEADER = 3  # rows
PART = PORTION  # rows
_NUMBER = re.compile(r"[^\w]{0,4}[A-Z]{0,3}\s?[-+(]?\d[\d.,:/\s%-]*[^\w]{0,4}\w{0,3}\)?")


@dataclass(slots=True)
class Row:
    """A row that holds something. `cells` from the first column on; `merged`: a cell of it spans several columns."""

    number: int
    cells: list[str]
    hidden: bool = False
    merged: bool = False

    def filled(self) -> set[int]:
        return {column for column, text in enumerate(self.cells) if text}

    def at(self, columns: Columns) -> tuple[str, ...]:
        return tuple(self.cells[column] if column < len(self.cells) else "" for column in columns)


class _Part(NamedTuple):
    """Rows of a block, in order; whether they are its `first`, and its `last`."""

    rows: list[Row]
    first: bool
    last: bool


@dataclass(slots=True)
class _Table:
    """`rows` are those that are held; `begun`: others came before them, and are items already."""

    columns: Columns
    titles: list[str]
    head: list[Row]
    rows: list[Row]
    remarks: list[str]
    begun: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        """One name a column, of all header rows."""
        names = ([row.at((column,))[0] for row in self.head] for column in self.columns)
        return tuple(" ".join(dict.fromkeys(filter(None, cells))) for cells in names)


def items(rows: Iterable[Row], hidden: bool = False) -> Iterator[Item]:
    """The tables and texts of one sheet; what is hidden of a table, or of a `PART`, comes after what is seen of it."""
    tables: list[_Table] = []  # of the last block
    for part in _parts(rows):
        if part.first:
            before, tables = tables, _tables(part, tables)
            for table in before:
                if table is not tables[0]:
                    yield from _rest(table, hidden)
        else:
            _go_on(tables, part)
        for table in tables:
            while len(table.rows) > PART:
                yield from _table_items(table, table.rows[:PART], hidden)
                table.rows, table.begun = table.rows[PART:], True
    for table in tables:
        yield from _rest(table, hidden)


def _rest(table: _Table, hidden: bool) -> Iterator[Item]:
    """What is held of a table, and its remarks."""
    names = [name for name in table.header if name]
    if len(names) < 2 and not table.rows:
        yield from (Item("text", text, hidden=hidden) for text in (*table.titles, *names))
    else:
        yield from _table_items(table, table.rows, hidden)
    yield from (Item("text", remark, hidden=hidden) for remark in table.remarks)


def _table_items(table: _Table, rows: Sequence[Row], hidden: bool) -> Iterator[Item]:
    named = dict(zip(table.columns, table.header, strict=True))
    columns = tuple(column for column, name in named.items() if name or any(row.at((column,))[0] for row in rows))
    header = tuple(named[column] for column in columns)
    title = " ".join(table.titles)
    shown, concealed = (
        tuple(row.at(columns) for row in rows if row.hidden is out_of_sight) for out_of_sight in (False, True)
    )
    if shown or not concealed:
        yield Item("table", rows=(header, *shown), caption=title, hidden=hidden)
    if concealed:
        yield Item("table", rows=(header, *concealed), caption=f"{title} (hidden rows)".strip(), hidden=True)


def _parts(rows: Iterable[Row]) -> Iterator[_Part]:
    """Runs of rows without an empty one between: blocks, long ones in parts."""
    held: list[Row] = []
    first = True
    for row in rows:
        ends = bool(held) and row.number - held[-1].number > 1
        if ends or len(held) == PART:
            yield _Part(held, first, ends)
            held, first = [], ends
        held.append(row)
    if held:
        yield _Part(held, first, True)


def _tables(part: _Part, above: Sequence[_Table]) -> list[_Table]:
    """Those of a block that begins; its first may be the last of the block `above`, which then goes on."""
    tables: list[_Table] = []
    for columns in _side_by_side(part.rows):
        table = _table(part, columns)
        last = (tables or above)[-1:]
        if last and _goes_on(last[0], table):
            _join(last[0], table)
            tables = tables or [last[0]]
        else:
            tables.append(table)
    return tables


def _go_on(tables: Sequence[_Table], part: _Part) -> None:
    """Adds the rows of a block that goes on to its tables, each by its columns; the last takes new columns."""
    known = {column for table in tables for column in table.columns}
    new = set().union(*(row.filled() for row in part.rows)) - known
    tables[-1].columns = tuple(sorted({*tables[-1].columns, *new}))
    for table in tables:
        rows = [row for row in part.rows if any(row.at(table.columns))]
        end = _end(rows, table.columns, 0) if part.last else len(rows)
        table.rows += rows[:end]
        table.remarks += [_one_text(row, table.columns) for row in rows[end:]]


def _side_by_side(block: Sequence[Row]) -> list[Columns]:
    """The columns of each table in the block. Empty columns are gaps between tables only where both have headers of
    their own: two words or more over what is not all words."""
    used = sorted(set().union(*(row.filled() for row in block)))
    runs = [tuple(column for _, column in run) for _, run in groupby(enumerate(used), lambda pair: pair[1] - pair[0])]
    parts = [runs[0]]
    for run in runs[1:]:
        if len(run) > 1 and len(parts[-1]) > 1 and _headed(block, run) and _headed(block, parts[-1]):
            parts.append(run)
        else:
            parts[-1] += run
    return parts


def _headed(block: Sequence[Row], columns: Columns) -> bool:
    inside = [row.at(columns) for row in block if any(row.at(columns))]
    inside = inside[next((place for place, cells in enumerate(inside) if sum(map(bool, cells)) > 1), 0) :]
    return len(inside) > 1 and all(cell and not is_number(cell) for cell in inside[0]) and inside[0] != inside[1]


def _table(part: _Part, columns: Columns) -> _Table:
    rows = [row for row in part.rows if any(row.at(columns))]
    alone = [_one_text(row, columns) for row in rows]
    first = next((place for place, text in enumerate(alone) if not text), len(rows))
    end = _end(rows, columns, first) if part.last else len(rows)
    top = first + _header_rows(rows[first:end], columns)
    return _Table(columns, alone[:first], rows[first:top], rows[top:end], alone[end:])


def _end(rows: Sequence[Row], columns: Columns, first: int) -> int:
    """Where the remarks under a table begin; its own rows begin at `first`."""
    end = len(rows)
    while end > first + 1 and len(_one_text(rows[end - 1], columns)) > REMARK:
        end -= 1
    return end


def _one_text(row: Row, columns: Columns) -> str:
    """The text of a row that has one alone, in one cell or merged over several; "" for other rows, and where there is
    but one column."""
    if len(columns) == 1:
        return ""
    texts = {cell for cell in row.at(columns) if cell}
    alone = len(texts) == 1 and (row.merged or sum(map(bool, row.at(columns))) == 1)
    text = next(iter(texts)) if alone else ""
    return "" if is_number(text) else text


def _header_rows(rows: Sequence[Row], columns: Columns) -> int:
    """One, and one more under each row whose cells span several columns, while those are words."""
    top = min(1, len(rows))
    while 0 < top < len(rows) - 1 and rows[top - 1].merged and not any(map(is_number, rows[top].at(columns))):
        top += 1
    return top


def _goes_on(above: _Table, below: _Table) -> bool:
    """Whether `below` has no header of its own: its first row has numbers, where the rows above have them or where
    there are none above but names of columns alone."""
    if below.titles or above.remarks or not set(below.columns) <= set(above.columns) or len(above.columns) < 2:
        return False
    first = [column for column, text in zip(below.columns, below.header, strict=True) if is_number(text)]
    if not first or _names_only(above):
        return bool(first)
    last = above.rows[-1].cells if above.rows else []
    return any(column < len(last) and is_number(last[column]) for column in first)


def _names_only(table: _Table) -> bool:
    rows = [*table.head, *table.rows]
    return (
        not table.begun
        and len(rows) <= MAX_HEADER
        and not any(is_number(cell) for row in rows for cell in row.at(table.columns))
    )


def _join(above: _Table, below: _Table) -> None:
    if _names_only(above):
        above.head, above.rows = [*above.head, *above.rows], []
    above.rows += [*below.head, *below.rows]
    above.remarks = below.remarks


def is_number(text: str) -> bool:
    """An amount, share, date or time, with its sign and unit: what stands under a header, not in it."""
    return bool(_NUMBER.fullmatch(text)) and not (len(text) == 4 and text.isdigit() and text[:2] in ("18", "19", "20"))
