"""Made documents: tables with sentences beside them, as a report has, and sentences about things of a kind. What is
asked for may stand in either, or in none.

The sentences tell some cells, and compare some rows with a few others only: "Of the newer ones, Balor is the widest"
does not answer which is the widest of all.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from evals.datasets.answer_sets import Case
from evals.datasets.gold import gold_of_values
from evals.reader.facts import Maker, capital
from evals.tables.made import questions
from evals.tables.made_table import Column, Made, called, made_table, without, without_row
from retrievers.elements import WHOLE_PAGE, Element

TOLD = 5  # sentences beside a table
SOME = ("Of the newer ones, {a} is the {sup}.", "{a} is the {sup} of those in the north.", "{a} looks {sup} from afar.")
CELL = (
    "{a} has a {header} of {cell}.",
    "The {header} of {a} is {cell}.",
    "For {a}, a {header} of {cell} was measured.",
)
ELSEWHERE = ("{a} is described in the annex.", "Little is known of {a} from before the war.", "Visitors like {a} best.")


def made_cases(tables: int, seed: int) -> Iterator[Case]:
    """Each question of the table and the sentences, and once more where what it asks is gone from both.

    Gone is the column that it is about or the row that it names.
    """
    draw = random.Random(seed)
    for number in range(tables):
        name = f"made/{seed}/{number}"
        table = made_table(draw, name)
        told = [_sentence(draw, table) for _ in range(TOLD)]
        for one in questions(draw, table):
            case = Case("made", one.text, gold_of_values([one.gold]), True, ("made",), name)
            yield replace(case, evidence=_evidence(table.element, told))
            if one.row is not None and draw.random() < 0.5:
                rest, left = without_row(table, one.row), [tell for tell in told if tell.row != one.row]
            else:
                rest, left = without(table, one.column), [tell for tell in told if tell.column is not one.column]
            yield replace(case, gold=None, answerable=False, evidence=_evidence(rest, left))


def fact_cases(documents: int, seed: int) -> Iterator[Case]:
    """Questions over sentences about one to three things of a kind; a third asks for another thing, or for what is not
    told of it."""
    for group in islice(Maker(seed).groups(), documents):
        gold = next((one.text[slice(*one.answer)] for one in group.passages if one.answer), None)
        elements = tuple(
            Element(group.name, group.name, 1, "text", one.text, WHOLE_PAGE, place, section=(one.setting,))
            for place, one in enumerate(group.passages)
        )
        answer = gold_of_values([gold]) if gold else None
        yield Case(
            "facts", group.question, answer, bool(gold), ("facts",), group.name, evidence=partial(tuple, elements)
        )


@dataclass(frozen=True)
class _Told:
    """A sentence, the row that it is about, and the column that it tells something of."""

    text: str
    row: int
    column: Column | None = None


def _sentence(draw: random.Random, table: Made) -> _Told:
    row, column = draw.randrange(len(table.names)), draw.choice(table.columns)
    name, pairs = called(table, row), column.about.get("pairs")
    if pairs and draw.random() < 0.5:
        text = draw.choice(SOME).format(a=name, sup=draw.choice(draw.choice(pairs)[:2]))
    elif draw.random() < 0.5:
        text = draw.choice(CELL).format(a=name, header=column.header.lower(), cell=column.cells[row])
    else:
        return _Told(capital(draw.choice(ELSEWHERE).format(a=name)), row)
    return _Told(capital(text), row, column)


def _evidence(table: Element, told: Sequence[_Told]) -> Callable[[], tuple[Element, ...]]:
    texts = [replace(table, kind="text", rows=(), text=one.text, order=place) for place, one in enumerate(told, 1)]
    return partial(tuple, (table, *texts))
