"""Which rows of a table answer a question, and how they are shown."""

import re
from collections.abc import Sequence
from typing import Any

from agent.models.passages import Scored
from retrievers.elements import Rows

MAX_ROWS = 6
MAX_WHOLE = 30  # rows, when the table itself was asked for
_MOST = re.compile(r"\b(?:most|largest|biggest|highest|longest|hottest|fastest|heaviest|greatest|maximum|oldest|farthest|top)\b", re.I)  # fmt: skip
_LEAST = re.compile(r"\b(?:least|fewest|smallest|lowest|shortest|coldest|slowest|lightest|minimum|youngest|nearest|closest)\b", re.I)  # fmt: skip
_NUMBER = re.compile(r"[-−–]?\d[\d,]*(?:\.\d+)?")


def rows_that_answer(question: str, scored: Sequence[Scored], lexical: Any, *, whole: bool) -> list[Scored]:
    """Rows of the best row's table: all of them when the table was asked for; those whose label the question names;
    the extreme of the column it names ("which planet has the most moons?"); else the best row alone."""
    table = scored[0].passage.element.id
    rows = [one for one in scored if one.passage.form == "row" and one.passage.element.id == table]
    if whole:
        return sorted(rows, key=lambda one: one.passage.row)[:MAX_WHOLE]

    def stems(text: str) -> set[int]:
        return set(lexical.embed_query(text).indices)

    cells = scored[0].passage.element.rows
    asked = stems(question) - stems(" ".join(cells[0]))
    named = [one for one in rows if asked & stems(cells[one.passage.row][0])]
    if named:
        most = max(len(asked & stems(cells[one.passage.row][0])) for one in named)
        return [one for one in named if len(asked & stems(cells[one.passage.row][0])) == most][:MAX_ROWS]
    sign = 1 if _MOST.search(question) else -1 if _LEAST.search(question) else 0
    column = _column(question, cells, stems)
    values = {one.passage.row: number(cells[one.passage.row][column]) for one in rows} if sign and column else {}
    known = [one for one in rows if values.get(one.passage.row) is not None]
    if known:
        return [max(known, key=lambda one: sign * (values[one.passage.row] or 0.0))]
    return rows[:1]


def _column(question: str, cells: Rows, stems: Any) -> int:
    """The column whose header shares most words with the question; 0 when none does."""
    shared = [len(stems(question) & stems(name)) for name in cells[0]]
    best = max(range(len(shared)), key=lambda place: shared[place] if place else 0)
    return best if shared[best] else 0


def number(cell: str) -> float | None:
    match = _NUMBER.search(cell)
    return float(match[0].replace(",", "").replace("−", "-").replace("–", "-")) if match else None


def markdown(rows: Rows, places: Sequence[int]) -> str:
    """Header and the rows at `places` as a Markdown table."""
    lines = [rows[0], tuple("---" for _ in rows[0]), *(rows[place] for place in places)]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )
