"""The row under an answer, in Chromium: copied, asked again, edited, judged, read aloud, taken away as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over
from describing_server import describing, listing
from endless_endpoint import end, token
from talks import PUMP, VENUS, answers, ask, opened, questions
from web import CHROMIUM, violations

from agent import Agent

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


def scribe(body: dict[str, Any]) -> Iterator[bytes]:
    yield from [token("The scribe says that the pump weighs 38 kg [1]."), end()]


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """Quotes, unless the scribe is asked."""
    with describing(listing("scribe", "somebody"), scribe) as server:
        other = [f"openai:scribe@{server.url}"]
        with agent_over(tmp_path_factory.mktemp("row"), models=other, router="switch") as agent:
            yield agent


@pytest.fixture
def page(page_of, visitor) -> Any:
    """A conversation of two questions."""
    visitor.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(visitor, page_of[1])
    for number, question in enumerate((PUMP, VENUS), start=1):
        ask(page, question)
        answers(page, number)
    rows(page).nth(1).wait_for()
    return page


def rows(page: Any) -> Any:
    return page.locator("#chat .row")


def button(page: Any, number: int, name: str) -> Any:
    return rows(page).nth(number).get_by_role("button", name=name, exact=True)


def stored(agent: Agent, page: Any) -> Any:
    return agent.conversations.turns(page.url.rpartition("c=")[2])


def test_an_answer_is_copied_with_its_sources(page):
    button(page, 0, "Copy").click()
    button(page, 0, "Copied").wait_for()
    words = page.evaluate("navigator.clipboard.readText()")
    assert "38 kg" in words and words.endswith("\n[1] pump.txt, page 1")


def test_an_answer_is_copied_where_there_is_no_clipboard(page):
    """As over plain HTTP from another machine."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); })")
    button(page, 0, "Copy").click()
    button(page, 0, "Copied").wait_for()
    assert "38 kg" in page.evaluate("window.copied")


def test_a_question_is_asked_again_in_its_place_and_of_another_model(page, page_of):
    agent, _ = page_of
    button(page, 0, "Again with scribe").click()
    page.locator("#chat .answer", has_text="The scribe says").wait_for()
    assert questions(page) == [PUMP, VENUS]
    button(page, 0, "Again with quotes only").wait_for()
    button(page, 0, "Again").click()
    page.locator("#chat .answer", has_text="The scribe says").wait_for(state="detached")
    answers(page, 2)
    first, second = stored(agent, page)
    assert first.said.answer.model == "extractive" and first.asked > second.asked


def test_a_question_is_edited_and_takes_the_place_of_all_after_it(page, page_of):
    agent, _ = page_of
    button(page, 0, "Edit the question").click()
    page.wait_for_function("question => document.querySelector('#ask textarea').value === question", arg=PUMP)
    page.locator("#editing").wait_for()
    page.fill("#ask textarea", "Which valve is opened first?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .asked", has_text="valve").wait_for()
    answers(page, 1)
    page.locator("#editing").wait_for(state="hidden")
    assert questions(page) == ["Which valve is opened first?"]
    page.wait_for_function("document.title.startsWith('Which valve')")
    ask(page, VENUS)
    answers(page, 2)
    assert [turn.question for turn in stored(agent, page)] == ["Which valve is opened first?", VENUS]


def test_an_edit_that_is_cancelled_changes_nothing(page):
    button(page, 0, "Edit the question").click()
    page.locator("#editing").get_by_role("button", name="Cancel").click()
    page.locator("#editing").wait_for(state="hidden")
    ask(page, "How many moons has Saturn?")
    answers(page, 3)
    assert questions(page)[:2] == [PUMP, VENUS]


def test_a_thumb_and_a_word_are_kept_and_taken_back(page, page_of):
    agent, _ = page_of
    thumb = button(page, 0, "Bad answer")
    thumb.click()
    word = rows(page).nth(0).get_by_role("textbox")
    word.fill("It weighs more")
    word.press("Enter")
    rows(page).nth(0).get_by_role("button", name="Thank you").wait_for()
    while not stored(agent, page)[0].feedback.word:
        page.wait_for_timeout(20)
    page.reload()
    thumb = rows(page).nth(0).get_by_role("button", name="Bad answer: It weighs more")
    thumb.wait_for()
    assert thumb.get_attribute("aria-pressed") == "true"
    first, second = stored(agent, page)
    assert (first.feedback.good, first.feedback.word, second.feedback) == (False, "It weighs more", None)
    thumb.click()
    while stored(agent, page)[0].feedback:
        page.wait_for_timeout(20)
    page.reload()
    button(page, 0, "Bad answer").wait_for()
    assert [turn.feedback for turn in stored(agent, page)] == [None, None]


def test_an_answer_is_not_drawn_anew_when_the_next_question_is_asked(page):
    """A voice in it would stop, and words that are being selected would not be any more."""
    page.evaluate("() => { window.kept = [...document.querySelectorAll('#chat .answer')]; }")
    ask(page, "How much does it weigh?")
    answers(page, 3)
    assert page.evaluate("window.kept.map((answer) => answer.isConnected)") == [True, True]


def test_an_answer_is_read_aloud(page):
    button(page, 1, "Read aloud").click()
    page.wait_for_function("document.querySelector('#voice audio')?.currentTime > 0")


@pytest.mark.parametrize(("name", "start"), [("PDF", b"%PDF"), ("HTML", b"<!doctype html>"), ("Markdown", b"# How")])
def test_an_answer_is_taken_away_as_a_file(page, name, start):
    with page.expect_download() as download:
        rows(page).nth(0).get_by_role("link", name=f"Save as {name}").click()
    assert download.value.suggested_filename.startswith("How-much-does-the-pump-weigh.")
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(start)
    assert VENUS.encode() not in data and str(Path(page.url).parent).encode() not in data


def test_nobody_takes_what_is_not_there(page):
    base, _, name = page.url.partition("?c=")
    for path in (f"{name}/1.exe", f"{name}/99999.pdf", f"{'0' * 32}/1.pdf"):
        assert page.request.get(f"{base}answers/{path}").status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_row_is_read_by_everybody(page, scheme):
    page.emulate_media(color_scheme=scheme)
    button(page, 0, "Good answer").click()
    button(page, 1, "Edit the question").click()
    page.locator("#editing").wait_for()
    assert violations(page, "#talk") == []
    for one in rows(page).locator("button, a").all():
        size = one.bounding_box()
        assert min(size["width"], size["height"]) >= 24, one.inner_html()
