"""How well a program fits the question: numbers that hold for any table, from overlap of words and the shape of the
result. Nothing here is learned and no word has a weight of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.answering.tables.parsing.conditions import Condition, conditions
from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.programs.execution import run
from agent.answering.tables.programs.program import NUMBER, ON_PAIRS, Program, Selection, programs, selections
from agent.answering.tables.programs.result import Result
from agent.answering.tables.ranking.field_features import OF_FIELD, features_of_fields, said_by
from agent.answering.tables.values import value_of
from agent.answering.tables.views import View
from agent.answering.tables.words import keys_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FORMS = ("is", "holds", "like", "compares", "equals", "between", "section")
OF_SELECTION = 16 + len(FORMS)
OF_PROGRAM = 22
COVERED = 3  # where the features of a program say what share of the question it accounts for


@dataclass(frozen=True)
class Features:
    """`of_selections` [S, OF_SELECTION]; `of_fields` [F + 1, OF_FIELD], the last row zeros for "no field";
    `of_programs` [N, OF_PROGRAM]; `places` [N, 4] are the operation's number, the selection, the field and the ranking
    field (-1: none)."""

    of_selections: "Floats"
    of_fields: "Floats"
    of_programs: "Floats"
    places: "NDArray[np.int16]"


@dataclass(frozen=True)
class Candidates:
    """All programs of one question over one view [N], with their results and features."""

    view: View
    selections: tuple[Selection, ...]
    programs: tuple[Program, ...]
    results: tuple[Result, ...]
    features: Features
    names: tuple[int, ...]  # of each field the words of the question, as bits, that its name says


def candidates(question: Question, view: View) -> Candidates | None:
    """The programs that have a result; None where there are none."""
    import numpy as np

    found = conditions(question, view)
    chosen = selections(view, found, question.each)
    made = [(program, result) for program in programs(question, view, chosen) if (result := run(program, view, chosen))]
    if not made:
        return None
    names, nearness = said_by(question, view, found)
    fields = features_of_fields(question, view, names, nearness, found)
    shape = _Shape(question, view, chosen, names)
    return Candidates(
        view,
        tuple(chosen),
        tuple(program for program, _ in made),
        tuple(result for _, result in made),
        Features(
            np.array(_of_selections(question, view, chosen), np.float32),
            np.array([*fields, [0.0] * OF_FIELD], np.float32),
            np.array([shape.of(program, result) for program, result in made], np.float32),
            np.array([(NUMBER[one.operation], one.selection, one.field, one.by) for one, _ in made], np.int16),
        ),
        tuple(names),
    )


def _of_selections(question: Question, view: View, chosen: Sequence[Selection]) -> list[list[float]]:
    best = max((_worth(one) for one in chosen), default=0.0)
    titled = said_by_title(question, view)
    return [_of_selection(question, view, one, place, best, titled) for place, one in enumerate(chosen)]


def _worth(one: Selection) -> float:
    """Words that it accounts for, by how much of their cells they are."""
    return sum(condition.span.bit_count() * condition.cover for condition in one.conditions)


def _of_selection(question: Question, view: View, one: Selection, place: int, best: float, titled: int) -> list[float]:
    size, found = one.records.bit_count(), one.conditions
    content = max((question.content & (one.span | ~titled)).bit_count(), 1)
    covers = [condition.cover for condition in found] or [1.0]
    named = [_share(question, view, condition) for condition in found if condition.field >= 0] or [0.0]
    runs = [_run_of(condition.span) for condition in found] or [0]
    return [
        *(float(one.form == form) for form in ("all", "one", "both", "either")),
        sum(covers) / len(covers),
        min(covers),
        (one.span & question.content).bit_count() / content,
        one.span.bit_count() / 8,
        math.log1p(size) / 4,
        float(size == 1),
        size / max(view.records, 1),
        max(named),
        place / 40,
        (best - _worth(one)) / 4,
        min(runs) / 6,
        len(found) / 3,
        *(float(any(condition.form == form for condition in found)) for form in FORMS),
    ]


def _run_of(bits: int) -> int:
    """The longest run of set bits."""
    length = 0
    while bits:
        bits &= bits << 1
        length += 1
    return length


def _share(question: Question, view: View, condition: Condition) -> float:
    """How much of the condition's field name the question says beside the condition's own words."""
    stems = view.field_stems[condition.field]
    apart = question.said_by(stems) & ~condition.span
    return min(apart.bit_count() / max(len(set(stems)), 1), 1.0)


def said_by_title(question: Question, view: View) -> int:
    """The words of the question, as bits, that stand over the table: they tell it from others, not what is in it."""
    return question.said_by(keys_of(view.title))


class _Shape:
    """Features of whole programs over one view."""

    def __init__(self, question: Question, view: View, chosen: Sequence[Selection], names: Sequence[int]) -> None:
        self.question, self.view, self.chosen, self.names = question, view, chosen, names
        self.spans = [one.span for one in chosen]
        self.own = [{condition.field for condition in one.conditions} for one in chosen]
        self.asked = set(question.keys)
        self.titled = said_by_title(question, view)
        self.texts: dict[tuple[int, int], list[float]] = {}

    def of(self, program: Program, result: Result) -> list[float]:
        span, own = self.spans[program.selection], self.own[program.selection]
        field, by = program.field, program.by
        of_field = self.names[field] if field >= 0 else 0
        of_by = self.names[by] if by >= 0 else 0
        content, said = self.question.content, span | of_field | of_by
        covered, count = (said & content).bit_count(), max((content & (said | ~self.titled)).bit_count(), 1)
        return [
            float(field in own),
            float(by in own),
            float(field == by),
            covered / count,
            (count - covered) / 10,
            (of_field & ~span & content).bit_count() / 3,
            (of_by & ~span & ~of_field & content).bit_count() / 3,
            float(bool(of_field & span)),
            float(self.view.turned),
            float(program.rank > 1),
            float(program.rank > 1 and program.operation in ON_PAIRS),
            len(self.view.names) / 20,
            math.log1p(self.view.records) / 5,
            *self._of_result(result),
        ]

    def _of_result(self, result: Result) -> list[float]:
        total = float(any(self.view.totals >> record & 1 for _, record in result.read))
        if result.number is not None:
            number = result.number
            return [1.0, float(number == 0), float(number < 0), float(number == 1), 0.0, 0.0, 0.0, total, 0.0]
        texts = {self.view.texts[field][record]: (field, record) for field, record in result.read}
        said, time, number = self._of_text(next(iter(texts.values())))
        many = float(len(texts) > 1), float(len(texts) > 3)
        return [0.0, said, time, number, *many, float(len(result.read) > len(texts)), total, float(bool(result.ranked))]

    def _of_text(self, place: tuple[int, int]) -> list[float]:
        """Whether the question says the cell itself, and what the cell holds."""
        if place not in self.texts:
            text = self.view.texts[place[0]][place[1]]
            kind = value_of(text).kind
            said = float(all(key in self.asked for key in keys_of(text)))
            self.texts[place] = [said, float(kind == "time"), float(kind == "number")]
        return self.texts[place]
