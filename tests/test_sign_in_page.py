"""Signing in and out in Chromium: with a wrong password, with the right one, and after it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over
from web import ARGUMENTS, CHROMIUM, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from ui.app import application

    with (
        agent_over(tmp_path, username="ada", password="secret") as agent,
        served(application(agent)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        page.goto(address)
        yield page
        browser.close()


def picture(page: Any, name: str) -> None:
    """For whoever wants to look at it: TRIPTYCH_TEST_PICTURES names a folder."""
    if folder := os.environ.get("TRIPTYCH_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_in_and_out(page):
    assert page.url.endswith("/login")
    picture(page, "sign-in")
    assert page.evaluate("document.activeElement.name") == "username"
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "guess")
    page.click("button")
    page.get_by_role("alert").get_by_text("did not match").wait_for()
    picture(page, "sign-in-wrong")
    assert page.input_value("[name=username]") == "ada"
    assert page.evaluate("document.activeElement.name") == "password"
    page.fill("[name=password]", "secret")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("#ask textarea:enabled")
    picture(page, "signed-in")
    page.fill("#ask textarea", "How much does the pump weigh?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .answer a.cite").first.wait_for()
    assert "38 kg" in page.locator("#chat .answer").inner_text()
    page.wait_for_function("document.title === 'How much does the pump weigh? · Triptych'")
    config, signed_in = f"{page.url.partition('?')[0]}config", page.context.cookies()
    assert page.context.request.get(config).ok
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    page.go_back()
    page.wait_for_url("**/login")
    assert page.context.request.get(config).status == 401
    page.context.add_cookies(signed_in)
    assert page.context.request.get(config).status == 401, "the session has ended, wherever its cookie is kept"


def test_many_wrong_passwords_are_told_to_wait(page):
    for _ in range(7):
        page.fill("[name=username]", "ada")
        page.fill("[name=password]", "guess")
        with page.expect_navigation():  # the page before it has an alert, too
            page.click("button")
        page.get_by_role("alert").wait_for()
    page.get_by_role("alert").get_by_text("wait").wait_for()
