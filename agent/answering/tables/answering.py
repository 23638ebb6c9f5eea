"""The answer of a question over some tables: the likeliest program of each, the likeliest table of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Computed:
    """`values` are the short answers as shown ("22,448 km"), `working` how they came about ("142,984 - 120,536 = 22,448
    km", "" for a look-up), `cells` what it rests on in the working's order, `probability` the calibrated chance 0..1
    that it is right, `reading` what an ambiguous header or unit was taken for, "" where there was no choice. `covered`
    is the share of the question's words that its reading accounts for, 0..1, `accounts` are these words, in small
    letters: "coldest" by a column of temperatures, "20" by a comparison with it."""

    values: tuple[str, ...]
    working: str
    cells: tuple[Cell, ...]
    operation: str
    probability: float
    reading: str
    covered: float = 0.0
    accounts: frozenset[str] = frozenset()


def answer(question: str, tables: Sequence[Element], sentences: Sequence[str] = ()) -> Computed | None:
    """The likeliest answer over `tables`; None if no table can be read as answering. `sentences` stand beside the
    tables: they may state the scale of the numbers."""
    asked, near = read(question), "\n".join(sentences)
    read_as = [_views(asked, element, place, near) for place, element in enumerate(tables[:MOST_TABLES])]
    best = _best(asked, read_as)
    if best is None or best.probability < SURE:
        upright = [views[0] for views in read_as if views]
        together = _best(asked, [[view] for view in joined_views(asked, upright)])
        if together and len({cell.table for cell in together.cells}) > 1:
            best = max(filter(None, (best, together)), key=lambda one: one.probability)
    return best


def _views(question: Question, element: Element, table: int, near: str) -> list[View]:
    return list(views_of(element, table, near, nearest(element.rows, question)))


def _best(question: Question, read_as: Iterable[Sequence[View]]) -> Computed | None:
    """The likeliest answer of all tables, each given by its views; the likelier the more tables give it."""
    ranker, found = load(), list[Computed]()
    for views in read_as:
        if programs := _programs(question, views):
            chosen = choose(programs, [ranker.scores(question, one.features) for one in programs])
            probability = ranker.probability(evidence_of(question, programs[chosen.best[0]], chosen))
            if probability >= LEAST:
                found.append(_computed(question, programs, chosen, probability))
    doubt = {one.values: 1.0 for one in found}
    for one in found:
        doubt[one.values] *= 1 - one.probability
    return min(found, key=lambda one: (doubt[one.values], -one.probability), default=None)


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
