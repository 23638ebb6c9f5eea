"""A table as records with fields. Statements put their periods into columns: such a table is also read turned, one
record a column and one field a row, so that "which year had the highest sales" ranks records like any other question.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from agent.answering.tables.rows import body_rows, header_cells, header_rows, scale_of, total_rows, unscaled_stems
from agent.answering.tables.values import Value, alike, scale_named, value_of
from agent.answering.tables.words import Stems, stems_of
from generators.tables.cells import CURRENCY, is_time
from generators.tables.columns import is_total, unit_in
from retrievers.elements import Element, Rows

MOST_TURNED = 80  # rows of a table that is also read turned
NUMERIC = 0.6  # share of filled cells
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
    table "in millions"; `scale_unit` is what it is stated in, "" where that is not said."""

    table: int
    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[Cell, ...], ...]
    settings: tuple[str, ...]
    totals: int
    scale: float
    scale_unit: str = ""
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
        own = self.scale_unit and unit_named(name)  # cents, in a table in millions of dollars
        other = own and own != self.scale_unit and not re.fullmatch(CURRENCY, own)
        return self.scale != 1.0 and "%" not in name and not other and not self.unscaled.intersection(stems_of(name))

    def kind(self, place: int) -> str:
        """ "number", "time" or "words": what most of a field's filled cells hold."""
        return self._kinds[place]

    def unit(self, place: int) -> str:
        """The unit that the field's name states, "" if it states none."""
        return unit_named(self.names[place])

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


def unit_named(name: str) -> str:
    """The unit that ends a name: "km" of "Diameter (km)", "" where there is none."""
    stated = unit_in(name)
    said = _UNIT.fullmatch(stated) and not stated.isdigit() and not is_time(stated)  # "June 30, 2019" has no unit
    return stated if said and scale_named(stated) == 1.0 else ""


def views_of(element: Element, table: int, near: str = "", kept: Sequence[int] = ()) -> Iterator[View]:
    """The table upright and, where its columns are alike, turned. `near`: the text beside it, which may say "in
    thousands"; `kept`: the rows to read of a large table, all of them if none is named. Yields nothing for a table
    without rows."""
    from_row = tuple(kept) or tuple(range(len(element.rows)))
    rows = tuple(tuple(" ".join(cell.split()) for cell in element.rows[place]) for place in from_row)
    rows = tuple(row + ("",) * (max(map(len, rows)) - len(row)) for row in rows)
    depth = header_rows(rows)
    body, sections = body_rows(rows, depth)
    if not body or not rows[0]:
        return
    heads = header_cells(rows[:depth], len(rows[0]))
    names = tuple(" ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True))
    names = names or ("",) * len(rows[0])
    title = " ".join(filter(None, (element.caption or element.mentions, *element.section[-1:])))
    stated = (*(cell for row in rows[:depth] for cell in row), title)
    upright = View(
        table,
        names,
        tuple(tuple(rows[row][column] for row in body) for column in range(len(names))),
        tuple(tuple(Cell(table, from_row[row], column) for row in body) for column in range(len(names))),
        sections,
        total_rows([rows[row] for row in body], sections),
        *scale_of(stated, near),
        title=title,
        unscaled=unscaled_stems(stated),
        whole=len(element.rows) if kept else 0,
    )
    yield upright
    if not kept and _turns(upright):
        yield _turned(upright, heads)


def _turns(view: View) -> bool:
    """A label in front, and numbers behind it in at least two columns whose every row measures one thing."""
    numeric = sum(view.kind(place) == "number" for place in range(1, len(view.names)))
    units = {unit for place in range(1, len(view.names)) if (unit := view.unit(place))}
    if len(units) > 1:
        return False
    return view.kind(0) == "words" and 2 <= numeric >= NUMERIC * (len(view.names) - 1) and view.records <= MOST_TURNED


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
        view.scale_unit,
        turned=True,
        title=view.title,
        heads=len(top),
        unscaled=view.unscaled,
    )
