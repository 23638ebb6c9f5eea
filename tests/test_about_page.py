"""The dialog "Settings" in Chromium: what the page can do, in a visitor's words, and to its operator alone what to do
about the rest."""

import pytest
from describing_server import describing, listing
from listening import listening
from talks import opened, serving
from web import CHROMIUM, VIEWPORT, violations

from generators.audio import whisper_weights

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


def shown(page):
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("dialog", name="Settings").locator("dl").wait_for()
    return page.get_by_role("dialog", name="Settings")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_says_what_the_page_can_do_and_closes_by_key_button_and_beside_it(page_of, visitor, scheme, monkeypatch):
    monkeypatch.setattr(whisper_weights, "PACKAGED", ())  # also where the weights of an extra are installed
    page = opened(visitor, page_of[1])
    page.emulate_media(color_scheme=scheme)
    dialog = shown(page)
    said = dialog.inner_text()
    assert "no language model writes" in said and "pdf" in said and "questions are typed" in said
    assert violations(page) == []
    box = dialog.bounding_box()
    assert abs(2 * box["y"] + box["height"] - VIEWPORT["height"]) < 2, "it stands in the middle"
    dialog.get_by_text("What is not there").click()
    dialog.get_by_text('pip install "triptych[whisper]"').wait_for()
    dialog.get_by_text("What is installed").click()
    dialog.get_by_text("all-MiniLM-L6-v2, SHA-256").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    shown(page).get_by_role("button", name="Close").click()
    dialog.wait_for(state="hidden")
    shown(page)
    page.mouse.click(5, 5)
    dialog.wait_for(state="hidden")


def test_a_visitor_is_told_no_command_of_an_operator(tmp_path, visitor):
    with (
        describing(listing("scribe", "somebody")) as server,
        listening() as converters,
        serving(
            tmp_path,
            open=True,
            converters=converters,
            models=[f"openai:scribe@{server.url}", "openai:gone@http://127.0.0.1:9/v1"],
        ) as (_, address),
    ):
        said = shown(opened(visitor, address)).inner_text()
    assert "written by scribe" in said and "written by gone, which does not answer at present" in said
    assert "spoken questions" in said
    assert not [word for word in ("install", "triptych.toml", "127.0.0.1", "TRIPTYCH") if word in said]
