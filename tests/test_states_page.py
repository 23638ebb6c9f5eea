"""Everybody can use every state of the page: axe-core finds nothing of any severity, in light and in dark, and what is
to be clicked is 24 pixels wide and high. What is not here is in test_about_page (settings), test_empty_page (nothing to
ask yet) and test_phone_page (phones, 200 %)."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from agent_corpus import FILES, agent_over, with_model
from converter_checks import tone
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from talks import Slow, answers, ask, opened
from test_page import write_pdf
from web import CHROMIUM, served, small, violations

from generators.audio import whisper_weights
from ui.app import application

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
CITED = " ".join(f"So it is said in source {number} of those that there are [{number}]." for number in range(1, 7))
LONG = f"{CITED}\n\n- A list [1]\n- of things [2]\n\n| Planet | Moons |\n| --- | --- |\n| Mars | 2 [3] |\n\n{CITED}"
INSIDE = """chip => {
    const shown = chip.closest("#only").parentElement.getBoundingClientRect();
    return chip.getBoundingClientRect().bottom <= shown.bottom;
}"""


class Long(Slow):
    """Begins at once, and ends with many citations when it is let."""

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk("It begins so [1]. "))
        self.gate.wait(60)
        yield ChatGenerationChunk(message=AIMessageChunk(LONG))


def wrong(page: Any) -> list[str]:
    return violations(page) + small(page)


@pytest.fixture
def agent(tmp_path):
    books = {f"book {number}.md": f"# Book {number}\n\nIn book {number} a planet has moons." for number in range(8)}
    with agent_over(tmp_path, FILES | books, top_k=8, router="switch") as agent:
        yield agent


@pytest.mark.parametrize("visitor", [{"color_scheme": one} for one in ("light", "dark")], indirect=True)
def test_axe_finds_nothing_wrong_in_any_state(agent, visitor, tmp_path, monkeypatch):
    monkeypatch.setattr(whisper_weights, "PACKAGED", ())  # a recording is then an error
    model = Long()
    with_model(agent, model)
    agent._parts.__dict__["router"] = agent._parts.switch
    with served(application(agent)) as address:
        page = opened(visitor, address)
        page.locator("#chat .placeholder").get_by_text("Ask your documents").wait_for()
        assert not wrong(page), "empty"
        ask(page, "Which planets have moons?")
        page.locator("#chat .waiting", has_text="Reading").wait_for()
        assert not wrong(page), "answering"
        model.gate.set()
        answers(page, 1)
        page.locator("#chat a.source").nth(5).wait_for()
        page.locator("#side .evidence .mark").first.wait_for()
        page.locator("#chat .row").wait_for()
        assert not wrong(page), "a long answer with six citations"
        page.locator("#chat .answer a.cite").first.hover()
        page.locator("#card b").wait_for()
        assert not wrong(page), "a card"
        (tmp_path / "said.wav").write_bytes(tone(1))
        page.set_input_files("#ask input[type=file]", tmp_path / "said.wav")
        page.locator("#ask [aria-label='Remove file']").wait_for()
        page.press("#ask textarea", "Enter")
        page.locator("#chat .problem").wait_for()
        page.locator("#chat .row").nth(1).wait_for()
        assert not wrong(page), "an error"
        reading(page, agent, tmp_path)
        page.locator("#documents li", has_text="torn.pdf").locator(".error").wait_for()
        page.locator("#documents li").first.get_by_role("checkbox").click()
        page.locator("#only").get_by_text("book 0.md").first.wait_for()
        assert page.locator("#only .token").first.evaluate(INSIDE), "which alone are asked is seen"
        assert not wrong(page), "documents"
        page.locator("#drawer button").first.click()
        page.locator("#conversations li").first.hover()
        assert not wrong(page), "conversations"


def reading(page: Any, agent: Any, folder: Any) -> None:
    """Two documents, one of which cannot be read."""
    begun, goes_on = threading.Event(), threading.Event()
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    write_pdf(folder / "harbour.pdf", "The Harbour", *[f"Chapter {number}." for number in range(3)])

    def told(progress: Any) -> None:
        if progress.page == 2:
            begun.set()
            goes_on.wait(120)

    thread = threading.Thread(target=agent.ingest, args=([folder / "torn.pdf", folder / "harbour.pdf"], None, told))
    thread.start()
    try:
        assert begun.wait(60)
        page.get_by_role("tab", name="Documents").click()
        page.locator("#corpora").get_by_text("pages/s").wait_for()
        assert not wrong(page), "reading"
    finally:
        goes_on.set()
        thread.join()
