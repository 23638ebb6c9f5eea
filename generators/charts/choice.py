"""Which columns and rows of a table a chart is drawn from: those asked for, or the obvious ones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generators.charts.words import asked_label, named, same, things, words
from generators.core.base import CannotConvert, Table
from generators.tables.columns import Column, columns_of, is_total

MOST_SERIES = 8


@dataclass(frozen=True, slots=True)
class Options:
    """What may be set for one chart. Empty means: taken from the request, or chosen.

    `kind` is one of CHART_KINDS; `x` names a column; `y` names columns and `rows` row labels, several apart by ";".
    `top` keeps the largest; `sort` is "ascending" or "descending". `width` and `height` are pixels.
    """

    kind: str = ""
    x: str = ""
    y: str = ""
    rows: str = ""
    top: int = 0
    sort: str = ""
    title: str = ""
    width: int = 560
    height: int = 340


@dataclass(frozen=True, slots=True)
class Choice:
    """`measures` are drawn for `rows` (row numbers), named by `label`; `series` tells apart rows of the same label."""

    label: Column
    measures: tuple[Column, ...]
    rows: tuple[int, ...]
    series: Column | None
    asked: bool


def choose(table: Table, request: str, options: Options, kind: str) -> Choice:
    """Raises `CannotConvert` if the table has no numbers, or not what was asked for."""
    columns = _counted(columns_of(table))
    measures = [column for column in columns if column.role == "measure"]
    if not measures:
        held = ", ".join(column.name for column in columns)
        raise CannotConvert(
            "The table has no column of numbers to draw.", f"Choose a table that has one. This one holds words: {held}."
        )
    label = _label(columns, request, options, kind)
    others = [column for column in measures if column.name != label.name]
    if not others:
        raise CannotConvert("The table has no second column of numbers to draw.", _cure(measures))
    if options.y:
        whole = options.y in {column.name for column in columns}  # a name may hold a ";" itself
        chosen = [_by_name(part, columns) for part in ([options.y] if whole else _parts(options.y))]
    else:
        chosen = [others[number] for number in _measured(request, label, others, kind)]
    if not chosen:
        _check_things(request, table, label, others)
    rows = _rows(label, request, options, whole=kind in {"pie", "stacked"})
    drawn = tuple(chosen or others)
    if kind == "scatter" and options.x:
        drawn = (drawn[0], _by_name(options.x, columns))
    return Choice(label, drawn, rows, _series(columns, label, drawn, rows), bool(chosen))


def _counted(columns: Sequence[Column]) -> list[Column]:
    """A first column that only counts the rows names them, where there are others to draw."""
    first = columns[0].numbers
    counts = len(first) > 1 and first in (tuple(range(len(first))), tuple(range(1, len(first) + 1)))
    if counts and not columns[0].unit and any(column.role == "measure" for column in columns[1:]):
        return [replace(columns[0], role="label", numbers=(None,) * len(first)), *columns[1:]]
    return list(columns)


def _cure(measures: Sequence[Column]) -> str:
    return f"Its columns of numbers are: {', '.join(column.name for column in measures)}."


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _by_name(name: str, columns: Sequence[Column], *, numeric: bool = True) -> Column:
    exact = [column for column in columns if column.name.casefold() == name.casefold()]
    found = exact or [columns[number] for number in named([column.name for column in columns], name)]
    measures = [column for column in columns if column.role == "measure"]
    if not found:
        raise CannotConvert(f"The table has no column {name!r}.", _cure(measures))
    fitting = [column for column in found if column.role == "measure" or not numeric]
    if not fitting:
        raise CannotConvert(f"The column {found[0].name!r} holds no numbers.", _cure(measures))
    return fitting[0]


def _label(columns: Sequence[Column], request: str, options: Options, kind: str) -> Column:
    """What names the marks: the column asked for, else one of times, else the first of words, else row numbers."""
    if options.x and kind != "scatter":
        return _by_name(options.x, columns, numeric=False)
    names = [column for column in columns if column.role != "measure"]
    called = [column.name for column in names]
    by = asked_label(request) if kind != "scatter" else ""
    asked = [names[number] for number in named(called, by) or named(called, _unclaimed(request, columns))]
    times = [column for column in asked or names if column.role == "time"]
    if kind in {"bar", "pie"} and not asked:
        times = []
    for found in (times, asked, names):
        if found:
            return found[0]
    size = len(columns[0].cells)
    return Column("Row", tuple(str(number) for number in range(1, size + 1)), "label", (None,) * size)


def _measured(request: str, label: Column, measures: Sequence[Column], kind: str) -> list[int]:
    """Which of the columns of numbers are named. Where dams name the marks, "by dam" asks for no "dam height"."""
    taken = set(words(label.name)) if kind != "scatter" and named([label.name], request) else set()
    bare = [" ".join(word for word in words(column.name) if word not in taken) or column.name for column in measures]
    return named(bare, request)


def _unclaimed(request: str, columns: Sequence[Column]) -> str:
    """The request without the words that name a whole column of numbers: "known moons" asks for no "largest moon"."""
    said = re.findall(r"[^\W_]+", request)
    whole = [set(words(column.name)) for column in columns if column.role == "measure"]
    claimed = set().union(*(name for name in whole if name <= set(words(request))))
    return " ".join(word for word in said if not claimed.intersection(words(word)))


def _check_things(request: str, table: Table, label: Column, measures: Sequence[Column]) -> None:
    """Refuse a request that names something the table does not speak of."""
    told = " ".join((*table.columns, table.title, table.source, *label.cells))
    known = words(re.sub(r"[()\[\]]", " ", told))  # a unit may be named
    for phrase in things(request):
        if not any(same(word, other) for word in phrase for other in known):
            raise CannotConvert(f"The table does not speak of {' '.join(phrase)!r}.", _cure(measures))


def _rows(label: Column, request: str, options: Options, *, whole: bool) -> tuple[int, ...]:
    """Rows to draw: those asked for; without totals where parts make a whole; without lines that only head others."""
    cells = [cell.casefold() for cell in label.cells]
    if options.rows:
        wanted = [part.casefold() for part in _parts(options.rows)]
        missing = [part for part in wanted if part not in cells]
        if missing:
            has = ", ".join(dict.fromkeys(label.cells))
            raise CannotConvert(f"The table has no row {', '.join(missing)!r}.", f"It has: {has}.")
        return tuple(row for row, cell in enumerate(cells) if cell in wanted)
    said = request.casefold()
    asked = [row for row, cell in enumerate(cells) if len(cell) > 1 and re.search(rf"\b{re.escape(cell)}(?!\w)", said)]
    if asked and len(set(asked)) < len(cells):
        return tuple(asked)
    return tuple(row for row, cell in enumerate(cells) if not (whole and is_total(cell)))


def _series(columns: Sequence[Column], label: Column, measures: Sequence[Column], rows: Sequence[int]) -> Column | None:
    """A second column of words, where a label comes more than once ("region" beside "quarter")."""
    labels = [label.cells[row] for row in rows]
    if len(measures) > 1 or len(set(labels)) == len(labels):
        return None
    for column in columns:
        marks = [column.cells[row] for row in rows]
        apart = len(set(zip(labels, marks, strict=True))) == len(rows)
        if column.role != "measure" and column.name != label.name and apart and len(set(marks)) <= MOST_SERIES:
            return column
    return None
