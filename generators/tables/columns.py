"""Reading a table of strings: header rows, then columns that measure something, name something or tell the time."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generators.core.base import CannotConvert, Table
from generators.tables.cells import CURRENCY, SCALES, decimal_comma, is_missing, is_time, is_year, parse

Role = Literal["measure", "label", "time"]

NUMERIC_SHARE = 0.8  # of the cells that hold anything
SPLIT_FRONT = {"$", "€", "£", "¥", "(", "$ (", "$("}
SPLIT_BACK = {"%", ")", ")%", "%)"}
UNIT = re.compile(r"\s*(?:[(\[]\s*([^()\[\]]{1,24}?)\s*[)\]]|,\s*(\S{1,8}))\s*$")
IN_SCALE = re.compile(r"\bin ((?:thousands|millions|billions)(?: of [a-z ]{2,20})?)\b", re.IGNORECASE)
TOTAL = re.compile(r"(grand |sub-?)?totals?\b.*|sum|all", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `numbers` has one entry a row: None where the cell holds no number in the column's `unit`."""

    name: str
    cells: tuple[str, ...]
    role: Role
    numbers: tuple[float | None, ...]
    unit: str = ""

    @property
    def title(self) -> str:
        """The name, with the unit where the name does not say it."""
        return f"{self.name} ({self.unit})" if self.unit and self.unit not in self.name else self.name


def table_of(rows: Sequence[Sequence[str]], title: str = "", source: str = "") -> Table:
    """Rows as parsers give them, header first, perhaps of several rows. Raises `CannotConvert` if nothing is there."""
    cells = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        raise CannotConvert("The table is empty.", "Choose a table that has rows.")
    width = max(map(len, cells))
    columns = _joined(
        [list(column) for column in zip(*(row + [""] * (width - len(row)) for row in cells), strict=True)]
    )
    cells = [list(row) for row in zip(*columns, strict=True)]
    depth = header_depth(cells)
    names = _names(cells[:depth], len(columns))
    body = tuple(tuple(row) for row in cells[depth:])
    if not body:
        raise CannotConvert("The table has a header and no rows.", "Choose a table that has rows.")
    return Table(names, body, title, source)


def table_of_frame(frame: Any, title: str = "", source: str = "") -> Table:
    """A pandas DataFrame as a table; an index that is more than row numbers becomes the first columns."""
    index = frame.index
    numbered = index.nlevels == 1 and index.name is None and list(index) == list(range(len(frame)))
    whole = frame if numbered else frame.reset_index(names=[name or "" for name in index.names])
    both = zip(whole.itertuples(index=False), whole.isna().itertuples(index=False), strict=True)
    rows = [["" if gap else str(cell) for cell, gap in zip(row, gaps, strict=True)] for row, gaps in both]
    if not rows:
        raise CannotConvert("The table is empty.", "Choose a table that has rows.")
    return Table(tuple(str(name) for name in whole.columns), tuple(map(tuple, rows)), title, source)


def columns_of(table: Table) -> list[Column]:
    """The columns with what they hold; ones without a single cell are left out."""
    comma = decimal_comma(cell for row in table.rows for cell in row)
    found = []
    for number, name in enumerate(table.columns):
        cells = tuple(row[number] for row in table.rows)
        if any(cells):
            found.append(_column(name or f"Column {number + 1}", cells, comma=comma))
    return found


def scale_of(table: Table) -> str:
    """ "millions" if the title or a header says that numbers are in millions."""
    match = IN_SCALE.search(" ".join((table.title, *table.columns)))
    return match[1].lower() if match else ""


def is_total(label: str) -> bool:
    """A row that sums up others."""
    return TOTAL.fullmatch(label.strip()) is not None


def _joined(columns: list[list[str]]) -> list[list[str]]:
    """Join a column of lone currency signs to its right neighbour, lone brackets and percent signs to the left."""
    done: list[list[str]] = []
    for column in filter(any, columns):
        if done and (_beside(column, SPLIT_BACK, done[-1]) or _beside(done[-1], SPLIT_FRONT, column)):
            done[-1] = [left + right for left, right in zip(done[-1], column, strict=True)]
        else:
            done.append(column)
    return done


def _beside(column: Sequence[str], marks: set[str], neighbour: Sequence[str]) -> bool:
    """Whether a column's cells are `marks` wherever its neighbour has a cell too, and it holds some and no numbers."""
    pairs = [(cell, beside) for cell, beside in zip(column, neighbour, strict=True) if cell]
    fits = all(cell in marks if beside else not _number(cell) or is_year(cell) for cell, beside in pairs)
    return fits and any(cell in marks for cell, _ in pairs)


