"""Conversations in Chromium: what is asked is kept and answered, whatever becomes of the page that asked."""

import itertools
import json
import threading
from contextlib import suppress
from functools import wraps

import pytest
from playwright.sync_api import TimeoutError
from talks import PUMP, VENUS, WHOLE, answers, ask, opened, questions, ready, serving, slow
from web import CHROMIUM, until

from ui.talks.screen import Screen

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
# The questions that are shown, from now on, each time that they change; gone with a page that loads anew.
FOLLOW = """() => {
    const shown = () => JSON.stringify([...document.querySelectorAll("#chat .asked")].map((one) => one.innerText));
    window.followed = [shown()];
    const note = () => shown() !== window.followed.at(-1) && window.followed.push(shown());
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def followed(page):
    return [json.loads(shown) for shown in page.evaluate("window.followed")]


def test_a_new_conversation_is_left_alone_by_the_answer_of_the_last(page_of, visitor):
    agent, address = page_of
    model = slow(agent)
    page = opened(visitor, address)
    ask(page, PUMP)
    page.locator("#chat .waiting", has_text="Reading").wait_for()
    first = page.url.rpartition("c=")[2]
    page.evaluate(FOLLOW)
    page.click("#new")
    page.locator("#chat .asked").wait_for(state="detached")
    model.gate.set()
    until(lambda: agent.history(first))
    ask(page, VENUS)
    answers(page, 1)
    page.locator("#chat .row").wait_for()
    assert followed(page) == [[PUMP], [], [VENUS]]
    page.go_back()
    page.locator("#chat .asked", has_text=PUMP).wait_for()
    answers(page, 1)
    assert questions(page) == [PUMP]


def test_a_question_asked_while_the_browser_reloads_is_answered(tmp_path, visitor, monkeypatch):
    left, leave = threading.Event(), Screen.leave

    @wraps(leave)
    def leaving(*given):
        leave(*given)
        left.set()

    monkeypatch.setattr(Screen, "leave", leaving)
    with serving(tmp_path) as (agent, address):
        model = slow(agent)
        page = opened(visitor, address)
        ask(page, PUMP)
        page.reload()
        page.locator("#chat .asked", has_text=PUMP).wait_for()
        assert left.wait(60)
        model.gate.set()
        answers(page, 1)
        page.reload()
        answers(page, 1)


def test_an_open_page_goes_on_after_the_server_was_restarted(tmp_path, visitor):
    with serving(tmp_path) as (_, address):
        page = opened(visitor, address)
        ask(page, PUMP)
        answers(page, 1)
    with serving(tmp_path, int(address.rpartition(":")[2])) as (agent, _):
        second = page.locator(WHOLE).nth(1)
        for tried in itertools.count():  # a page that finds its server again loads anew, with what is typed meanwhile
            if second.is_visible():
                break
            if tried and tried % 3 == 0:  # seen once in sixty: Enter does nothing, and a person loads it again
                page.reload()
            ready(page)
            page.fill("#ask textarea", "How much does it weigh?")
            page.press("#ask textarea", "Enter")
            with suppress(TimeoutError):
                second.wait_for(timeout=10_000)
        assert questions(page)[:2] == [PUMP, "How much does it weigh?"]
        (conversation,) = agent.conversations.newest()
        assert len(agent.history(conversation.name)) >= 2


def test_two_browsers_show_the_same_conversation_after_a_restart(tmp_path, visitor, chromium):
    stranger = chromium.new_context()
    stranger.set_default_timeout(60_000)
    with serving(tmp_path) as (_, address):
        one = opened(visitor, address)
        ask(one, PUMP)
        answers(one, 1)
        link = one.url
        other = opened(stranger, link)
        answers(other, 1)
        one.close()  # left open, they would load anew by themselves, and break off what is loaded here
        other.close()
    with serving(tmp_path, int(address.rpartition(":")[2])):
        one, other = opened(visitor, link), opened(stranger, link)
        answers(one, 1)
        answers(other, 1)
        ask(other, VENUS)
        answers(other, 2)
        answers(one, 2)
        assert questions(one) == questions(other) == [PUMP, VENUS]
    stranger.close()


def test_two_windows_show_the_same_and_lose_nothing(page_of, visitor):
    agent, address = page_of
    model = slow(agent)
    one = opened(visitor, address)
    ask(one, PUMP)
    other = opened(visitor, one.url)
    other.locator("#chat .waiting", has_text="Reading").wait_for()
    ask(other, VENUS)
    model.gate.set()
    answers(other, 2)
    one.reload()
    answers(one, 2)
    assert questions(one) == questions(other) == [PUMP, VENUS]


def test_who_waits_is_told_how_many_are_before(tmp_path, visitor):
    with serving(tmp_path, at_once=1) as (agent, address):
        model = slow(agent)
        ask(opened(visitor, address), PUMP)
        assert model.begun.wait(60)
        page = opened(visitor, address)
        ask(page, VENUS)
        page.locator("#chat .waiting", has_text="1 before this one").wait_for()
        model.gate.set()
        answers(page, 1)


def test_what_waits_is_stopped_before_it_is_begun(tmp_path, visitor):
    with serving(tmp_path, at_once=1) as (agent, address):
        model = slow(agent)
        first = opened(visitor, address)
        ask(first, PUMP)
        assert model.begun.wait(60)
        page = opened(visitor, address)
        ask(page, VENUS)
        page.locator("#chat .waiting", has_text="1 before this one").wait_for()
        page.locator("#ask .stop-button").click()
        page.locator("#chat .notice", has_text="Stopped").wait_for()
        model.gate.set()
        answers(first, 1)
        page.reload()
        page.locator("#chat .notice", has_text="Stopped").wait_for()
        assert page.locator("#chat ul.sources").count() == 0


def test_what_became_of_files_is_told_after_a_reload(page_of, visitor, tmp_path):
    agent, address = page_of
    slow(agent).gate.set()
    (tmp_path / "crane.md").write_text("# Crane\n\nThe crane Ilse lifts 40 tonnes.\n")
    page = opened(visitor, address)
    page.set_input_files("#ask input[type=file]", tmp_path / "crane.md")
    page.locator("#ask .thumbnail-item, #ask [aria-label='Remove file']").first.wait_for()
    ask(page, "How much does the crane Ilse lift?")
    answers(page, 1)
    page.reload()
    page.locator("#chat .answer .report, #chat .report", has_text="crane.md").first.wait_for()
    assert page.locator("#chat .asked .file").inner_text() == "crane.md"


def test_a_conversation_is_deleted_from_the_drawer(page_of, visitor):
    agent, address = page_of
    slow(agent).gate.set()
    page = opened(visitor, address)
    ask(page, "What does the pump weigh, xylophone?")
    answers(page, 1)
    page.locator("#drawer button").first.click()
    entry = page.locator("#conversations li", has_text="xylophone")
    entry.hover()
    page.once("dialog", lambda dialog: dialog.dismiss())
    entry.get_by_role("button", name="Delete").click()
    file = agent.settings.data_dir / "conversations.sqlite"
    assert entry.count() == 1 and b"xylophone" in file.read_bytes()
    page.once("dialog", lambda dialog: dialog.accept())
    entry.get_by_role("button", name="Delete").click()
    entry.wait_for(state="detached")
    page.locator("#chat .asked").wait_for(state="detached")
    assert b"xylophone" not in file.read_bytes()


def test_conversations_are_found_named_and_pinned_in_the_drawer(page_of, visitor):
    agent, address = page_of
    slow(agent).gate.set()
    page = opened(visitor, address)
    for question in (PUMP, VENUS):
        page.click("#new")
        page.locator("#chat .asked").wait_for(state="detached")
        ask(page, question)
        answers(page, 1)
    page.wait_for_function("document.title.startsWith('What is the mean temperature')")
    page.locator("#drawer button").first.click()
    listed = page.locator("#conversations a")
    assert listed.all_inner_texts() == [VENUS, PUMP]
    page.locator("#search input, #search textarea").press_sequentially("PUMP weigh")
    page.locator("#conversations a", has_text="Venus").wait_for(state="detached")
    page.get_by_label("Search conversations").press("Control+A")
    page.get_by_label("Search conversations").press("Delete")
    page.locator("#conversations a", has_text="Venus").wait_for()
    entry = page.locator("#conversations li", has_text="pump")
    entry.hover()
    page.once("dialog", lambda dialog: dialog.accept("Heavy things"))
    entry.get_by_role("button", name="Rename").click()
    entry = page.locator("#conversations li", has_text="Heavy things")
    entry.hover()
    entry.get_by_role("button", name="Pin").click()
    page.locator("#conversations li.pinned").wait_for()
    assert listed.all_inner_texts() == ["Heavy things", VENUS]
    listed.first.click()
    page.locator("#chat .asked", has_text=PUMP).wait_for()
    page.wait_for_function("document.title === 'Heavy things · Triptych'")


def test_a_visitor_sees_no_conversations_of_others_but_may_be_given_a_link(page_of, visitor, chromium):
    agent, address = page_of
    slow(agent).gate.set()
    agent.ask("Who may read this?", conversation="made by a program")
    page = opened(visitor, address)
    ask(page, PUMP)
    answers(page, 1)
    stranger = chromium.new_context()
    stranger.set_default_timeout(60_000)
    other = opened(stranger, page.url)
    answers(other, 1)
    other.locator("#drawer button").first.click()
    assert other.locator("#conversations li").count() == 0
    ready(opened(stranger, address))
    stranger.close()
