"""The box of the page in Chromium: who answers, the keys, light and dark."""

from collections.abc import Iterator
from typing import Any

import pytest
from agent_corpus import agent_over
from describing_server import describing, listing
from endless_endpoint import end, token
from talks import PUMP, VENUS, answers, ask, opened, questions, ready, slow
from web import CHROMIUM, served, violations

from agent.settings import Settings
from ui.talks import live, who

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]

FOCUSED = "document.activeElement === document.querySelector('#ask textarea')"
GROUND = "getComputedStyle(document.body).backgroundColor"


def typed(page: Any) -> str:
    return page.input_value("#ask textarea")


def test_keys_lead_to_the_box_bring_the_last_question_and_stop(page_of, visitor):
    agent, address = page_of
    page = opened(visitor, address)
    page.wait_for_function(FOCUSED)
    for key in ("/", "Control+k"):
        page.locator("#theme button").focus()
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED)
    page.keyboard.type("and/or")
    assert typed(page) == "and/or"
    page.fill("#ask textarea", "")
    page.keyboard.press("ArrowUp")
    assert typed(page) == ""
    model = slow(agent)
    ask(page, PUMP)
    page.locator("#chat .waiting", has_text="Reading").wait_for()
    assert model.begun.wait(60)
    page.keyboard.press("Escape")
    page.locator("#chat .notice", has_text="Stopped").wait_for()
    assert model.hung_up.wait(60)
    page.wait_for_function(FOCUSED)
    page.keyboard.press("ArrowUp")
    assert typed(page) == PUMP
    page.keyboard.type(" Now?")
    page.keyboard.press("ArrowUp")
    assert typed(page) == f"{PUMP} Now?", "what is typed stays"


def test_what_is_asked_is_shown_at_once_and_leaves_the_box_to_the_next(page_of, visitor):
    agent, address = page_of
    slow(agent).gate.set()
    page = opened(visitor, address)
    held: list[Any] = []
    heard = False

    def hold(call: Any) -> None:
        if heard:
            call.continue_()
        else:
            held.append(call)

    page.route("**/queue/join*", hold)
    ask(page, PUMP)
    page.locator("#chat .waiting", has_text="Looking").wait_for()
    page.wait_for_function("document.querySelector('#ask textarea').value === ''")
    page.fill("#ask textarea", "<b>And")
    heard = True
    for call in held:
        call.continue_()
    answers(page, 1)
    page.locator("#chat .row").wait_for()
    assert questions(page) == [PUMP]
    assert typed(page) == "<b>And", "what was typed meanwhile stays"
    heard = False
    page.fill("#ask textarea", "<b>And\nVenus?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .asked").nth(1).wait_for()
    assert page.locator("#chat .asked b").count() == 0
    assert questions(page)[1] == "<b>And\nVenus?"


def test_what_is_asked_meanwhile_waits_and_is_answered(page_of, visitor):
    agent, address = page_of
    model = slow(agent)
    page = opened(visitor, address)
    ask(page, PUMP)
    assert model.begun.wait(60)
    ask(page, VENUS)
    page.locator("#chat .waiting", has_text="1 before this one").wait_for()
    model.gate.set()
    answers(page, 2)
    assert questions(page) == [PUMP, VENUS]


def test_whoever_asks_sees_it_wherever_they_were_reading(page_of, visitor):
    agent, address = page_of
    slow(agent).gate.set()
    page = opened(visitor, address)
    for number in range(1, 6):
        ask(page, PUMP)
        answers(page, number)
    page.locator("#chat .row").nth(4).wait_for()
    page.locator("#chat .asked").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#chat .asked').getBoundingClientRect().top > 0")
    page.route("**/queue/join*", lambda call: None)
    page.fill("#ask textarea", VENUS)
    page.press("#ask textarea", "Enter")
    page.wait_for_function(
        """() => {
            const waiting = document.querySelector("#chat .answer.echo")?.getBoundingClientRect();
            return waiting && waiting.bottom <= document.querySelector("#ask").getBoundingClientRect().top;
        }"""
    )


def test_a_question_that_is_not_taken_is_given_back(page_of, visitor, monkeypatch):
    agent, address = page_of
    monkeypatch.setattr(live, "WAITING", 1)
    model = slow(agent)
    page = opened(visitor, address)
    ask(page, PUMP)
    assert model.begun.wait(60)
    page.fill("#ask textarea", VENUS)
    page.press("#ask textarea", "Enter")
    page.get_by_text("1 questions are waiting here already").wait_for()
    page.wait_for_function("words => document.querySelector('#ask textarea').value === words", arg=VENUS)
    assert questions(page) == [PUMP]
    model.gate.set()
    answers(page, 1)


def test_light_and_dark_are_chosen_and_kept(page_of, visitor):
    page = opened(visitor, page_of[1])
    for _ in range(2):
        before = page.evaluate(GROUND)
        page.get_by_role("button", name="Light or dark").click()
        page.wait_for_function(f"{GROUND} !== '{before}'")
        now = page.evaluate(GROUND)
        page.reload()
        ready(page)
        page.wait_for_function(f"{GROUND} === '{now}'")
        assert violations(page) == []


def test_who_answers_is_said_and_chosen(tmp_path, visitor):
    from ui.app import application

    def scribe(body: dict[str, Any]) -> Iterator[bytes]:
        yield from [token("The scribe says that the pump weighs 38 kg [1]."), end()]

    with (
        describing(listing("scribe", "somebody"), scribe) as server,
        agent_over(tmp_path, models=[f"openai:deep/scribe@{server.url}"], router="switch") as agent,
        served(application(agent)) as address,
    ):
        page = opened(visitor, address)
        page.locator("#who", has_text="Quotes only").wait_for()
        page.locator("#who summary").click()
        page.locator("#who", has_text="TRIPTYCH_MODEL").wait_for()
        page.locator("#model input").click()
        page.get_by_role("option", name="scribe").click()
        page.locator("#who", has_text="Answers by scribe").wait_for()
        ask(page, PUMP)
        page.locator("#chat .answer", has_text="The scribe says").wait_for()
        assert violations(page) == []
        server.shutdown()
        server.server_close()
        page.locator("#chat .row button.again").first.click()
        page.locator("#who", has_text="scribe does not answer: quotes only").wait_for()


def test_a_dead_model_is_said_once(tmp_path, visitor):
    from ui.app import application

    with (
        agent_over(tmp_path, model="openai:gone@http://127.0.0.1:9/v1", model_timeout=2) as agent,
        served(application(agent)) as address,
    ):
        page = opened(visitor, address)
        page.locator("#who", has_text="gone does not answer").wait_for()
        for number, question in enumerate((PUMP, VENUS), start=1):
            ask(page, question)
            answers(page, number)
        page.locator("#chat .row").nth(1).wait_for()
        assert page.locator("#chat .notice", has_text="cannot be reached").count() == 1


def test_only_an_operator_is_told_what_to_do_about_it():
    alone, shared = Settings(), Settings(password="secret", username="ada")
    assert "TRIPTYCH_MODEL" in who.line("extractive", True, who.is_operator(alone))
    assert "TRIPTYCH_MODEL" not in who.line("extractive", True, who.is_operator(shared))
    assert not who.is_operator(Settings(open=True))
    assert "127.0.0.1" not in who.line("openai:x/<b>y@http://127.0.0.1:8000/v1", True, True)
