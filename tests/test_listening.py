"""Recordings that come with a request: written down where something can, and nothing lost where not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_speech
from converter_checks import tone
from listening import SAID
from listening import listening as endpoint

from agent import Agent, ToolFinished, ToolStarted
from agent.converting.service import ConverterService
from common.errors import UserError
from generators.audio import whisper_weights
from ui import chat


@pytest.fixture
def listening(agent: Agent) -> Iterator[Agent]:
    """The agent with an endpoint that writes down speech."""
    before = agent._parts.converters
    with endpoint() as settings:
        agent._parts.__dict__["converters"] = ConverterService(agent._parts.media, settings)
        yield agent
    agent._parts.__dict__["converters"] = before


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "question.wav"
    path.write_bytes(tone(1))
    return path


def test_a_question_that_is_spoken_is_answered_and_remembered(listening, recording):
    events = list(listening.stream("", audio=[recording], conversation="spoken"))
    assert [type(event) for event in events[:2]] == [ToolStarted, ToolFinished]
    assert events[1].summary == SAID
    assert "146" in events[-1].text
    assert listening.history("spoken")[0].question == SAID


def test_what_is_said_joins_what_is_written(listening, recording):
    events = list(listening.stream("Answer the question in this recording.", audio=[recording], conversation="both"))
    (turn,) = listening.history("both")
    assert turn.question == f"Answer the question in this recording.\n\n“{SAID}”"
    assert "146" in events[-1].text


@pytest.fixture
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the weights of an extra are installed."""
    monkeypatch.setattr(whisper_weights, "PACKAGED", ())


def test_without_a_listener_the_cure_is_named(agent, recording, nobody_listens):
    with pytest.raises(UserError, match=r"question.wav could not be written down") as caught:
        agent.ask("", audio=[recording])
    assert "transcript-served" in str(caught.value) or "/v1/audio/transcriptions" in str(caught.value)
    assert "Whisper" in str(caught.value)
    assert 'pip install "triptych[whisper]"' in str(caught.value)


def test_without_a_listener_the_written_question_is_answered_all_the_same(agent, recording, nobody_listens):
    answer = agent.ask(SAID, audio=[recording])
    assert "146" in answer.text
    (notice,) = answer.notices
    assert "question.wav could not be written down" in notice


def test_damaged_sound_is_told_and_the_others_are_heard(listening, recording, tmp_path):
    damaged = tmp_path / "damaged.wav"
    damaged.write_bytes(b"RIFF no sound")
    answer = listening.ask("", audio=[damaged, recording])
    assert "146" in answer.text
    (notice,) = answer.notices
    assert "damaged.wav could not be written down: The sound cannot be read" in notice
    with pytest.raises(UserError, match="cannot be read"):
        listening.ask("", audio=[damaged])
    with pytest.raises(UserError, match="no recording"):
        listening.ask("", audio=[tmp_path / "none.wav"])


def test_a_whisper_model_in_this_process_writes_it_down(agent, recording, tmp_path):
    model = str(tiny_speech.write_whisper(tmp_path / "whisper"))
    before = agent._parts.converters
    agent._parts.__dict__["converters"] = ConverterService(agent._parts.media, {"transcript-hf": {"model": model}})
    try:
        finished = next(event for event in agent.stream("", audio=[recording]) if isinstance(event, ToolFinished))
    finally:
        agent._parts.__dict__["converters"] = before
    assert finished.summary
    assert not finished.error


def test_the_page_hears_a_recording_and_keeps_it_in_sight(listening, recording):
    turn = chat.ChatTurn(0, "", "test", (recording,))
    for _ in chat.ask(listening, turn, ""):
        pass
    assert "146" in turn.answer_html()
    assert "<audio" in turn.asked_html()
    assert listening.library.open("test").documents()  # and it was not read as a document
    assert "question.wav" not in {record.name for record in listening.library.open("test").documents()}
