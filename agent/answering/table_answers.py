"""Which rows of a table answer a question, and how they are shown."""

import re
from collections.abc import Sequence
from typing import Any

from agent.answering.passages import Scored, label
from retrievers.elements import Rows
from retrievers.table_forms import markdown

MAX_ROWS = 6
MAX_HEADER = 4  # rows in which a header may be spread
NEAR_BEST = 0.88  # a further row scores at least this share of the best one
MAX_WHOLE = 30  # rows, when the table itself was asked for
_MOST = re.compile(
    r"\b(?:most|largest|biggest|highest|longest|hottest|fastest|heaviest|greatest|maximum|oldest|farthest)\b", re.I
)
_LEAST = re.compile(
    r"\b(?:least|fewest|smallest|lowest|shortest|coldest|slowest|lightest|minimum|youngest|nearest|closest)\b", re.I
)
_NUMBER = re.compile(r"[-−–]?\d[\d,]*(?:\.\d+)?")


def rows_that_answer(question: str, scored: Sequence[Scored], lexical: Any, *, whole: bool) -> list[Scored]:
    """Rows of the best row's table: all of them when the table was asked for; else those whose label the question
    names, if they fit nearly as well; else the best row alone."""
    table = scored[0].passage.element
    rows = [one for one in scored if one.passage.form == "row" and one.passage.element.id == table.id]
    if whole:
        return sorted(rows, key=lambda one: one.passage.row)[:MAX_WHOLE]
    near = [one for one in rows if one.score >= NEAR_BEST * rows[0].score]
    named = [one for one in near if lexical.shared_terms(question, label(table.rows[one.passage.row]))]
    most = max((len(_named(question, one, lexical)) for one in named), default=0)
    return [one for one in named if len(_named(question, one, lexical)) == most][:MAX_ROWS] or rows[:1]


def extreme(question: str, scored: Sequence[Scored], lexical: Any) -> Scored | None:
    """The row with the largest (smallest) value in the column that a superlative asks for: "which planet has the most
    moons?". None when there is no superlative, no such column, or the best passage states the superlative itself."""
    most, least = _MOST.search(question), _LEAST.search(question)
    word = most or least
    if not word or word[0].lower() in scored[0].passage.text.lower():
        return None

    def stems(text: str) -> set[int]:
        return set(lexical.embed_query(text).indices)

    for table in dict.fromkeys(one.passage.element for one in scored if one.passage.form == "row"):
        column = _column(question, table.rows, stems)
        rows = [one for one in scored if one.passage.element.id == table.id and one.passage.row]
        values = {one.passage.row: number(table.rows[one.passage.row][column]) for one in rows} if column else {}
        known = [one for one in rows if values.get(one.passage.row) is not None]
        if known:
            return max(known, key=lambda one: (1 if most else -1) * (values[one.passage.row] or 0.0))
    return None


def _named(question: str, one: Scored, lexical: Any) -> tuple[str, ...]:
    terms: tuple[str, ...] = lexical.shared_terms(question, label(one.passage.element.rows[one.passage.row]))
    return terms


def _column(question: str, cells: Rows, stems: Any) -> int:
    """The column whose header shares most words with the question; 0 when none does."""
    shared = [len(stems(question) & stems(name)) for name in cells[0]]
    best = max(range(len(shared)), key=lambda place: shared[place] if place else 0)
    return best if shared[best] else 0


def number(cell: str) -> float | None:
    match = _NUMBER.search(cell)
    return float(match[0].replace(",", "").replace("−", "-").replace("–", "-")) if match else None


def excerpt(rows: Rows, places: Sequence[int]) -> str:
    """Header, units when they stand in a row of their own, and the rows at `places`, as a Markdown table."""
    units = [place for place, row in enumerate(rows[:MAX_HEADER]) if not row[0] and any(c[:1] == "(" for c in row)]
    return markdown((rows[0], *(rows[place] for place in sorted({*places, *units} - {0}))))
