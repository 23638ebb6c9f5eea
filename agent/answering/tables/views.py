"""A table as records with fields. Statements put their periods into columns: such a table is also read turned, one
record a column and one field a row, so that "which year had the highest sales" ranks records like any other question.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from agent.answering.tables.values import Value, alike, scale_named, scale_stated, value_of
from agent.answering.tables.words import Stems, stems_of
from generators.tables.cells import is_time
from generators.tables.columns import header_depth, is_total, unit_in
from retrievers.elements import Element, Rows

MOST_TURNED = 80  # rows of a table that is also read turned
NUMERIC = 0.6  # share of filled cells
_EXCEPT = re.compile(r"\bexcept(?: for)? ([^()]+)", re.IGNORECASE)
_UNIT = re.compile(r"[$€£¥%°]|\S{1,8}|(?:(?:million|billion|thousand|10\^?\d+) )?\S{1,8}|\S*\d\S* \S{1,6}")


class Cell(NamedTuple):
    """A place in the tables given: row 0 is the header."""

    table: int
    row: int
    column: int


@dataclass(frozen=True)
class View:
    """`cells` and `texts` are [field][record]; `settings` [record] or, turned, [field], name the section a row of the
    table stands in. `totals` are the records that sum up others, as bits. `scale` is that of bare numbers: 1e6 in a
    table "in millions"."""

    table: int
    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[Cell, ...], ...]
    settings: tuple[str, ...]
    totals: int
    scale: float
    turned: bool = False
    title: str = ""
    heads: int = 1  # fields that name the records: a turned table's header rows
    unscaled: frozenset[int] = frozenset()  # stems of rows that the scale is not for: "in millions, except per share"
    whole: int = 0  # rows of the table that this view is a part of, 0 if it is all
    _values: dict[int, tuple[Value, ...]] = field(default_factory=dict, repr=False)
    _rankings: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @property
    def records(self) -> int:
        return len(self.texts[0])

    @property
    def every(self) -> int:
        """All records but totals, as bits; all if there are only totals."""
        whole = (1 << self.records) - 1
        return whole & ~self.totals or whole

    def values(self, place: int) -> tuple[Value, ...]:
        """What the cells of a field hold."""
        if place not in self._values:
            self._values[place] = tuple(map(value_of, self.texts[place]))
        return self._values[place]

    def scaled(self, place: int, record: int) -> bool:
        """Whether the table's scale is for a cell."""
        name = self.names[place] if self.turned else self.texts[0][record]
        return self.scale != 1.0 and "%" not in name and not self.unscaled.intersection(stems_of(name))

    def kind(self, place: int) -> str:
        """ "number", "time" or "words": what most of a field's filled cells hold."""
        return self._kinds[place]

    def unit(self, place: int) -> str:
        """The unit that the field's name states, "" if it states none."""
        stated = unit_in(self.names[place])
        said = _UNIT.fullmatch(stated) and not stated.isdigit() and not is_time(stated)  # "June 30, 2019" has no unit
        return stated if said and scale_named(stated) == 1.0 else ""

    def ranking(self, place: int) -> tuple[int, ...]:
        """The records with something to rank in a field, lowest first; () where units do not go together."""
        if place not in self._rankings:
            values = self.values(place)
            known = [record for record, one in enumerate(values) if one.order is not None]
            fits = alike(values[record] for record in known)
            ranked = sorted(known, key=lambda record: values[record].order or 0.0) if fits else []
            self._rankings[place] = tuple(ranked)
        return self._rankings[place]

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        return tuple(map(self._kind, range(len(self.names))))

    def _kind(self, place: int) -> str:
        filled = [one for one in self.values(place) if one.kind != "none"]
        if not filled:
            return "words"
        times = sum(one.kind == "time" for one in filled)
        numbers = sum(one.number is not None for one in filled)
        if times >= NUMERIC * len(filled):
            return "time"
        return "number" if numbers >= NUMERIC * len(filled) else "words"

    @cached_property
    def field_stems(self) -> tuple[Stems, ...]:
        """The stems of each field's name, of its section too."""
        sections = self.settings if self.turned else ("",) * len(self.names)
        return tuple(stems_of(f"{one} {name}") for one, name in zip(sections, self.names, strict=True))


