"""Questions as they are trained on: the features of all their programs, and which of them give the gold answer."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.answering.tables.answering import table_candidates
from agent.answering.tables.parsing.questions import read
from agent.answering.tables.ranking import meaning
from agent.answering.tables.ranking.features import Candidates, Features
from agent.answering.tables.ranking.phrases import phrases
from agent.answering.tables.views import views_of
from evals.tables.questions import TableQuestion, is_gold
from retrievers.elements import Element

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Example:
    """`views` are the features over each view of the table, in half precision; `right` [N] over all of them says which
    programs give the gold answer. `phrases` are ids of the question's words."""

    asked: TableQuestion
    phrases: tuple[int, ...]
    views: tuple[Features, ...]
    right: "NDArray[np.bool_]"


def examples(asked: Iterable[TableQuestion]) -> Iterator[Example]:
    """Those with at least one program that gives the gold answer."""
    import numpy as np

    asked = list(asked)
    tables = {id(one.table): one.table for one in asked}.values()
    meaning.remember(name or "-" for table in tables for view in views_of(table, 0) for name in view.names)
    meaning.remember(word for one in asked for word in read(one.question).words if word.isalpha())
    for one in asked:
        found = table_candidates(read(one.question), one.table, 0, one.beside)
        right = np.concatenate([gold_of(one, view) for view in found]) if found else np.zeros(0, bool)
        if right.any():
            views = tuple(_halved(view.features) for view in found)
            yield Example(one, tuple(phrases(read(one.question), found[0].view.title)), views, right)


def gold_of(asked: TableQuestion, found: Candidates) -> "NDArray[np.bool_]":
    """Which programs give the gold answer [N]."""
    import numpy as np

    rounded = asked.kind == "arithmetic"
    return np.array([is_gold(result, found.view, asked.gold, rounded) for result in found.results])


def _halved(of: Features) -> Features:
    import numpy as np

    return Features(
        of.of_selections.astype(np.float16),
        of.of_fields.astype(np.float16),
        of.of_programs.astype(np.float16),
        of.places,
    )


def foreign(asked: Sequence[TableQuestion], seed: int) -> Iterator[TableQuestion]:
    """Each question over another's table: nothing in it answers."""
    tables = random.Random(seed).sample([one.table for one in asked], len(asked))
    for one, table in zip(asked, tables, strict=True):
        if table.document != one.table.document:
            yield replace(one, table=table, gold=())


def without_column(asked: Sequence[TableQuestion], seed: int) -> Iterator[TableQuestion]:
    """Each question over its table without a column that its answer stands in: what is left does not answer it."""
    chance = random.Random(seed)
    for one in asked:
        holds = [{row[column] for row in one.table.rows[1:]} for column in range(len(one.table.rows[0]))]
        places = [place for place, cells in enumerate(holds) if set(one.gold) <= cells]
        if one.kind == "wtq" and len(places) == 1 and len(holds) > 2 and not one.gold[0].isdigit():
            gone = chance.choice(places)
            rows = tuple((*row[:gone], *row[gone + 1 :]) for row in one.table.rows)
            yield replace(one, table=_with_rows(one.table, rows), gold=())


def _with_rows(table: Element, rows: tuple[tuple[str, ...], ...]) -> Element:
    return replace(table, rows=rows)
