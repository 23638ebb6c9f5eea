"""Messages of the page that are lost on their way, in Chromium: what they said is shown all the same."""

from typing import Any

import pytest
from talks import PUMP, VENUS, answers, ask, opened, questions, ready
from web import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
STREAM = "**/queue/data*"


def lose(page: Any, body: str, *, heard: bool) -> list[Any]:
    """The next stream of messages says but `body`; all others were `heard` by nobody, or are not there. Returns what
    becomes of it."""
    lost: list[Any] = []

    def answer(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route)
        if heard:
            route.fetch()  # to its end
        route.fulfill(content_type="text/event-stream", body=body)

    page.route(STREAM, answer)
    return lost


def test_an_answer_whose_messages_are_lost_is_shown(page_of, visitor):
    page = opened(visitor, page_of[1])
    ask(page, PUMP)
    answers(page, 1)
    lost = lose(page, 'data: {"msg": "close_stream"}\n\n', heard=True)
    ask(page, VENUS)
    answers(page, 2)
    page.locator("#chat .row").nth(1).wait_for()
    assert lost and questions(page) == [PUMP, VENUS]


def test_a_click_is_heard_just_as_the_messages_of_an_answer_end(page_of, visitor):
    """Gradio would take the stream for an open one, and open no other."""
    page = opened(visitor, page_of[1])
    ask(page, PUMP)
    answers(page, 1)
    page.route("**/news*", lambda look: look.abort())  # what is missing is not asked for
    ended: list[Any] = []
    page.route(STREAM, lambda route: ended.append((route, route.fetch())), times=1)
    ask(page, VENUS)
    while not ended:
        page.wait_for_timeout(20)
    with page.expect_response("**/queue/join*"):
        page.locator("#chat .row").get_by_role("button", name="Edit the question").click()
    ((route, messages),) = ended
    route.fulfill(response=messages)
    answers(page, 2)
    page.wait_for_function("words => document.querySelector('#ask textarea').value === words", arg=PUMP)


def test_a_page_whose_stream_is_gone_loads_anew_and_keeps_what_is_written(page_of, visitor):
    """Gradio takes a stream that just ended for an open one, and would wait for it for ever."""
    page = opened(visitor, page_of[1])
    ask(page, PUMP)
    answers(page, 1)
    lost = lose(page, "", heard=False)
    ask(page, VENUS)
    page.fill("#ask textarea", "And Mars?")
    answers(page, 2)
    ready(page)
    page.wait_for_function("document.querySelector('#ask textarea').value === 'And Mars?'")
    assert lost and questions(page) == [PUMP, VENUS]


def test_what_comes_all_at_once_is_shown_to_its_end(page_of, visitor):
    """As in a slow browser: the square that stops an answer goes with the answer's end."""
    page = opened(visitor, page_of[1])
    ask(page, PUMP)
    answers(page, 1)
    page.route(STREAM, lambda route: route.fulfill(response=route.fetch()))
    ask(page, VENUS)
    answers(page, 2)
    page.locator("#chat .row").nth(1).wait_for()
    page.locator("#side .sheet img[alt*='planets.md']").wait_for()
    page.locator("#ask .stop-button").wait_for(state="detached")


def test_what_was_asked_and_not_heard_stands_in_the_box_again(page_of, visitor):
    page = opened(visitor, page_of[1])
    ask(page, PUMP)
    answers(page, 1)
    page.route("**/queue/join*", lambda call: call.abort())
    ask(page, VENUS)
    page.unroute("**/queue/join*")
    page.reload()
    ready(page)
    page.wait_for_function("words => document.querySelector('#ask textarea').value === words", arg=VENUS)
    assert questions(page) == [PUMP]
