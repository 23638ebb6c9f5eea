"""Conversations as things: named, listed, searched, pinned, deleted; a turn is there from the moment it is asked."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGenerationChunk
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agent import Agent, Answer, Token, memory
from agent.conversations.store import Conversations
from agent.memory import Turn
from agent.models.replies.bounds import left
from agent.testing import ScriptedModel
from common.errors import UserError

VENUS = "What is the mean temperature of Venus?"
PUMP = "How much does the pump weigh?"


@pytest.fixture(params=["file", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Conversations]:
    url = request.getfixturevalue("database") if request.param == "postgres" else ""
    store = Conversations(tmp_path / "conversations.sqlite", url)
    yield store
    store.close()


def asked(store: Conversations, name: str, *questions: str, owner: str = "") -> list[int]:
    return [store.begin(name, question, "test", owner=owner) for question in questions]


def names(store: Conversations, **wanted: str) -> list[str]:
    return [conversation.name for conversation in store.newest(**wanted)]


def test_the_newest_comes_first_and_a_pinned_one_before_it(store: Conversations) -> None:
    for name in ("one", "two", "three"):
        asked(store, name, PUMP)
    asked(store, "one", "And again?")
    assert names(store) == ["one", "three", "two"]
    store.pin("two")
    assert names(store) == ["two", "one", "three"]
    store.pin("two", False)
    assert names(store) == ["one", "three", "two"]


def test_the_first_question_is_the_title_until_it_is_renamed(store: Conversations) -> None:
    asked(store, "c", "What  does\nthe pump weigh?", "And the valve?")
    asked(store, "long", "word " * 50)
    store.begin("files", "", "test", [Path("/tmp/a.pdf"), Path("/tmp/b.png")])
    titles = {one.name: one.title for one in store.newest()}
    assert titles["c"] == "What does the pump weigh?"
    assert titles["files"] == "a.pdf, b.png"
    assert len(titles["long"]) <= 81 and titles["long"].endswith("word…")
    store.rename("c", " Pumps ")
    found = store.get("c")
    assert found is not None and found.title == "Pumps"
    with pytest.raises(UserError, match="needs a title"):
        store.rename("c", "  ")


def test_words_are_found_in_titles_questions_and_answers(store: Conversations) -> None:
    (turn,) = asked(store, "c", "What does it weigh?")
    store.answered(turn, Turn("What does it weigh?", "", Answer("The PUMP weighs 38 kg in Köln.")))
    asked(store, "d", "Is 100% of it true?")
    assert names(store, search="pump") == ["c"] == names(store, search="KÖLN") == names(store, search="WHAT  does")
    assert names(store, search="100%") == ["d"]
    assert names(store, search="%") == ["d"] and names(store, search="'") == []


def test_each_owner_lists_their_own(store: Conversations) -> None:
    asked(store, "a", PUMP, owner="ada")
    asked(store, "b", PUMP, owner="bob")
    asked(store, "a", "Who else asks here?", owner="bob")
    assert names(store, owner="ada") == ["a"]
    assert names(store, owner="bob") == ["b"]
    assert names(store, owner="") == []


def test_what_is_deleted_stands_nowhere_in_the_file(agent: Agent) -> None:
    agent.ask("What does the pump weigh, xylophone?", conversation="gone")
    agent.ask(VENUS, conversation="kept")
    file = agent.settings.data_dir / "conversations.sqlite"
    assert b"xylophone" in file.read_bytes()
    agent.conversations.delete("gone")
    assert agent.conversations.get("gone") is None and agent.history("gone") == []
    assert b"xylophone" not in file.read_bytes()
    assert [turn.question for turn in agent.history("kept")] == [VENUS]
    agent.conversations.delete("never held")


def test_a_turn_is_there_while_it_is_asked_and_says_how_it_ended(agent: Agent) -> None:
    events = agent.stream(PUMP, conversation="life")
    next(events)
    (turn,) = agent.conversations.turns("life")
    assert (turn.status, turn.question, turn.corpus, turn.said) == ("asked", PUMP, "test", None)
    list(events)
    (turn,) = agent.conversations.turns("life")
    assert turn.status == "answered" and turn.said is not None and "38 kg" in turn.said.answer.text


def test_a_failed_question_is_kept_with_its_reason(agent: Agent) -> None:
    with pytest.raises(UserError):
        agent.ask(PUMP, corpus="nowhere", conversation="failing")
    (turn,) = agent.conversations.turns("failing")
    assert turn.status == "failed" and "nowhere" in turn.problem
    assert agent.history("failing") == []


def test_a_stopped_answer_keeps_what_was_written(tmp_path: Path) -> None:
    with agent_over(tmp_path) as agent:
        agent._parts.__dict__["model"] = ScriptedModel(script=[AIMessage("The pump weighs 38 kg [1]. " * 200)] * 2)
        agent._parts.__dict__["router"] = agent._parts.switch
        events = agent.stream(PUMP, conversation="stopped")
        written = ""
        for event in events:
            written += getattr(event, "text", "")
            if "38" in written:
                break
        events.close()
        for running in list(agent._running):
            running.wait(30)
        stopped(agent)
        (turn,) = agent.conversations.turns("stopped")
        assert turn.partial.startswith("The pump weighs 38")


class WritesOn(ScriptedModel):
    """Once it has said something, only when nobody listens any more."""

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for place, chunk in enumerate(super()._stream(*args, **kwargs)):
            if place == 30:
                left.get().wait(60)
            yield chunk


def test_an_answer_stopped_in_the_middle_of_the_models_words_is_no_failure(tmp_path: Path) -> None:
    with agent_over(tmp_path) as agent:
        agent._parts.__dict__["model"] = WritesOn(script=[AIMessage("The pump weighs 38 kg [1]. " * 200)] * 2)
        agent._parts.__dict__["router"] = agent._parts.switch
        events = agent.stream(PUMP, conversation="stopped")
        assert any(isinstance(event, Token) for event in events)
        events.close()
        stopped(agent)
        (turn,) = agent.conversations.turns("stopped")
        assert (turn.status, turn.problem) == ("stopped", "")
        assert turn.partial.startswith("The pump weighs 38")


def stopped(agent: Agent) -> None:
    import time

    while agent.conversations.turns("stopped")[0].status == "asked":
        time.sleep(0.01)


def test_two_at_once_lose_nothing(agent: Agent) -> None:
    """Each began before the other was answered."""
    one, other = agent.stream(PUMP, conversation="both"), agent.stream(VENUS, conversation="both")
    next(one)
    next(other)
    list(other)
    list(one)
    assert [turn.question for turn in agent.history("both")] == [PUMP, VENUS]


def test_a_turn_can_be_asked_again_and_the_rest_cut_off(agent: Agent) -> None:
    for question in (PUMP, VENUS, "And its day?"):
        agent.ask(question, conversation="again")
    first, second, third = agent.conversations.turns("again")
    agent.conversations.begin("again", "How many moons has Mars?", "test", id=second.id)
    assert [turn.id for turn in agent.conversations.turns("again")] == [first.id, second.id, third.id]
    assert [turn.question for turn in agent.history("again")] == [PUMP, "And its day?"]
    list(agent.stream("How many moons has Mars?", conversation="again", turn=second.id))
    assert [turn.question for turn in agent.history("again")][1] == "How many moons has Mars?"
    agent.conversations.cut("again", second.id)
    assert [turn.question for turn in agent.history("again")] == [PUMP]


def test_conversations_of_earlier_versions_are_taken_over(tmp_path: Path) -> None:
    """They were checkpoints of LangGraph: several of each, the newest whole."""
    file = sqlite3.connect(tmp_path / "conversations.sqlite")
    file.execute(
        "CREATE TABLE checkpoints (thread_id TEXT, checkpoint_ns TEXT, checkpoint_id TEXT, parent_checkpoint_id TEXT,"
        " type TEXT, checkpoint BLOB, metadata BLOB)"
    )
    file.execute("CREATE TABLE writes (thread_id TEXT)")
    records = [memory.dump(Turn(question, "", Answer("38 kg")), tmp_path) for question in (PUMP, VENUS)]
    for name, place, turns in (("old", "01", records[:1]), ("older", "02", records[1:]), ("old", "03", records)):
        kind, blob = JsonPlusSerializer().dumps_typed({"channel_values": {"turns": turns}})
        file.execute("INSERT INTO checkpoints VALUES (?, '', ?, NULL, ?, ?, NULL)", (name, place, kind, blob))
    file.commit()
    file.close()
    for _ in range(2):
        store = Conversations(tmp_path / "conversations.sqlite")
        assert [turn.question for turn in store.said("old")] == [PUMP, VENUS]
        assert names(store) == ["old", "older"]
        store.close()
