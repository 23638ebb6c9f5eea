"""Typed programs over a view, and all of them that the question's words make possible.

After Pasupat and Liang, "Compositional Semantic Parsing on Semi-Structured Tables" (2015): a set of records, an
operation on it, the field that is read. Enumerated by rule; which one is meant is learned (`ranking`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from agent.answering.tables.parsing.conditions import Condition
from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.views import View

OPERATIONS = (
    "lookup", "count", "distinct", "most", "least", "first", "last", "nth", "next", "previous", "sum", "average",
    "difference", "change", "percent change", "ratio", "share", "share of total", "commonest", "rarest", "same",
    "count difference", "spread", "step", "percent step", "average step",
)  # fmt: skip
NUMBER = {name: place for place, name in enumerate(OPERATIONS)}
ON_PAIRS = ("difference", "change", "percent change", "ratio", "share")
ON_STEPS = ("step", "percent step", "average step")  # a period beside the one before it
MOST_FIELDS = 9
MOST_RANKED = 7
MOST_SELECTIONS = 40


@dataclass(frozen=True, slots=True)
class Selection:
    """Records (bits) and the conditions that choose them. `form`: "all", "one", "both" (and) or "either" (or). `each`:
    what they hold is to be told one by one, even where it is the same ("in 2018 and 2019, respectively")."""

    records: int
    conditions: tuple[Condition, ...]
    form: str
    each: bool = False

    @property
    def span(self) -> int:
        bits = 0
        for one in self.conditions:
            bits |= one.span
        return bits


class Program(NamedTuple):
    """`selection` is a place among the selections; `field` is what is read, `by` what ranks; -1 where there is none.
    `rank` is 1 but for "the second highest"; for pairs it is 2 where they are taken the other way round."""

    operation: str
    selection: int
    field: int = -1
    by: int = -1
    rank: int = 1


def selections(view: View, found: Sequence[Condition], each: bool = False) -> list[Selection]:
    """All records, those of each condition, and of two or more together."""
    listed = [Selection(view.every, (), "all")]
    listed += [Selection(one.records, (one,), "one") for one in found]
    for one, other in combinations(found, 2):
        if one.span & other.span:
            continue
        both = one.records & other.records
        if one.field != other.field and both and both not in (one.records, other.records):
            listed.append(Selection(both, (one, other), "both"))
        if one.field == other.field and one.records != other.records:
            listed.append(Selection(one.records | other.records, _ordered(one, other), "either", each))
    for field in dict.fromkeys(one.field for one in found):
        apart = _apart([one for one in found if one.field == field])
        if len(apart) > 2:
            records = 0
            for one in apart:
                records |= one.records
            listed.append(Selection(records, _ordered(*apart), "either", each))
    return listed[:MOST_SELECTIONS]


def _ordered(*found: Condition) -> tuple[Condition, ...]:
    return tuple(sorted(found, key=lambda one: one.first))


def _apart(found: Sequence[Condition]) -> list[Condition]:
    """Conditions that share no word, the likeliest kept."""
    kept: list[Condition] = []
    for one in found:
        if not any(one.span & other.span for other in kept):
            kept.append(one)
    return kept


def fields(question: Question, view: View) -> list[int]:
    """The fields worth reading: all of a small table; of others those whose names the question says most of."""
    if len(view.names) <= MOST_FIELDS:
        return list(range(len(view.names)))
    asked = set(question.keys)

    def named(place: int) -> float:
        own = set(view.field_stems[place])
        return len(own & asked) ** 2 / len(own) if own else 0.0

    return sorted(sorted(range(len(view.names)), key=lambda place: (place > 0, -named(place)))[:MOST_FIELDS])


def programs(question: Question, view: View, chosen: Sequence[Selection]) -> Iterator[Program]:
    """Every program of the grammar over these selections."""
    read = fields(question, view)
    ordered = [place for place in read if view.kind(place) != "words"][:MOST_RANKED]
    numbers = [place for place in ordered if view.kind(place) == "number" or _has_numbers(view, place)]
    ranks = (1, *dict.fromkeys(rank for rank in question.ranks if rank > 1))
    for place, selection in enumerate(chosen):
        if view.whole:  # rows are missing: nothing can be counted, ranked or summed
            yield from (Program("lookup", place, field) for field in read if selection.form != "all")
            continue
        size = selection.records.bit_count()
        yield from _reading(place, size, read, selection)
        if size > 1:
            simple = selection.form != "both" or place < 16
            yield from _ranking(place, read, ordered if simple else [], ranks)
            yield from _summing(place, size, numbers, selection)
        if selection.form == "either" and len(selection.conditions) == 2:
            yield Program("count difference", place)
        if _pair(selection, size):
            yield from (
                Program(name, place, field, rank=way) for name in ON_PAIRS for field in numbers for way in _ways(name)
            )
        if size == 1 and selection.form == "one":
            yield from _single(view, place, selection, read, numbers)


def _has_numbers(view: View, place: int) -> bool:
    return any(one.number is not None for one in view.values(place))


def _ways(name: str) -> tuple[int, ...]:
    return (1, 2) if name in ("ratio", "share", "change", "percent change") else (1,)


def _pair(selection: Selection, size: int) -> bool:
    two = selection.form == "either" and len(selection.conditions) == 2
    if two:
        return size == 2 and all(one.records.bit_count() == 1 for one in selection.conditions)
    return size == 2 and selection.form in ("all", "one", "both")


def _reading(place: int, size: int, read: Sequence[int], selection: Selection) -> Iterator[Program]:
    own = {one.field for one in selection.conditions}
    for field in read:
        if size <= 12:
            yield Program("lookup", place, field)
        if size > 1:
            yield Program("first", place, field)
            yield Program("last", place, field)
            yield Program("distinct", place, field)
            if field not in own or selection.form == "either":
                yield Program("commonest", place, field)
                yield Program("rarest", place, field)
        if size == 1 or selection.form in ("one", "all"):
            yield Program("next", place, field)
            yield Program("previous", place, field)
    yield Program("count", place)


def _ranking(place: int, read: Sequence[int], ordered: Sequence[int], ranks: Sequence[int]) -> Iterator[Program]:
    for by in ordered:
        for field in read:
            for rank in ranks:
                yield Program("most", place, field, by, rank)
                yield Program("least", place, field, by, rank)
    for rank in ranks[1:]:
        yield from (Program("nth", place, field, rank=rank) for field in read)


def _summing(place: int, size: int, numbers: Sequence[int], selection: Selection) -> Iterator[Program]:
    for field in numbers:
        yield Program("sum", place, field)
        yield Program("average", place, field)
        if size > 2 or selection.form == "all":
            yield Program("spread", place, field)


def _single(
    view: View, place: int, selection: Selection, read: Sequence[int], numbers: Sequence[int]
) -> Iterator[Program]:
    own = selection.conditions[0].field
    for field in read:
        for by in read:
            if by not in (own, field):
                yield Program("same", place, field, by)
    yield from (Program("share of total", place, field) for field in numbers)
    if own >= 0 and view.kind(own) == "time":
        yield from (Program(name, place, field) for name in ON_STEPS for field in numbers)
