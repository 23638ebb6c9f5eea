"""Plain questions without limit over made-up tables: look-ups, which is most and least, sums, differences, ratios,
shares and counts, each with the answer that the table was made with.

What is learned is which operation and which column the words of everyday questions mean: that the coldest has the least
temperature, that a sum is meant by "together". The words are in `made.json`: `measures` with their headers and
adjectives, `counts` of things, `texts`, and the wordings of each of the `operations`. In a wording, {a} and {b} are
rows, {noun} is what the rows are, {name} the measure, {things} what is counted, {sup} and {comp} are its adjectives,
{unit} its unit, {v} a number. Names are made of syllables, so that none can be known by heart.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from evals.reader.facts import words as fact_words
from evals.tables.questions import TableQuestion
from generators.tables.columns import UNIT
from retrievers.elements import WHOLE_PAGE, Element

QUESTIONS = 6  # of one table
_MARKS = ("I", "II", "III", "IV", "V", "1", "2", "3", "11", "12", "14", "17", "A", "B", "C", "D")


@cache
def words() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(__file__).with_name("made.json").read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True)
class Column:
    """`sort`: "measure", "count" or "text"; `about` is its entry in `made.json`; `cells` hold what is shown and
    `numbers` their values."""

    sort: str
    about: dict[str, Any]
    header: str
    cells: list[str]
    numbers: list[Decimal] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """A table: its rows are called `names`, and each is a `noun`."""

    noun: str
    names: list[str]
    columns: list[Column]
    element: Element


def made_questions(tables: int, seed: int, *, lacking: bool = False) -> Iterator[TableQuestion]:
    """Some over each of as many tables; the same for the same seed. `lacking`: the column that they are about is taken
    out of the table, which then does not answer."""
    draw = random.Random(seed)
    for number in range(tables):
        table = made_table(draw, f"made/{seed}/{number}")
        for place, (text, gold, column) in enumerate(questions(draw, table)):
            name = f"{table.element.document}/{place}"
            if lacking:
                yield TableQuestion(name, text, without(table, column), "", (), "made")
            else:
                yield TableQuestion(name, text, table.element, "", (gold,), "made")


def questions(draw: random.Random, table: Made) -> Iterator[tuple[str, str, Column]]:
    """Some questions, with their answer and the column that they are about."""
    for _ in range(QUESTIONS):
        column = draw.choice(table.columns)
        if asked := _question(draw, table, column):
            yield (*asked, column)


def without(table: Made, column: Column) -> Element:
    """The table without a column."""
    gone = table.columns.index(column) + 1
    return replace(table.element, rows=tuple((*row[:gone], *row[gone + 1 :]) for row in table.element.rows))


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
    header = tuple(one.upper() if shout else one for one in (first, *(column.header for column in columns)))
    rows = tuple((label, *(column.cells[row] for column in columns)) for row, label in enumerate(names))
    caption = draw.choice(["", f"Table {draw.randint(1, 9)}: The {noun}s.", f"Main facts of the {noun}s"])
    element = Element(name, name, 1, "table", "", WHOLE_PAGE, 0, caption=caption, rows=(header, *rows))
    return Made(noun, names, columns, element)


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


def _question(draw: random.Random, table: Made, column: Column) -> tuple[str, str] | None:
    """A question about `column` and its answer; None where that has none."""
    if column.sort == "text":
        row = draw.randrange(len(table.names))
        return draw.choice(column.about["questions"]).format(e=called(table, row)), column.cells[row]
    operation = draw.choice([*words()["operations"]])
    wordings = words()["operations"][operation]
    sort = "count" if column.sort == "count" else draw.choice(["measure", "degree", "degree"])
    if not wordings.get(sort) or (sort == "degree" and not column.about["pairs"]):
        return None
    first, second = draw.sample(range(len(table.names)), 2)
    answer = _answer(draw, operation, column.numbers, first, second)
    if not answer:
        return None
    gold, limit = answer
    if operation in ("most", "least"):
        gold = table.names[int(gold)]
    more = operation not in ("least", "count under")
    most, least, comp, lower = draw.choice(column.about.get("pairs") or [["", "", "", ""]])
    if operation == "difference" and column.numbers[first] < column.numbers[second]:
        comp = lower if sort == "degree" else comp
        if sort != "degree":
            first, second = second, first
    unit = _unit(column)
    fitting = [one for one in wordings[sort] if unit or "{unit}" not in one]
    text = draw.choice(fitting).format(
        a=called(table, first), b=called(table, second), noun=table.noun, nouns=f"{table.noun}s", v=limit,
        name=_named(column, draw.choice(column.about.get("name") or [""])),
        things=_named(column, column.about.get("things", "")), how=column.about.get("how", ""), unit=unit,
        sup=most if more else least, comp=comp if more else lower,
    )  # fmt: skip
    return text, gold


def _unit(column: Column) -> str:
    """As a question says it; "" where the header has none in letters."""
    found = UNIT.search(column.header)
    unit = found[1] if found and found[1] and found[1].isalpha() else ""
    return str(words()["units"].get(unit, unit))


def _named(column: Column, name: str) -> str:
    return UNIT.sub("", column.header).strip().lower() if name == "@header" else name


def called(table: Made, row: int) -> str:
    """What a row is called in a sentence."""
    name = table.names[row]
    return f"the {name}" if name.endswith(f" {table.noun}") else name


def _answer(
    draw: random.Random, operation: str, numbers: Sequence[Decimal], first: int, second: int
) -> tuple[str, str] | None:
    """The answer and, for a count, the number to compare with; for most and least the row."""
    one, other, total = numbers[first], numbers[second], sum(numbers)
    limit = draw.choice(numbers)
    if operation in ("most", "least"):
        best = (max if operation == "most" else min)(numbers)
        return (str(numbers.index(best)), "") if numbers.count(best) == 1 else None
    if operation in ("ratio", "share of total") and (min(numbers) < 0 or not other or not total):
        return None
    if operation in ("sum of all", "average", "share of total") and len(numbers) < 3:
        return None
    if operation == "difference" and one == other:
        return None
    made = _value(operation, numbers, one, other, limit)
    if operation.startswith("count") and not made:
        return None
    return str(float(made)) if made % 1 else str(int(made)), f"{limit:,}"


def _value(operation: str, numbers: Sequence[Decimal], one: Decimal, other: Decimal, limit: Decimal) -> Decimal:
    total = sum(numbers, Decimal(0))
    return {
        "lookup": one,
        "difference": abs(one - other),
        "sum": one + other,
        "sum of all": total,
        "ratio": one / (other or 1),
        "share of total": one / (total or 1) * 100,
        "average": total / len(numbers),
        "count over": Decimal(sum(number > limit for number in numbers)),
        "count under": Decimal(sum(number < limit for number in numbers)),
        "count none": Decimal(sum(number == 0 for number in numbers)),
    }[operation]
