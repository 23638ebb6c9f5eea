"""Plain questions without limit over made-up tables: look-ups, which is most and least, sums, differences, ratios,
shares and counts, each with the answer that the table was made with.

What is learned is which operation and which column the words of everyday questions mean: that the coldest has the least
temperature, that a sum is meant by "together". The words are in `made.json`: `measures` with their headers and
adjectives, `counts` of things, `texts`, `keys` that some rows are called by, and the wordings of each of the
`operations`. In a wording, {a} and {b} are rows, {noun} is what the rows are, {name} the measure, {things} what is
counted, {sup} and {comp} are its adjectives, {unit} its unit, {v} a number.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from evals.tables.made_table import Column, Made, called, made_table, without, words
from evals.tables.questions import TableQuestion
from generators.tables.columns import UNIT

QUESTIONS = 6  # of one table
NAMED = 0.1  # share of the questions of a table with keys that ask whose one is


def made_questions(tables: int, seed: int, *, lacking: bool = False) -> Iterator[TableQuestion]:
    """Some over each of as many tables; the same for the same seed. `lacking`: the column that they are about is taken
    out of the table, which then does not answer."""
    draw = random.Random(seed)
    for number in range(tables):
        table = made_table(draw, f"made/{seed}/{number}")
        for place, one in enumerate(questions(draw, table)):
            name = f"{table.element.document}/{place}"
            if lacking:
                yield TableQuestion(name, one.text, without(table, one.column), "", (), "made")
            else:
                yield TableQuestion(name, one.text, table.element, "", (one.gold,), "made")


@dataclass(frozen=True)
class Asked:
    """A question with its answer, the column that it is about, and a row that it names, if it names any."""

    text: str
    gold: str
    column: Column
    row: int | None = None


def questions(draw: random.Random, table: Made) -> Iterator[Asked]:
    """Some of a table."""
    for _ in range(QUESTIONS):
        if table.key and draw.random() < NAMED:
            yield _name_of(draw, table, table.key)
            continue
        column = draw.choice(table.columns)
        if asked := _question(draw, table, column):
            yield asked


def _name_of(draw: random.Random, table: Made, key: Column) -> Asked:
    """Which is the one of a key."""
    row = draw.randrange(len(table.names))
    text = draw.choice(words()["keys"]["questions"]).format(noun=table.noun, header=key.header, key=key.cells[row])
    return Asked(text, table.names[row], next(column for column in table.shown if column.sort == "name"), row)


def _said(draw: random.Random, table: Made, row: int) -> str:
    """What a row is called in a question: by its name or its key."""
    if table.key is None or draw.random() < 0.5:
        return called(table, row)
    header = draw.choice([table.key.header, table.key.header.lower()])
    return str(draw.choice(words()["keys"]["said"]).format(noun=table.noun, header=header, key=table.key.cells[row]))


def _question(draw: random.Random, table: Made, column: Column) -> Asked | None:
    """A question about `column`; None where it has no answer."""
    if column.sort == "text":
        row = draw.randrange(len(table.names))
        text = draw.choice(column.about["questions"]).format(e=_said(draw, table, row))
        return Asked(text, column.cells[row], column, row)
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
    wording = draw.choice(fitting)
    text = wording.format(
        a=_said(draw, table, first), b=_said(draw, table, second), noun=table.noun, nouns=f"{table.noun}s", v=limit,
        name=_named(column, draw.choice(column.about.get("name") or [""])),
        things=_named(column, column.about.get("things", "")), how=column.about.get("how", ""), unit=unit,
        sup=most if more else least, comp=comp if more else lower,
    )  # fmt: skip
    return Asked(text, gold, column, first if "{a}" in wording else None)


def _unit(column: Column) -> str:
    """As a question says it; "" where the header has none in letters."""
    found = UNIT.search(column.header)
    unit = found[1] if found and found[1] and found[1].isalpha() else ""
    return str(words()["units"].get(unit, unit))


def _named(column: Column, name: str) -> str:
    return UNIT.sub("", column.header).strip().lower() if name == "@header" else name


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