def header_depth(rows: Sequence[Sequence[str]]) -> int:
    """How many rows name the columns: none if the first already holds numbers, more if names run over several."""
    if _holds_numbers(rows[0]) and not all(is_time(cell) or not _number(cell) for cell in rows[0][1:]):
        return 0
    depth = 1
    while depth < min(len(rows) - 1, 4):
        if _names_columns(rows[depth]) or (depth == 1 and _grouped(*rows[:2])):
            depth += 1
        elif rows[depth][0] and not any(rows[depth][1:]) and not rows[0][0] and _names_columns(rows[depth + 1]):
            depth += 2  # the name of the first column stands on a line of its own
        else:
            break
    return min(depth, len(rows) - 1) or 1


def _names_columns(row: Sequence[str]) -> bool:
    named = [cell for cell in row[1:] if cell]
    if not named or _holds_numbers(row) or any(cell.endswith(":") for cell in named):
        return False
    return not row[0] or all(map(is_time, named))


def _grouped(groups: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a first row that names groups of columns, with gaps, stands over one that names them all: what that says
    in front ("in millions") is of the table."""
    return not groups[0] and any(groups[1:]) and not all(groups[1:]) and all(names[1:]) and not _holds_numbers(names)


def _holds_numbers(row: Sequence[str]) -> bool:
    return any(_number(cell) and not is_year(cell) for cell in row[1:] or row)


def _number(cell: str) -> bool:
    return parse(cell) is not None


def _names(header: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """One name a column, its header cells from top to bottom; a name met twice is numbered."""
    names: list[str] = []
    for number in range(width):
        parts = list(dict.fromkeys(row[number] for row in header if row[number]))
        name = " ".join(parts) or (f"Column {number + 1}" if number or not header else "")
        before = sum(each == name or each.startswith(f"{name} (#") for each in names)
        names.append(f"{name} (#{before + 1})" if before else name)
    return tuple(names)


def _column(name: str, cells: tuple[str, ...], *, comma: bool) -> Column:
    filled = [cell for cell in cells if not is_missing(cell)]
    if _tells_time(filled):
        return Column(name, cells, "time", (None,) * len(cells))
    numbers = [None if is_missing(cell) else parse(cell, comma=comma) for cell in cells]
    units = [number.unit for number in numbers if number is not None]
    if not units or len(units) < NUMERIC_SHARE * len(filled):
        return Column(name, cells, "label", (None,) * len(cells))
    unit, kept = _main_unit(units)
    if unit in SCALES and len(kept) > 1:
        values = [None if each is None else each.value * SCALES.get(each.unit, 1.0) for each in numbers]
        return Column(name, cells, "measure", tuple(values), unit_in(name))
    values = [each.value if each is not None and each.unit in kept else None for each in numbers]
    return Column(name, cells, "measure", tuple(values), unit or unit_in(name))


def _tells_time(filled: Sequence[str]) -> bool:
    """Years with perhaps a word among them, or dates that are not numbers too."""
    years, times = sum(map(is_year, filled)), sum(map(is_time, filled))
    most = max(NUMERIC_SHARE * len(filled), 1)
    return years >= most or (times >= most and not all(map(_number, filled)))


def _main_unit(units: Sequence[str]) -> tuple[str, set[str]]:
    """The unit most cells share, and the spellings that count as it.

    A currency sign, or a unit that the first number bears, is often written once for the whole column.
    """
    counts = Counter(units)
    written = [unit for unit in counts if unit]
    if written and all(unit.lower() in SCALES for unit in written):
        return (written[0], {*counts}) if len(written) > 1 else (written[0], {written[0], ""} & {*counts})
    groups: dict[str, set[str]] = {unit: {unit} for unit in written}
    if "" in counts:
        money = [unit for unit in written if re.fullmatch(CURRENCY, unit)]
        host = units[0] or (max(money, key=lambda unit: counts[unit]) if money else "")
        groups.setdefault(host, set()).add("")
    unit = max(groups, key=lambda unit: sum(counts[each] for each in groups[unit]))
    return unit, groups[unit]


def unit_in(name: str) -> str:
    match = UNIT.search(name)
    return (match[1] or match[2]).removeprefix("in ") if match else ""
