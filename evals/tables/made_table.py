"""Made-up tables of measures, counts and texts about things of a kind. Names are made of syllables, so that none can
be known by heart; some rows have a key besides. The words are in `made.json`."""

import json
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from evals.reader.facts import words as fact_words
from generators.tables.columns import UNIT
from retrievers.elements import WHOLE_PAGE, Element

KEYED = 0.35  # share of the tables whose rows have a key
_MARKS = ("I", "II", "III", "IV", "V", "1", "2", "3", "11", "12", "14", "17", "A", "B", "C", "D")


@cache
def words() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(__file__).with_name("made.json").read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True)
class Column:
    """`sort`: "measure", "count", "text", "name" or "key"; `about` is its entry in `made.json`.

    `cells` hold what is shown, and `numbers` their values.
    """

    sort: str
    about: dict[str, Any]
    header: str
    cells: list[str]
    numbers: list[Decimal] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """A table: its rows are called `names`, or by their `key` if they have one, and each is a `noun`.

    `columns` are those that are asked for; `shown` are all, as they stand.
    """

    noun: str
    names: list[str]
    columns: list[Column]
    element: Element
    shown: list[Column]
    key: Column | None


def made_table(draw: random.Random, name: str) -> Made:
    """One that is called `name`."""
    kind = draw.choice(list(words()["kinds"]))
    noun = draw.choice(words()["kinds"][kind])
    names = _names(draw, noun, draw.randint(3, 9))
    columns = [
        column
        for sort in ("measure", "count", "text")
        for about in _fitting(draw, sort, kind)
        if (column := _column(draw, sort, about, len(names)))
    ]
    draw.shuffle(columns)
    shout = draw.random() < 0.2  # as some tables are set
    first = draw.choice([noun.capitalize(), "Name", noun.capitalize(), ""])
    key = _key(draw, len(names)) if draw.random() < KEYED else None
    shown = [*filter(None, [key]), Column("name", {}, first, names), *columns]
    header = tuple(column.header.upper() if shout else column.header for column in shown)
    rows = tuple(zip(*(column.cells for column in shown), strict=True))
    caption = draw.choice(["", f"Table {draw.randint(1, 9)}: The {noun}s.", f"Main facts of the {noun}s"])
    element = Element(name, name, 1, "table", "", WHOLE_PAGE, 0, caption=caption, rows=(header, *rows))
    return Made(noun, names, columns, element, shown, key)


def without(table: Made, column: Column) -> Element:
    """The table without a column."""
    gone = table.shown.index(column)
    return replace(table.element, rows=tuple((*row[:gone], *row[gone + 1 :]) for row in table.element.rows))


def without_row(table: Made, row: int) -> Element:
    """The table without a row."""
    rows = table.element.rows
    return replace(table.element, rows=(*rows[: row + 1], *rows[row + 2 :]))


def called(table: Made, row: int) -> str:
    """What a row is called in a sentence."""
    name = table.names[row]
    return f"the {name}" if name.endswith(f" {table.noun}") else name


def _key(draw: random.Random, rows: int) -> Column:
    numbers = draw.sample(range(1, draw.choice([100, 1000, 100_000])), rows)
    lead = draw.choice(["", "", "", "K", f"{draw.choice('ABCDEFGH')}-"])
    cells = [f"{lead}{number}" for number in numbers]
    return Column("key", {}, draw.choice(words()["keys"]["headers"]), cells)


def _fitting(draw: random.Random, sort: str, kind: str) -> list[dict[str, Any]]:
    fitting = [one for one in words()[f"{sort}s"] if kind in one["kinds"]]
    return draw.sample(fitting, min(len(fitting), draw.randint(1, 3)))


def _names(draw: random.Random, noun: str, count: int) -> list[str]:
    """Alike in form: "Balor", "Balor 11", "Balor bridge", "North"."""
    style, stem = draw.randrange(5), _word(draw)
    if style == 0:
        return [f"{stem} {mark}" for mark in draw.sample(_MARKS, count)]
    if style == 1:
        return [f"{mark} {noun}" for mark in draw.sample([*"ABCDEFGH", "Inner", "Outer", "Old", "New"], count)]
    made = dict.fromkeys(_word(draw) for _ in range(4 * count))
    chosen = list(made)[:count]
    return [f"{one} {noun.capitalize()}" for one in chosen] if style == 2 else chosen


def _word(draw: random.Random) -> str:
    return "".join(draw.sample(fact_words()["syllables"], draw.randint(2, 3))).capitalize()


def _column(draw: random.Random, sort: str, about: dict[str, Any], rows: int) -> Column:
    header = draw.choice(about["headers"])
    if sort == "text":
        made = [_text(draw, about["value"]) for _ in range(rows)]
        return Column(sort, about, header, made)
    size = draw.choice([10, 100, 1000, 100_000])
    places = 0 if sort == "count" else draw.choice([0, 0, 1, 2])
    numbers: list[Decimal] = []
    while len(numbers) < rows:
        one = Decimal(draw.randint(1, size * 10**places)).scaleb(-places)
        one = -one if about.get("negative") and draw.random() < 0.4 else one
        if one not in numbers or (sort == "count" and draw.random() < 0.2):
            numbers.append(Decimal(0) if sort == "count" and draw.random() < 0.1 else one)
    commas = draw.random() < 0.7
    unit = UNIT.search(header)
    inside = f" {unit[1]}" if unit and unit[1] and unit[1].isalpha() and draw.random() < 0.15 else ""
    shown = [(f"{one:,}" if commas else str(one)) + inside for one in numbers]
    return Column(sort, about, header, shown, numbers)


def _text(draw: random.Random, value: str) -> str:
    if value == "year":
        return str(draw.randint(1600, 2024))
    if value == "date":
        return f"{draw.randint(1, 28)} {draw.choice(fact_words()['months'])[:3]} {draw.randint(1900, 2024)}"
    if value == "person":
        return f"{_word(draw)} {_word(draw)}"
    return str(draw.choice(words()[f"{value}s"])) if f"{value}s" in words() else _word(draw)
