"""The page's sets of demonstrations, in a real browser: made of eight pictures, asked about a ninth."""

from pathlib import Path
from time import sleep
from zipfile import ZipFile

import pytest
from agent_corpus import agent_over
from playwright.sync_api import sync_playwright
from test_demonstrating import LABELS, drawn  # noqa: F401 - a fixture
from web import ARGUMENTS, CHROMIUM, served

from common.errors import UserError
from ui.demonstrations import Handlers, label_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


@pytest.mark.parametrize(
    ("name", "label"), [("dent-07.png", "dent"), ("hairline_crack (2).png", "hairline crack"), ("dent.png", "dent")]
)
def test_a_file_names_its_label(tmp_path, name, label):
    assert label_of(tmp_path / name) == label


def test_a_number_is_no_label(tmp_path):
    with pytest.raises(UserError, match=r"12\.png does not name a label"):
        label_of(tmp_path / "12.png")


def folder_zip(tmp_path: Path, drawn: dict[str, list[Path]]) -> Path:  # noqa: F811 - the fixture
    """The second label's pictures in a folder of its name."""
    with ZipFile(tmp_path / "dents.zip", "w") as packed:
        for path in drawn[LABELS[1]][:4]:
            packed.write(path, f"{LABELS[1]}/{path.name}")
    return tmp_path / "dents.zip"


@pytest.fixture
def slow_listing(monkeypatch):
    listed = Handlers.show

    def slowly(handlers: Handlers, name: str | None):
        """As on a busy machine: a name typed before the sets are listed is not overwritten."""
        shown = listed(handlers, name)
        if not name:
            sleep(2)
        return shown

    monkeypatch.setattr(Handlers, "show", slowly)


def test_a_set_is_made_asked_by_exported_and_lessened(tmp_path, drawn, slow_listing):  # noqa: F811 - the fixture
    from ui.app import application

    with agent_over(tmp_path) as agent, served(application(agent)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 1100})
        page.set_default_timeout(60_000)
        page.goto(url)
        page.wait_for_selector("#ask textarea:enabled")
        page.get_by_role("tab", name="Demonstrations").click()
        page.fill("#set-name input", "flaws")
        page.press("#set-name input", "Enter")
        for label, files in zip(LABELS, (drawn[LABELS[0]][:4], folder_zip(tmp_path, drawn)), strict=True):
            page.set_input_files("#shown-pictures input[type=file]", files)
            page.locator("#shown-pictures table").wait_for()  # names alone are shown while they are still on their way
            page.fill("#label textarea, #label input", label if label == LABELS[0] else "")
            page.click("#teach")
            page.locator("#set").get_by_text(label).nth(3).wait_for()
            assert page.input_value("#set-name input") == "flaws"
        page.set_input_files("#other-picture input[type=file]", drawn["dent"][9])
        page.locator("#other-picture table").first.wait_for()
        page.click("#ask-demonstrations")
        answer = page.locator("#demonstrated .answer")
        answer.wait_for()
        assert answer.locator("p").first.inner_text() == agent.demonstrations.ask("flaws", drawn["dent"][9], "").text
        assert [one.inner_text().strip() for one in answer.locator("figcaption").all()] == [LABELS[0]] * 4 + [
            LABELS[1]
        ] * 4
        picture = answer.locator("img").last
        picture.scroll_into_view_if_needed()
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
        page.screenshot(path=tmp_path / "demonstrations.png")
        right = "one => one.getBoundingClientRect().right"
        edges = [one.evaluate(right) for one in page.locator("#set li").all()]
        assert max(edges) <= page.locator("#set").evaluate(right), "a picture of the set is cut off"
        page.click("#shown-way input")
        page.get_by_role("option", name="nearest").click()
        page.fill("#shown-most input", "3")
        page.click("#ask-demonstrations")
        page.get_by_text("shown these 3 demonstrations").wait_for()
        assert answer.locator("figcaption").count() == 3
        page.click("#export")
        with page.expect_download() as download:
            page.get_by_role("link", name="flaws.zip").click()
        assert download.value.suggested_filename == "flaws.zip"
        page.locator("#set button").first.click()
        page.locator("#set button[aria-pressed=true]").wait_for()
        page.click("#remove")
        page.wait_for_function("document.querySelectorAll('#set li').length == 7")
        assert len(agent.demonstrations.bank.entries("flaws")) == 7
        browser.close()
