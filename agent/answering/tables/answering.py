"""The answers of a question over some tables: the likeliest program of each. Cells alone do not tell which table is
meant: that is for whoever knows what stands around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.answering.tables.joining import joined_views
from agent.answering.tables.large import nearest
from agent.answering.tables.parsing.questions import Question, read
from agent.answering.tables.programs import wording
from agent.answering.tables.programs.program import Program
from agent.answering.tables.programs.result import Result
from agent.answering.tables.ranking.features import Candidates, candidates
from agent.answering.tables.ranking.ranker import Answer, choose, evidence_of, load
from agent.answering.tables.values import SCALE_NAMES
from agent.answering.tables.views import Cell, View, views_of
from retrievers.elements import Element

LEAST = 0.2  # probability below which nothing is said
CLOSE = 0.35  # share of the best answer's mass at which another reading is told
SURE = 0.6  # probability of one table from which neither two together nor sentences are tried
MOST_TABLES = 8
MOST_ANSWERS = 3


@dataclass(frozen=True)
class Computed:
    """`values` are the short answers as shown ("22,448 km"), `working` how they came about ("142,984 - 120,536 = 22,448
    km", "" for a look-up), `cells` what it rests on in the working's order, `probability` the calibrated chance 0..1
    that it is right, `reading` what an ambiguous header or unit was taken for, "" where there was no choice. `covered`
    is the share of the question's words that its reading accounts for, 0..1, `accounts` are these words, in small
    letters: "coldest" by a column of temperatures, "20" by a comparison with it. `agreed` is the chance that one of the
    tables which say the same is right."""

    values: tuple[str, ...]
    working: str
    cells: tuple[Cell, ...]
    operation: str
    probability: float
    reading: str
    covered: float = 0.0
    accounts: frozenset[str] = frozenset()
    agreed: float = 0.0


def answers(question: str, tables: Sequence[Element], sentences: Sequence[str] = ()) -> list[Computed]:
    """The likeliest answer of each of `tables` that can be read as answering, the likeliest first; of those that say
    the same the first. `sentences` stand beside the tables: they may state the scale of the numbers."""
    asked, near = read(question), "\n".join(sentences)
    read_as = [_views(asked, element, place, near) for place, element in enumerate(tables[:MOST_TABLES])]
    found = _likeliest(asked, read_as)
    if not found or found[0].probability < SURE:
        upright = [views[0] for views in read_as if views]
        together = _likeliest(asked, [[view] for view in joined_views(asked, upright)])
        both = [one for one in together if len({cell.table for cell in one.cells}) > 1]
        if both and (not found or both[0].probability > found[0].probability):
            found = [both[0], *(one for one in found if one.values != both[0].values)]
    return found[:MOST_ANSWERS]


def answer(question: str, tables: Sequence[Element], sentences: Sequence[str] = ()) -> Computed | None:
    """The likeliest of `answers` by its cells alone; None where there is none."""
    return next(iter(answers(question, tables, sentences)), None)


def _views(question: Question, element: Element, table: int, near: str) -> list[View]:
    return list(views_of(element, table, near, nearest(element.rows, question)))


def _likeliest(question: Question, read_as: Iterable[Sequence[View]]) -> list[Computed]:
    """The likeliest answer of each table, which is given by its views; one is the likelier the more tables give it."""
    ranker, found = load(), list[Computed]()
    for views in read_as:
        if programs := _programs(question, views):
            chosen = choose(programs, [ranker.scores(question, one) for one in programs])
            probability = ranker.probability(evidence_of(question, programs[chosen.best[0]], chosen))
            if probability >= LEAST:
                found.append(_computed(question, programs, chosen, probability))
    doubt = {one.values: 1.0 for one in found}
    for one in found:
        doubt[one.values] *= 1 - one.probability
    kept: dict[tuple[str, ...], Computed] = {}
    for one in sorted(found, key=lambda one: (doubt[one.values], -one.probability)):
        kept.setdefault(one.values, replace(one, agreed=1 - doubt[one.values]))
    return list(kept.values())


def table_candidates(question: Question, element: Element, table: int, near: str = "") -> list[Candidates]:
    """The programs over each view of a table."""
    return _programs(question, _views(question, element, table, near))


def _programs(question: Question, views: Sequence[View]) -> list[Candidates]:
    return [found for view in views if (found := candidates(question, view)) is not None]


def _computed(question: Question, found: Sequence[Candidates], chosen: Answer, probability: float) -> Computed:
    program, result, view = _program(found, chosen.best)
    accounted = _accounted(found[chosen.best[0]], program) & question.content
    return Computed(
        wording.values(program, view, result),
        wording.working(program, view, result),
        tuple(view.cells[field][record] for field, record in dict.fromkeys((*result.read, *result.ranked))),
        program.operation,
        probability,
        "; ".join(filter(None, (_other(found, chosen), _scale(result, view), _part(view)))),
        accounted.bit_count() / max(question.all_content, 1),
        frozenset(word for place, word in enumerate(question.words) if accounted >> place & 1),
    )


def _accounted(found: Candidates, program: Program) -> int:
    """The words of the question, as bits, that a program reads: those of its conditions, and the names of the fields
    that it reads, compares, ranks by, or calls its records by."""
    selection = found.selections[program.selection]
    compared = (one.field for one in selection.conditions)
    used = {program.field, program.by, *compared, *range(found.view.heads)} - {-1}
    said = selection.span
    for place in used:
        said |= found.names[place]
    return said


def _program(found: Sequence[Candidates], at: tuple[int, int]) -> tuple[Program, Result, View]:
    one = found[at[0]]
    return one.programs[at[1]], one.results[at[1]], one.view


def _other(found: Sequence[Candidates], chosen: Answer) -> str:
    """What else could have been meant, where that is nearly as likely and differs by the field alone."""
    if chosen.other is None or chosen.other[0] != chosen.best[0] or chosen.other_share < CLOSE * chosen.share:
        return ""
    one, _, view = _program(found, chosen.best)
    other, result, _ = _program(found, chosen.other)
    if one._replace(field=-1, by=-1) != other._replace(field=-1, by=-1):
        return ""
    field, instead = (one.field, other.field) if one.field != other.field else (one.by, other.by)
    name, rival = view.names[field], view.names[instead]
    meant = ", ".join(wording.values(other, view, result))
    return f'read as "{name}"; by "{rival}" it would be {meant}' if name and rival else ""


def _scale(result: Result, view: View) -> str:
    values = [(place, view.values(place[0])[place[1]]) for place in result.read]
    scaled = any(value.kind == "number" and wording.scale_word(view, place, value) for place, value in values)
    return f"the table's numbers are in {SCALE_NAMES[view.scale]}s" if scaled else ""


def _part(view: View) -> str:
    return (
        f"read were the {view.records} rows of {view.whole} that share most words with the question"
        if view.whole
        else ""
    )
