"""The microphone of the page in Chromium, which records a file in its place: what was said is in the box before it is
asked."""

from pathlib import Path
from typing import Any

import pytest
from converter_checks import tone
from listening import SAID, listening, speaking
from talks import answers, opened, questions, serving
from web import CHROMIUM, violations

from agent.inputs.listening import SILENT
from generators.audio import whisper_weights

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "said.wav"
    path.write_bytes(tone(1))
    return path


def record(page: Any) -> None:
    """A second of it."""
    page.get_by_role("button", name="Record").click()
    page.locator("#microphone time", has_text="0:01").wait_for()
    assert violations(page, "#asking") == []
    page.get_by_role("button", name="Stop", exact=True).click()


def test_what_is_said_is_in_the_box_before_it_is_asked(tmp_path, recording):
    with (
        listening() as converters,
        serving(tmp_path, converters=converters) as (_, address),
        speaking(recording, color_scheme="dark", viewport={"width": 390, "height": 844}) as visitor,
    ):
        page = opened(visitor, address)
        page.fill("#ask textarea", "Tell me: ")
        assert violations(page, "#asking") == []
        record(page)
        page.wait_for_function("said => document.querySelector('#ask textarea').value.endsWith(said)", arg=SAID)
        assert page.input_value("#ask textarea") == f"Tell me: {SAID}"
        assert questions(page) == []
        page.get_by_role("button", name="Record").wait_for()
        page.press("#ask textarea", "Enter")
        answers(page, 1)
        assert "146" in page.locator("#chat .answer").inner_text()
        assert page.locator("#chat audio").count() == 0, "it was not sent as a file"


def test_where_nothing_is_heard_that_is_said_and_the_box_stays_as_it_is(tmp_path, recording):
    with (
        listening(" ") as converters,
        serving(tmp_path, converters=converters) as (_, address),
        speaking(recording) as visitor,
    ):
        page = opened(visitor, address)
        page.fill("#ask textarea", "How many moons?")
        record(page)
        page.get_by_text(SILENT[0]).wait_for()
        assert page.input_value("#ask textarea") == "How many moons?"
        page.get_by_role("button", name="Record").wait_for()


def test_there_is_none_where_nothing_hears_or_no_microphone_is_lent(tmp_path, chromium, monkeypatch):
    monkeypatch.setattr(whisper_weights, "PACKAGED", ())  # also where the weights of an extra are installed
    context = chromium.new_context()
    with serving(tmp_path / "deaf") as (_, address):
        assert opened(context, address).locator("#microphone").count() == 0
    with listening() as converters, serving(tmp_path / "hears", converters=converters) as (_, address):
        context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
        page = opened(context, address)
        page.locator("#microphone button").first.wait_for(state="attached")
        assert not page.locator("#microphone").is_visible()
    context.close()
