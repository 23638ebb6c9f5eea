"""Evidence on the page, in a real browser: a citation shows what it rests on while it is pointed at, and opens it
whichever tab is open; the page is enlarged and pulled; the next source is a step away."""

import pytest
from talks import answers, ask, opened
from test_page import write_pdf
from web import CHROMIUM, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    from agent import Agent

    folder = tmp_path_factory.mktemp("evidence")
    pages = ["The lock was opened in 1902 by Mara Quist.", "The lock is 31 metres long."]
    write_pdf(folder / "lock.pdf", "The Lock", *pages)
    with Agent.from_corpus(folder / "lock.pdf", corpus="lock", data_dir=folder / "data") as agent:
        yield agent


@pytest.fixture
def page(visitor, address):
    """A visitor who has asked."""
    page = opened(visitor, address)
    ask(page, "Who opened the lock in 1902?")
    answers(page, 1)
    page.locator("#side .evidence .sheet img").wait_for()
    return page


@pytest.mark.parametrize("visitor", [{}, {"color_scheme": "dark"}], indirect=True, ids=["light", "dark"])
def test_a_card_shows_what_a_citation_rests_on(page):
    card, link = page.locator("#card"), page.locator("#chat .answer a.cite").first
    link.hover()
    card.get_by_text("lock.pdf, page 1").wait_for()
    card.get_by_text("Mara Quist").wait_for()
    page.wait_for_function("document.querySelector('#card .cut')?.clientHeight > 0")
    cut, image = card.locator(".cut").bounding_box(), card.locator("img").bounding_box()
    assert cut["height"] < image["height"] / 3, "a piece of the page, not all of it"
    top, left = (cut[side] - image[side] for side in ("y", "x"))
    line = 842 - 720  # points from the top of the page, an A4, to the sentence's line
    assert top / image["height"] < line / 842 < (top + cut["height"]) / image["height"]
    assert left / image["width"] < 72 / 595 < (left + cut["width"]) / image["width"]
    assert violations(page, "#card") == []
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    page.mouse.move(5, 5)
    link.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    card.get_by_text("Mara Quist").wait_for()


def test_a_citation_opens_whichever_tab_is_open(page):
    for tab in ("Documents", "Steps"):
        page.get_by_role("tab", name=tab).click()
        page.locator("#chat .answer a.cite").first.click()
        page.locator("#side .evidence .mark").first.wait_for()
        assert page.get_by_role("tab", name="Evidence").get_attribute("aria-selected") == "true"


def test_a_larger_page_is_pulled(page):
    sheet = page.locator("#side .sheet")
    for _ in range(2):
        page.locator("#side").get_by_role("button", name="Larger").click()
    box = sheet.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 500) / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 90, y - 60, steps=3)
    page.mouse.up()
    assert sheet.evaluate("sheet => [sheet.scrollLeft, sheet.scrollTop]") == [90, 60]
    page.mouse.move(x, y)
    assert sheet.evaluate("sheet => sheet.scrollLeft") == 90, "only while it is held"


def test_nothing_lies_over_the_place_where_documents_are_dropped(page):
    page.get_by_role("tab", name="Documents").click()
    arrow = page.locator("#drop [data-testid=upload-icon]").bounding_box()
    middle = arrow["x"] + arrow["width"] / 2, arrow["y"] + arrow["height"] / 2
    for x, y in (middle, (middle[0], arrow["y"] + 2)):
        label = page.evaluate("at => document.elementFromPoint(...at)?.closest('label') !== null", [x, y])
        assert not label
