"""Which records the question's words pick out: cells that hold a phrase of it, cells that compare with its numbers,
labels that are like it."""

import operator
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from agent.answering.tables.parsing.questions import Amount, Question
from agent.answering.tables.values import Value
from agent.answering.tables.views import View
from agent.answering.tables.words import keys_of, stems_of

Form = Literal["is", "holds", "like", "compares", "equals", "between", "section"]

MOST = 14  # conditions kept of one view
LIKE = 4  # labels that resemble the question
NEAR = 0.34  # share of a label's stems that must stand in the question
COMPARE = {"=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class Condition:
    """Records (bits) whose `field` fits the words `span` (bits) of the question. `cover`: the share of the cell's own
    words that the question says, 1 where nothing is left over."""

    field: int
    records: int
    span: int
    form: Form
    cover: float
    first: int


def conditions(question: Question, view: View) -> list[Condition]:
    """The likeliest conditions first: long phrases that cover their cells."""
    found = [*_phrases(question, view), *_compared(question, view), *_like(question, view), *_sections(question, view)]
    best: dict[tuple[int, int], Condition] = {}
    for one in found:
        known = best.get((one.field, one.records))
        if known is None or _worth(one) > _worth(known):
            best[one.field, one.records] = one
    return sorted(best.values(), key=_worth, reverse=True)[:MOST]


def _worth(one: Condition) -> float:
    return one.span.bit_count() * (0.5 + one.cover) - (one.form == "like")


def _bits(first: int, last: int) -> int:
    return (1 << (last + 1)) - (1 << first)


def _phrases(question: Question, view: View) -> Iterator[Condition]:
    """The longest phrases of the question that stand in cells of a field."""
    for field in range(len(view.names)):
        cells = [keys_of(text) for text in view.texts[field]]
        where: dict[int, int] = defaultdict(int)
        for record, keys in enumerate(cells):
            for key in keys:
                where[key] |= 1 << record
        reach = -1
        for first in range(len(question.keys)):
            last, held = _longest(question.keys, first, cells, where)
            if last <= reach or not question.content & _bits(first, last):
                continue
            reach = last
            span = _bits(first, last)
            words = span.bit_count()
            lengths = {record: len(cells[record]) for record in _places(held)}
            whole = sum(1 << record for record, length in lengths.items() if length == words)
            if whole:
                yield Condition(field, whole, span, "is", 1.0, first)
            if held != whole:
                yield Condition(field, held, span, "holds", words / max(min(lengths.values()), words), first)


def _longest(keys: tuple[int, ...], first: int, cells: list[tuple[int, ...]], where: dict[int, int]) -> tuple[int, int]:
    """The last word of the longest phrase from `first` on that a cell holds, and the records that hold it."""
    held = where.get(keys[first], 0)
    if not held:
        return -1, 0
    last = first
    while last + 1 < len(keys):
        near = held & where.get(keys[last + 1], 0)
        phrase = keys[first : last + 2]
        longer = sum(1 << record for record in _places(near) if _within(phrase, cells[record]))
        if not longer:
            break
        held, last = longer, last + 1
    return last, held


def _within(phrase: tuple[int, ...], cell: tuple[int, ...]) -> bool:
    size = len(phrase)
    return any(cell[start : start + size] == phrase for start in range(len(cell) - size + 1))


def _places(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _compared(question: Question, view: View) -> Iterator[Condition]:
    """Cells that compare with a number or a day of the question, or lie between two."""
    for field in range(len(view.names)):
        if view.kind(field) == "words":
            continue
        values = view.values(field)
        for amount in question.amounts:
            held = _holding(values, amount, view)
            if held and (amount.comparison == "=" or held != (1 << view.records) - 1):
                form: Form = "equals" if amount.comparison == "=" else "compares"
                yield Condition(field, held, _bits(amount.first, amount.last), form, 1.0, amount.first)
        for low, high in combinations(question.amounts, 2):
            between = _between(values, low, high, question.words)
            if between:
                span = _bits(low.first, high.last)
                yield Condition(field, between, span, "between", 1.0, low.first)


def _holding(values: tuple[Value, ...], amount: Amount, view: View) -> int:
    compare, held = COMPARE[amount.comparison], 0
    for record, value in enumerate(values):
        number = _comparable(value, amount, view)
        if number is not None and compare(number, amount.number):
            held |= 1 << record
    return held


def _comparable(value: Value, amount: Amount, view: View) -> float | None:
    """The cell as a number of the amount's kind: a day by what the question says of it, a number in its own size."""
    if value.kind == "time" and value.order is not None:
        if amount.day:
            return value.order if amount.number >= 10_000 else value.order % 10_000
        return value.order // 10_000 if value.order >= 10_000_000 else value.order
    if amount.day or value.number is None:
        return None
    scaled = value.unit != "%" and amount.scale and value.scale == 1.0
    return value.number * view.scale if scaled else value.number


def _between(values: tuple[Value, ...], low: Amount, high: Amount, words: tuple[str, ...]) -> int:
    joined = words[low.last + 1 : high.first]
    if low.day != high.day or low.number >= high.number or len(joined) > 3 or not _spans(joined):
        return 0
    held = 0
    for record, value in enumerate(values):
        number = value.order if low.day else _year_or_number(value)
        if number is not None and low.number <= number <= high.number:
            held |= 1 << record
    return held


def _spans(joined: tuple[str, ...]) -> bool:
    """Whether the words between two numbers make a range of them: "2015-2019", "2015 to 2019"."""
    return not joined or bool({"to", "and", "through", "until"} & {*joined})


def _year_or_number(value: Value) -> float | None:
    return value.order // 10_000 if value.kind == "time" and value.order else value.number


def _like(question: Question, view: View) -> Iterator[Condition]:
    """The labels that share most stems with the question, their section's counted for half."""
    naming = range(view.heads if view.turned else len(view.names))
    field = next((place for place in naming if view.kind(place) == "words"), 0)
    asked = set(question.keys)
    scored = []
    for record, text in enumerate(view.texts[field]):
        own = set(stems_of(text))
        if shared := own & asked:
            section = set(stems_of(view.settings[record])) - own if not view.turned else set()
            near = 0.5 * len(section & asked) / max(len(section), 1)
            scored.append((len(shared) / len(own), len(shared) + near, record, shared | (section & asked)))
    scored.sort(key=lambda one: one[0] * one[1], reverse=True)
    for cover, _, record, shared in scored[:LIKE]:
        if cover >= NEAR:
            places = _nearest(question.keys, shared)
            yield Condition(field, 1 << record, sum(1 << place for place in places), "like", cover, places[0])


def _nearest(keys: tuple[int, ...], shared: set[int]) -> list[int]:
    """One place for each of the `shared` keys; of a key that comes again, the place next to those that do not: "the
    Toren snake and the Hamar snake" says either name once."""
    places = {key: [place for place, one in enumerate(keys) if one == key] for key in shared}
    single = [some[0] for some in places.values() if len(some) == 1]
    return sorted(
        min(some, key=lambda place: min((abs(place - one) for one in single), default=place))
        for some in places.values()
    )


def _sections(question: Question, view: View) -> Iterator[Condition]:
    """The rows under a heading that the question names."""
    if view.turned:
        return
    asked = set(question.keys)
    for section in dict.fromkeys(filter(None, view.settings)):
        own = set(stems_of(section))
        if own and len(own & asked) >= 0.6 * len(own):
            held = sum(1 << record for record, name in enumerate(view.settings) if name == section) & view.every
            places = [place for place, key in enumerate(question.keys) if key in own]
            if held:
                yield Condition(-1, held, sum(1 << place for place in places), "section", 1.0, places[0])
