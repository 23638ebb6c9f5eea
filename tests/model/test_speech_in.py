"""A question that is spoken is heard by a real Whisper model and answered, with nothing from the net."""

import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from agent_corpus import agent_over
from listening import speaking
from talks import opened, serving
from web import CHROMIUM

from agent.converting.service import ConverterService
from common.errors import UserError
from generators.audio import whisper_weights
from generators.audio.speech import Speech
from generators.audio.transcript_whisper import WhisperTranscript
from generators.audio.wav import wav_of_samples
from generators.core.base import CannotConvert, Medium

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]  # seconds, on a busy machine
needs_speech = pytest.mark.skipif(find_spec("espeakng_loader") is None, reason="the extra speech is not installed")


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    try:
        WhisperTranscript().check()
    except UserError as error:
        pytest.skip(f"{error} Or run make test-model.")


@pytest.fixture(scope="module")
def spoken() -> bytes:
    return Speech().convert(Medium.of_text("What is the mean temperature of Venus?")).data


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> NoReturn:
        raise AssertionError("it reached for the net")

    monkeypatch.setattr(socket.socket, "connect", refused)


@needs_speech
def test_a_spoken_question_is_heard_and_answered_offline(spoken: bytes, tmp_path: Path, offline: None) -> None:
    recording = tmp_path / "question.wav"
    recording.write_bytes(spoken)
    with agent_over(tmp_path / "asked") as agent:
        assert isinstance(agent._parts.converters, ConverterService)
        answer = agent.ask("", audio=[recording], conversation="spoken")
        assert "mean temperature" in agent.history("spoken")[0].question
    assert "464" in answer.text
    assert not answer.notices


@needs_speech
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}")
def test_a_question_spoken_to_the_page_is_written_in_its_box(spoken: bytes, tmp_path: Path) -> None:
    recording = tmp_path / "question.wav"
    recording.write_bytes(spoken)
    with serving(tmp_path / "served") as (_, address), speaking(recording) as visitor:
        page = opened(visitor, address)
        page.get_by_role("button", name="Record").click()
        page.locator("#microphone time", has_text="0:05").wait_for()  # all of it, whenever it began
        page.get_by_role("button", name="Stop", exact=True).click()
        page.wait_for_function("document.querySelector('#ask textarea').value.includes('mean temperature')")


@needs_speech
@pytest.mark.parametrize("weights", whisper_weights.PACKAGED, ids=lambda one: one.name)
def test_each_of_the_models_hears(weights: Any, spoken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    if not weights.is_there:
        pytest.skip(f"{weights.name} is not installed")
    monkeypatch.setattr(whisper_weights, "PACKAGED", (weights,))
    made = WhisperTranscript().convert(Medium("audio", data=spoken))
    heard = made.text.lower().split()
    assert len({"what", "mean", "temperature", "venus?"} & set(heard)) >= 3
    assert made.facts["model"] == weights.name


@pytest.mark.parametrize("loudness", [0.0, 0.01])
def test_no_words_are_made_up_for_silence_and_noise(loudness: float) -> None:
    silence = wav_of_samples(loudness * np.random.default_rng(0).standard_normal(48_000), 16_000)
    assert WhisperTranscript().convert(Medium("audio", data=silence)).text == ""


def test_a_language_that_it_does_not_know_is_said(spoken: bytes) -> None:
    with pytest.raises(CannotConvert, match="'xx'"):
        WhisperTranscript().convert(Medium("audio", data=spoken), "", {"language": "xx"})