def views_of(element: Element, table: int, near: str = "", kept: Sequence[int] = ()) -> Iterator[View]:
    """The table upright and, where its columns are alike, turned. `near`: the text beside it, which may say "in
    thousands"; `kept`: the rows to read of a large table, all of them if none is named. Yields nothing for a table
    without rows."""
    from_row = tuple(kept) or tuple(range(len(element.rows)))
    rows = tuple(tuple(" ".join(cell.split()) for cell in element.rows[place]) for place in from_row)
    rows = tuple(row + ("",) * (max(map(len, rows)) - len(row)) for row in rows)
    depth = _depth(rows)
    body, sections = _body(rows, depth)
    if not body or not rows[0]:
        return
    heads = _heads(rows[:depth], len(rows[0]))
    names = tuple(" ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True))
    names = names or ("",) * len(rows[0])
    title = " ".join(filter(None, (element.caption, *element.section[-1:])))
    stated = (*(cell for row in rows[:depth] for cell in row), title)
    upright = View(
        table,
        names,
        tuple(tuple(rows[row][column] for row in body) for column in range(len(names))),
        tuple(tuple(Cell(table, from_row[row], column) for row in body) for column in range(len(names))),
        sections,
        _totals([rows[row] for row in body], sections),
        _scale(stated, near),
        title=title,
        unscaled=_unscaled(stated),
        whole=len(element.rows) if kept else 0,
    )
    yield upright
    if not kept and _turns(upright):
        yield _turned(upright, heads)


def _depth(rows: Rows) -> int:
    """Rows of the header; blank ones among them count."""
    filled = [place for place, row in enumerate(rows) if any(row)]
    if not filled:
        return 0
    depth = header_depth([rows[place] for place in filled])
    return filled[depth - 1] + 1 if depth else 0


def _body(rows: Rows, depth: int) -> tuple[list[int], tuple[str, ...]]:
    """Rows that hold data, and the section each stands in: the last row above that only holds a label."""
    body, sections, section = [], [], ""
    for place in range(depth, len(rows)):
        filled = [cell for cell in rows[place] if cell]
        if len(filled) == 1 and len(rows[place]) > 1 and value_of(filled[0]).kind == "words":
            section = filled[0].rstrip(": ")
        elif filled:
            body.append(place)
            sections.append(section)
        else:
            section = ""
    return body, tuple(sections)


def _totals(body: Sequence[Sequence[str]], sections: Sequence[str]) -> int:
    """Rows that sum up others, as bits: by their label, or because each of their numbers is the sum of the ones above
    in their section, as far as the last such row."""
    totals, start = 0, 0
    for place, row in enumerate(body):
        if place and sections[place] != sections[place - 1]:
            start = place
        if is_total(_label(row)) or (place - start >= 2 and _sums(body[start:place], row)):
            totals |= 1 << place
            start = place + 1
    return totals


def _sums(parts: Sequence[Sequence[str]], row: Sequence[str]) -> bool:
    """Whether a row's numbers are all sums of the rows before it, to the last digit that is printed."""
    checked = 0
    for column in range(1, len(row)):
        total = value_of(row[column])
        numbers = [one.number for part in parts if (one := value_of(part[column])).number is not None]
        if total.kind != "number" or len(numbers) < 2:
            continue
        if abs(sum(numbers) - (total.number or 0.0)) > 1e-6 * abs(total.number or 0.0) or not total.number:
            return False
        checked += 1
    return checked > 0


def _label(row: Sequence[str]) -> str:
    return next(filter(None, row), "")


def _scale(stated: Sequence[str], near: str) -> float:
    scales = (scale_stated(text) for text in (*stated, near))
    return next((scale for scale in scales if scale != 1.0), 1.0)


def _unscaled(stated: Sequence[str]) -> frozenset[int]:
    return frozenset(one for text in stated for match in _EXCEPT.finditer(text) for one in stems_of(match[1]))


def _turns(view: View) -> bool:
    """A label in front, and numbers behind it in at least two columns whose every row measures one thing."""
    numeric = sum(view.kind(place) == "number" for place in range(1, len(view.names)))
    units = {unit for place in range(1, len(view.names)) if (unit := view.unit(place))}
    if len(units) > 1:
        return False
    return view.kind(0) == "words" and 2 <= numeric >= NUMERIC * (len(view.names) - 1) and view.records <= MOST_TURNED


def _heads(header: Rows, width: int) -> Rows:
    """The header's rows, a cell that spans several columns repeated over those that have a name of their own below."""
    filled = []
    for place, row in enumerate(header):
        below = header[place + 1 :]
        cells = list(row)
        for column in range(2, width):
            spanned = not row[column] and cells[column - 1] and any(other[column] for other in below)
            cells[column] = cells[column - 1] if spanned else row[column]
        filled.append(tuple(cells))
    return tuple(filled)


def _turned(view: View, heads: Rows) -> View:
    """Rows of the header become the first fields, then every row of the body."""
    columns = range(1, len(view.names))
    top = [(place, row) for place, row in enumerate(heads) if any(row[1:])] or [(0, view.names)]
    rows = range(view.records)
    return View(
        view.table,
        (*(row[0] for _, row in top), *view.texts[0]),
        (*(row[1:] for _, row in top), *(tuple(view.texts[column][row] for column in columns) for row in rows)),
        (
            *(tuple(Cell(view.table, place, column) for column in columns) for place, _ in top),
            *(tuple(view.cells[column][row] for column in columns) for row in rows),
        ),
        ("",) * len(top) + view.settings,
        sum(1 << place for place, name in enumerate(view.names[1:]) if is_total(name)),
        view.scale,
        turned=True,
        title=view.title,
        heads=len(top),
        unscaled=view.unscaled,
    )
