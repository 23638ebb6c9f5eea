"""Plain questions, asked as people ask them, and whether they are answered right.

Right: the short answer in bold, or, where an answer has none, all of its text, holds the value and no rival of it; and
it cites a region. What is not in the documents must be refused.
"""

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from agent import Agent, Answer
from evals.datasets.gold import Text, gold_of, uncited

NOT_THERE = ()
Values = tuple[str | tuple[str, ...], ...]  # any of them, or all of one that is several; none: to be refused
Row = tuple[str, Values, tuple[str, ...]]  # question, right values, values of rivals that the answer must not hold


def asked(rows: Sequence[Row], wrong: Collection[str]) -> list[Any]:
    """As parameters of a test. Those of `wrong` are strict: whoever mends one takes it off the list."""
    mark = pytest.mark.xfail(reason="not answered right yet", strict=True)
    return [pytest.param(*row, id=row[0], marks=[mark] * (row[0] in wrong)) for row in rows]


def check(agent: Agent, question: str, right: Values, rivals: tuple[str, ...]) -> None:
    answer = agent.ask(question)
    if not right:
        assert not answer.found, answer.text
        return
    said = uncited(answer.text)
    text = Text.of(Answer(said).short or said)
    assert answer.found, answer.text
    assert any(all(_holds(text, one) for one in _several(value)) for value in right), answer.text
    assert not [rival for rival in rivals if _holds(text, rival)], answer.text
    assert answer.citations


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _holds(text: Text, value: str) -> bool:
    gold = gold_of(value)
    return gold is not None and gold.held(text)
