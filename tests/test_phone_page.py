"""The page on a phone, and enlarged to 200 %: the box and the newest answer in view, the side panel a sheet below."""

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from talks import PUMP, VENUS, answers, ask, opened
from web import CHROMIUM, served, small, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
OFFERED = [f"What does the report of the year {year} say about the moons of Saturn?" for year in range(1980, 1986)]
MOONS = "Which planets have how many moons, and which is the largest?"
HIDDEN = """() => [...document.querySelectorAll("#chat, #chat *")].filter(
    (one) => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY === "auto"
).map((one) => one.className)"""


@pytest.fixture
def phone(page_of, chromium) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(60_000)
    yield opened(context, page_of[1])
    context.close()


def seen(page: Any, part: str) -> bool:
    """Whether all of it, or what fits on the screen, is in view, and nothing lies over its middle."""
    return bool(
        page.locator(part).last.evaluate(
            """part => {
                const { left, top, right, bottom } = part.getBoundingClientRect();
                const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && part.contains(over);
            }"""
        )
    )


def wait_seen(page: Any, part: str) -> None:
    for _ in range(600):
        if seen(page, part):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{part} is not in view")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 640), (720, 450)])
def test_the_empty_chat_is_seen_whole(page_of, chromium, width, height):
    from ui.app import application

    context = chromium.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(60_000)
    with served(application(page_of[0], OFFERED)) as address:
        page = opened(context, address)
        page.locator("#chat .example").first.wait_for()
        page.locator("#chat .placeholder").get_by_text("Ask your documents").wait_for()
        assert seen(page, "#chat .placeholder h2")
        assert page.evaluate(HIDDEN) == []
        context.close()


def test_the_box_and_the_newest_answer_stay_in_view(phone):
    assert seen(phone, "#ask textarea")
    for number, question in enumerate((MOONS, VENUS, PUMP), start=1):
        ask(phone, question)
        answers(phone, number)
        wait_seen(phone, "#chat .row")
        assert seen(phone, "#ask textarea")
        assert phone.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_evidence_is_a_sheet_and_every_tab_is_reached(phone):
    ask(phone, PUMP)
    answers(phone, 1)
    wait_seen(phone, "#chat .row")
    phone.locator("#chat a.source").last.tap()
    wait_seen(phone, "#side .evidence h2")
    phone.locator("#chat").tap(position={"x": 20, "y": 20})
    wait_seen(phone, "#ask textarea")
    for name, part in (
        ("Documents", "#drop"),
        ("Steps", "ol.trace"),
        ("Demonstrations", "#set"),
        ("Evidence", ".sheet"),
    ):
        tab = phone.get_by_role("tab", name=name)
        tab.tap()
        phone.locator(f"#side {part}").first.wait_for()
        phone.wait_for_function("document.getElementById('side').getBoundingClientRect().top < innerHeight / 3")
    phone.get_by_role("tab", name="Evidence").tap()
    wait_seen(phone, "#ask textarea")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(phone, scheme):
    phone.emulate_media(color_scheme=scheme)
    ask(phone, PUMP)
    answers(phone, 1)
    wait_seen(phone, "#chat .row")
    assert violations(phone) == []
    assert small(phone) == []
    phone.get_by_role("tab", name="Evidence").tap()
    phone.wait_for_function("document.getElementById('side').getBoundingClientRect().top < innerHeight / 3")
    assert violations(phone) == []
    assert small(phone) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_enlarged_to_200_percent_all_is_seen_and_everybody_can_use_it(page_of, chromium, scheme):
    enlarged = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2, "color_scheme": scheme}
    context = chromium.new_context(**enlarged)
    context.set_default_timeout(60_000)
    page = opened(context, page_of[1])
    for part in (".brand", "#corpus input", "#new", "#theme button", "#ask textarea"):
        assert seen(page, part), part
    assert violations(page) == [] and small(page) == []
    ask(page, PUMP)
    answers(page, 1)
    wait_seen(page, "#chat .row")
    assert seen(page, "#ask textarea")
    assert violations(page) == [] and small(page) == []
    for name in ("Evidence", "Documents", "Demonstrations"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_function("document.getElementById('side').getBoundingClientRect().top < innerHeight / 3")
        assert violations(page) == [] and small(page) == [], name
    context.close()


def test_a_picture_that_is_sent_keeps_its_shape(page_of, visitor, tmp_path):
    tall = tmp_path / "tall.png"
    Image.new("RGB", (60, 240), "teal").save(tall)
    page = opened(visitor, page_of[1])
    page.set_input_files("#ask input[type=file]", tall)
    page.locator("#ask .thumbnail-item, #ask [aria-label='Remove file']").first.wait_for()
    ask(page, "What is this?")
    picture = page.locator("#chat .asked img")
    page.wait_for_function("image => image.complete && image.naturalWidth", arg=picture.element_handle())
    box = picture.bounding_box()
    assert abs(box["height"] / box["width"] - 4) < 0.1


def test_the_menu_of_corpora_closes_when_it_is_left(page_of, visitor):
    page = opened(visitor, page_of[1])
    page.locator("#corpus input").click()
    page.get_by_role("listbox").wait_for()
    page.keyboard.press("Tab")
    page.get_by_role("listbox").wait_for(state="detached")
    assert page.evaluate("document.activeElement.closest('#top') !== null"), "and the focus goes on"


def test_titles_in_the_drawer_have_the_width_of_their_line(page_of, visitor):
    page = opened(visitor, page_of[1])
    ask(page, MOONS)
    answers(page, 1)
    page.locator("#drawer button").first.click()
    entry = page.locator("#conversations li", has_text="planets").first
    entry.wait_for()
    page.mouse.move(1200, 700)
    widths = "item => [item.querySelector('a').offsetWidth, item.offsetWidth]"
    shown, whole = entry.evaluate(widths)
    assert shown >= whole - 4
    entry.hover()
    entry.get_by_role("button", name="Rename").wait_for()
