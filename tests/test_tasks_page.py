"""Twelve things that people do on the page, in a real browser: none takes more clicks than docs/page.md says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import FILES, agent_over, write
from talks import VENUS, Slow, ask, ready, slow
from test_demonstrating import LABELS, drawn  # noqa: F401 - a fixture
from test_page import write_pdf
from web import CHROMIUM, VIEWPORT, served

from agent import Agent
from ui.app import application

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
TASK = re.compile(r"^\| ([^|]+) \| [^|]+ \| (\d+) \|$", re.MULTILINE)
ALLOWED = {
    what: int(clicks)
    for what, clicks in TASK.findall((Path(__file__).parents[1] / "docs/page.md").read_text(encoding="utf-8"))
}


class Person:
    """Who does what `page` offers. `clicks` counts those since the last task, a yes among them."""

    def __init__(self, page: Any) -> None:
        self.page, self.clicks, self.did = page, 0, set[str]()
        page.on("dialog", self._agree)
        self.named = ""

    def click(self, where: Any) -> None:
        self.clicks += 1
        where.click()

    def choose(self, where: Any, *files: Path) -> None:
        """Files, in the dialog that a click opens."""
        with self.page.expect_file_chooser() as chooser:
            where.click()
        chooser.value.set_files(files if len(files) > 1 else files[0])

    def has(self, task: str) -> None:
        assert self.clicks <= min(3, ALLOWED[task]), task
        self.did.add(task)
        self.clicks = 0

    def _agree(self, dialog: Any) -> None:
        if dialog.type == "prompt":
            dialog.accept(self.named)
        else:
            self.clicks += 1
            dialog.accept()


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with agent_over(tmp_path, username="ada", password="secret") as agent:
        agent.ingest([write_pdf(tmp_path / "log.pdf", "The Log", "The lock was opened in 1902 by Mara Quist.", "Fog.")])
        yield agent


@pytest.fixture
def page(agent: Agent, chromium: Any) -> Iterator[Any]:
    with served(application(agent, ["Who opened the lock in 1902?"])) as address:
        context = chromium.new_context(viewport=VIEWPORT)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        page.fill("[name=username]", "ada")
        page.fill("[name=password]", "secret")
        page.press("[name=password]", "Enter")
        ready(page)
        yield page
        context.close()


def test_none_takes_more_than_three_clicks(page: Any, agent: Agent, tmp_path: Path, drawn: Any) -> None:  # noqa: F811
    person = Person(page)
    _asks_and_looks(person)
    _takes_away(person)
    _sends_a_file_and_returns(person, tmp_path)
    _removes(person)
    _makes_a_corpus(person, tmp_path)
    _teaches(person, drawn, tmp_path)
    _stops(person, slow(agent))
    person.click(page.get_by_role("button", name="Sign out"))
    page.locator("[name=password]").wait_for()
    person.has("sign out")
    assert person.did == ALLOWED.keys() and len(ALLOWED) == 12


def _asks_and_looks(person: Person) -> None:
    page, answer = person.page, person.page.locator("#chat .answer")
    person.click(page.locator("#chat").get_by_role("button", name="Who opened the lock in 1902?"))
    answer.get_by_text("Mara Quist").first.wait_for()
    person.has("ask an example")

    person.click(answer.locator("a.cite").first)
    page.locator("#side .evidence .sheet img[alt*='log.pdf']").wait_for()
    person.has("see its source")

    person.click(page.locator("#side .evidence nav button", has_text="›"))
    page.locator("#side .evidence nav").get_by_text("page 2 of").wait_for()
    person.has("read another page of that document")


def _takes_away(person: Person) -> None:
    page = person.page
    person.click(page.locator("#chat .row .copy").first)
    page.locator("#chat .row .copy[data-told=Copied]").wait_for()
    person.has("copy an answer")

    with page.expect_download() as saved:
        person.click(page.locator("#chat .row").get_by_role("link", name="Save as PDF"))
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
    person.has("save it as PDF")


def _sends_a_file_and_returns(person: Person, tmp_path: Path) -> None:
    page, answer = person.page, person.page.locator("#chat .answer")
    page.get_by_role("button", name="New conversation").click()
    page.locator("#chat .asked").wait_for(state="detached")
    crane = write(tmp_path / "sent", {"crane.md": "# Crane\n\nThe crane Ilse lifts 40 tonnes.\n"}) / "crane.md"
    person.choose(page.locator("#ask .upload-button"), crane)
    page.locator("#ask .thumbnail-item, #ask [aria-label='Remove file']").first.wait_for()
    ask(page, "How many tonnes does the crane Ilse lift?")
    answer.get_by_text("40").first.wait_for()
    person.has("attach a file and ask about it")

    person.click(page.locator("#drawer button").first)
    person.click(page.locator("#conversations").get_by_role("link", name="Who opened the lock").first)
    answer.get_by_text("Mara Quist").first.wait_for()
    person.has("return to an earlier conversation")
    page.locator("#drawer button").first.click()


def _removes(person: Person) -> None:
    page = person.page
    person.click(page.get_by_role("tab", name="Documents"))
    person.click(page.locator("#documents").get_by_role("button", name="Remove pump.txt"))
    page.locator("#documents li", has_text="pump.txt").wait_for(state="detached")
    person.has("remove a document")


def _makes_a_corpus(person: Person, tmp_path: Path) -> None:
    page = person.page
    page.get_by_role("tab", name="Steps").click()
    person.clicks, person.named = 0, "Three"
    person.click(page.get_by_role("tab", name="Documents"))
    person.click(page.locator("#corpora").get_by_role("button", name="New corpus"))
    page.locator("#corpora").get_by_text("three").wait_for()
    folder = write(tmp_path / "three", FILES)
    person.choose(page.locator("#drop").get_by_role("button").first, *sorted(folder.iterdir()))
    page.locator("#corpora").get_by_text("3 documents").wait_for()
    person.has("a new corpus from three files")


def _teaches(person: Person, drawn: Any, tmp_path: Path) -> None:  # noqa: F811
    page = person.page
    person.click(page.get_by_role("tab", name="Demonstrations"))
    page.fill("#set-name input", "flaws")
    page.press("#set-name input", "Enter")
    eight = [path for label in LABELS for path in _named(tmp_path / "eight", label, drawn[label][:4])]
    person.choose(page.locator("#shown-pictures").get_by_role("button").first, *eight)
    page.locator("#shown-pictures table").wait_for()
    person.click(page.locator("#teach"))
    page.locator("#set li").nth(7).wait_for()
    person.choose(page.locator("#other-picture").get_by_role("button").first, drawn[LABELS[1]][9])
    page.locator("#other-picture table").first.wait_for()
    person.click(page.locator("#ask-demonstrations"))
    page.locator("#demonstrated .answer").wait_for()
    person.has("teach eight pictures and ask the ninth")


def _stops(person: Person, model: Slow) -> None:
    page = person.page
    page.get_by_role("button", name="New conversation").click()
    page.locator("#chat .asked").wait_for(state="detached")
    ask(page, VENUS)
    assert model.begun.wait(60)
    person.clicks = 0
    person.click(page.locator("#ask .stop-button"))
    page.locator("#chat .notice", has_text="Stopped").wait_for()
    model.gate.set()
    person.has("stop an answer")


def _named(folder: Path, label: str, pictures: list[Path]) -> list[Path]:
    """The pictures, named by their label."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{label}-{number}.png" for number, _ in enumerate(pictures)]
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(picture.read_bytes())
    return paths
