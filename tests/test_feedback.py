"""What people say of answers: kept with the answer, forgotten with the conversation, read by the evaluations."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over
from command import run_here

from agent import Agent
from agent.conversations.store import Conversations
from common.errors import UserError
from evals.datasets.questions import read_questions

PUMP = "How much does the pump weigh?"
MOONS = "How many moons has Saturn?"


def asked(agent: Agent, name: str, *questions: str, **options: Any) -> list[int]:
    for question in questions:
        agent.ask(question, conversation=name, **options)
    return [turn.id for turn in agent.conversations.turns(name)]


def given(agent: Agent, name: str) -> list[tuple[bool, str] | None]:
    turns = agent.conversations.turns(name)
    return [(turn.feedback.good, turn.feedback.word) if turn.feedback else None for turn in turns]


def test_it_is_kept_changed_and_taken_back(agent: Agent) -> None:
    first, second = asked(agent, "kept", PUMP, MOONS)
    agent.conversations.rate(first, True)
    agent.conversations.rate(second, False, "  Titan\nis one of them ")
    assert given(agent, "kept") == [(True, ""), (False, "Titan is one of them")]
    agent.conversations.rate(first, False, "It weighs more")
    agent.conversations.rate(second, None)
    assert given(agent, "kept") == [(False, "It weighs more"), None]


def test_only_an_answer_can_be_rated(agent: Agent) -> None:
    waiting = agent.conversations.begin("open", PUMP, "test")
    for turn in (waiting, 99_999):
        with pytest.raises(UserError, match="no answer here"):
            agent.conversations.rate(turn, True)


def test_another_answer_to_the_same_question_begins_without_it(agent: Agent) -> None:
    (turn,) = asked(agent, "again", PUMP)
    agent.conversations.rate(turn, False, "too short")
    agent.conversations.begin("again", PUMP, "test", id=turn)
    list(agent.stream(PUMP, conversation="again", turn=turn))
    assert given(agent, "again") == [None]
    assert "too short" in [one.word for one in agent.conversations.feedback()], "what was said of the first is no lie"


def test_it_is_deleted_with_its_conversation(agent: Agent) -> None:
    (turn,) = asked(agent, "gone", PUMP)
    agent.conversations.rate(turn, True, "zymurgical")
    file = agent.settings.data_dir / "conversations.sqlite"
    assert b"zymurgical" in file.read_bytes()
    agent.conversations.delete("gone")
    assert b"zymurgical" not in file.read_bytes()


def test_documents_that_alone_were_asked_are_kept(agent: Agent) -> None:
    asked(agent, "only", PUMP, documents=["pump.txt"])
    assert [turn.documents for turn in agent.conversations.turns("only")] == [("pump.txt",)]


def test_a_file_of_an_earlier_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    store = Conversations(path)
    store.begin("old", PUMP, "test")
    store.close()
    with sqlite3.connect(path) as file:
        file.executescript("ALTER TABLE turn DROP COLUMN documents; DROP TABLE feedback;")
    file.close()
    store = Conversations(path)
    store.begin("old", MOONS, "test", documents=["a.md"])
    assert [turn.documents for turn in store.turns("old")] == [(), ("a.md",)]
    assert store.feedback() == []
    store.close()


def test_what_is_exported_is_read_by_the_evaluations(tmp_path: Path) -> None:
    """A follow-up stands alone; what was refused rightly is not answerable; what was bad has no known evidence."""
    with agent_over(tmp_path) as agent:
        pump, moons, jupiter, king = asked(agent, "c", PUMP, MOONS, "And Jupiter?", "Who is the king of Denmark?")
        for turn, good in ((pump, True), (moons, False), (jupiter, True), (king, True)):
            agent.conversations.rate(turn, good, "" if good else "146 of how many?")
    where = ["--data-dir", tmp_path / "data"]
    out = tmp_path / "feedback.jsonl"
    done = run_here(["feedback", "export", "--out", out, *where])
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 of 4 exported.\n", "")
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert records[1]["question"] == MOONS and records[1]["word"] == "146 of how many?" and not records[1]["good"]
    assert "146" in records[1]["said"] and records[1]["cited"] == ["moons.md, page 1"]
    questions = read_questions([out], ["planets.md", "moons.md", "pump.txt"])
    assert [question.pages for question in questions] == [
        {("pump.txt", 1)},
        frozenset(),
        {("moons.md", 1)},
        frozenset(),
    ]
    assert [question.answerable for question in questions] == [True, True, True, False]
    assert "38" in questions[0].answer and "moons" in questions[2].text and "95" in questions[2].answer
    good = run_here(["feedback", "export", "--only", "good", "--corpus", "test", *where])
    assert good.stdout.count("\n") == 3
    assert not run_here(["feedback", "export", "--corpus", "other", *where]).stdout
    for measured in ("answers", "retrieval"):
        done = run_here(["eval", measured, out, "--corpus", "test", "--json", *where])
        assert done.returncode == 0, done.stderr
