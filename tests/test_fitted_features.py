"""Weights are fitted to features: those of today are those of then.

A fault in a feature seldom turns the answer of a test over, and makes every answer a little worse. So the features of
fixed questions stand beside this file. Who changes one on purpose fits the weights anew (`triptych fit`), and then
writes them by `python tests/test_fitted_features.py`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from test_followup import FOLLOW_UPS
from test_table_programs import ACCOUNTS, PEAKS, element

from agent.answering.tables.answering import table_candidates
from agent.answering.tables.parsing.questions import read
from agent.answering.tables.ranking import ranker
from agent.answering.tables.ranking.phrases import phrases
from agent.routers.followup import Said, need, rewriting
from agent.routers.followup.parsing.grammar import grammar_of

KEPT = Path(__file__).with_suffix(".json")
NEAR = 0.02  # some are likenesses, which bfloat16 rounds
SAID = (
    Said("Which trains stop at Kell?", "The Comet, the Arrow and the Swift."),
    Said("Who designed the upper dam?", "**Greta Lund** [1]"),
    Said("How high are the upper and the lower dam?", "**84 m and 31 m**, says the report of 2019 [1]."),
)
TALKS = [([Said(*before)], question) for before, question, _ in FOLLOW_UPS]
TALKS += [
    (list(SAID), question)
    for question in (
        "When was she born?",
        "Which of them is faster?",
        "And the first one?",
        "What did it cost then?",
        "Is it true that Venus has no moons?",
        "And what is the mass of Venus?",
        "hello",
    )
]
TABLES = {
    "peaks": (
        PEAKS,
        (
            "How high is Corvo?",
            "Which peak is the highest?",
            "Which is the second lowest of the Southern range?",
            "How many peaks of the Northern range are higher than 4,000 m?",
            "When was Arrock first climbed?",
            "Which was climbed first, Belden or Esker?",
            "What is the average height of the Southern peaks?",
            "How much higher is Corvo than Arrock?",
            "Which peaks were climbed before 1900?",
            "Which range has the most peaks?",
            "What is the coldest peak?",
            "Which peak comes after Belden?",
            "Which peak was climbed in May 1901?",
        ),
    ),
    "accounts": (
        ACCOUNTS,
        (
            "What was the income from ferries in 2020?",
            "By how much did gross costs change from 2019 to 2021?",
            "What is the percentage change of total income between 2020 and 2021?",
            "What share of gross costs was fuel in 2021?",
            "What were the total harbour dues of all years?",
            "In which year was profit per share the largest?",
            "What was the ratio of crew to fuel in 2019?",
            "How many of the costs were above 300 in 2021?",
        ),
    ),
}


def features() -> dict[str, dict[str, float]]:
    """By question, then by feature: sums over all that it may mean."""
    told = {f"{question} <- {said[-1].question}": _of_talk(said, question) for said, question in TALKS}
    return told | {question: _of_table(rows, question) for rows, questions in TABLES.values() for question in questions}


def _of_talk(said: list[Said], question: str) -> dict[str, float]:
    grammar = grammar_of(question, said[-1].question)
    assert grammar is not None
    found = rewriting.candidates(question, said, grammar)
    sums: Counter[str] = Counter()
    for one in found:
        sums.update(dict(one.features))
    leaning = {f"need {name}": value for name, value in need.features(question, said, grammar).items()}
    return _rounded({"candidates": len(found), **sums, **leaning})


def _of_table(rows: tuple[tuple[str, ...], ...], question: str) -> dict[str, float]:
    asked = read(question)
    found = table_candidates(asked, element(rows), 0)
    inputs = np.concatenate([ranker.inputs(one.features) for one in found]).mean(axis=0, dtype=np.float64)
    chosen = ranker.choose(found, [ranker.load().scores(asked, one) for one in found])
    evidence = ranker.evidence_of(asked, found[chosen.best[0]], chosen)
    told = {"programs": sum(len(one.programs) for one in found), "phrases": len(phrases(asked))}
    told |= {f"input {place}": value for place, value in enumerate(inputs)}
    return _rounded(told | {f"evidence {place}": value for place, value in enumerate(evidence)})


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in sorted(found.items()) if round(float(value), 4)}


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, float]]:
    read: dict[str, dict[str, float]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return read


def test_features_are_those_that_weights_were_fitted_to(kept: dict[str, dict[str, float]]) -> None:
    today = features()
    assert today.keys() == kept.keys()
    for question, then in kept.items():
        assert today[question] == pytest.approx(then, abs=NEAR, rel=NEAR), question


if __name__ == "__main__":
    lines = (f"{json.dumps(question)}: {json.dumps(found)}" for question, found in features().items())
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
