"""The page in a real browser over documents, labels, names and questions that try to be more than words."""

from pathlib import Path

import pytest
from agent_corpus import agent_over
from hostile import MARKUP
from PIL import Image
from playwright.sync_api import Browser, Page
from web import CHROMIUM, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
NAMES = [
    "grey\n\n[click](javascript:window.hurt=1).md",
    "<img src=x onerror=window.hurt=1>\r\r![x](javascript:window.hurt=1).md",
    "`\u2028\u2028<svg onload=window.hurt=1>\u202e\x1b[31m.md",
]
TEXT = "# {markup}\n\n## {markup}\n\nThe moon of case {number} is grey: {markup}\n\nTable 1: {markup}\n\n{table}"
FOREIGN = """() => [...document.querySelectorAll("#chat *, #side *")].filter((one) => {
    const written = [...one.attributes].some((each) => each.name.startsWith("on") && each.name !== "on");
    const address = one.getAttribute("href") || one.getAttribute("src") || "";
    const sent = one.closest("#shown-pictures, #other-picture") && address.includes("/gradio_api/file=");
    const ours = sent || /^$|^#evidence$|^made.[0-9a-f]+.png$|document-pages.|^answers.|^blob:/.test(address);
    const odd = ["SCRIPT", "IFRAME", "FORM", "BASE", "LINK", "STYLE", "OBJECT", "EMBED"].includes(one.tagName);
    return written || odd || !ours;
}).map((one) => one.outerHTML.slice(0, 300))"""


def documents() -> dict[str, str]:
    """Each with markup as its title, section, text, caption and cells."""
    files = {}
    for number, markup in enumerate(MARKUP):
        cells = " ".join(markup.replace("|", "").split())
        table = f"| Moon | {cells} |\n|---|---|\n| grey {number} | {cells} |\n"
        name = NAMES[number] if number < len(NAMES) else f"{number}.md"
        files[name] = TEXT.format(markup=markup, number=number, table=table)
    return files


class Watched:
    """A visitor's page, and whether anything on it is more than words."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.foreign: list[str] = []
        page.set_default_timeout(60_000)
        page.on("request", lambda one: self.foreign.append(one.url))
        self.own = (url, "data:", "blob:")

    def check(self, place: str) -> None:
        assert self.page.evaluate(FOREIGN) == [], place
        assert self.page.evaluate("window.hurt") is None, place
        assert not [one for one in self.foreign if not one.startswith(self.own)], place


def test_no_word_of_a_stranger_is_more_than_a_word(tmp_path: Path, chromium: Browser) -> None:
    from ui.app import application

    pictures = [tmp_path / f"{number}.png" for number in range(4)]
    for number, path in enumerate(pictures):
        Image.new("RGB", (32, 32), (60 * number, 90, 9)).save(path)
    labels = [MARKUP[0], f"a\n\n{MARKUP[7]}", MARKUP[1], f"b\u2028{MARKUP[9]}"]
    with agent_over(tmp_path, documents(), top_k=20) as agent:
        agent.demonstrations.teach("flaws", list(zip(pictures, labels, strict=True)))
        with served(application(agent, MARKUP[:6])) as url:
            context = chromium.new_context(viewport={"width": 1440, "height": 1100})
            watched = Watched(context.new_page(), url)
            watched.page.goto(url)
            watched.page.wait_for_selector("#ask textarea:enabled")
            watched.check("examples")
            ask_and_look(watched)
            add_a_document(watched, tmp_path)
            ask_by_demonstrations(watched, pictures[0])
            watched.page.reload()
            watched.page.locator("#chat .answer").nth(1).wait_for()
            watched.check("the conversation, again")
            context.close()


def ask_and_look(watched: Watched) -> None:
    page = watched.page
    for number, question in enumerate(["What colour is the moon?", "The moon?\n\n" + "\n\n".join(MARKUP)]):
        page.fill("#ask textarea", question)
        page.press("#ask textarea", "Enter")
        page.locator("#chat .answer ul.sources, #chat .answer.unfound").nth(number).wait_for()
        page.locator("#side .evidence .number").first.wait_for()  # comes last: then the next question is taken
        watched.check(question[:10])
    for source in page.locator("#chat a.source").all()[:3]:
        source.click()
        number = source.get_attribute("data-cite").partition("-")[2]
        page.locator("#side .evidence .number").get_by_text(number, exact=True).wait_for()
        page.locator("#side .sheet img").wait_for()
        watched.check("evidence")
    page.get_by_role("tab", name="Steps").click()
    watched.check("steps")


def add_a_document(watched: Watched, folder: Path) -> None:
    page = watched.page
    added = folder / NAMES[0].replace("grey", "added")
    added.write_text(f"# Comets\n\nComets are ice. {MARKUP[0]}\n")
    page.get_by_role("tab", name="Documents").click()
    page.set_input_files("#drop input[type=file]", added)
    page.get_by_text("1 document ready").wait_for()
    page.locator("#documents li").nth(len(MARKUP)).wait_for()
    watched.check("documents and the report")


def ask_by_demonstrations(watched: Watched, picture: Path) -> None:
    page = watched.page
    page.get_by_role("tab", name="Demonstrations").click()
    page.locator("#set li").nth(3).wait_for()
    page.set_input_files("#other-picture input[type=file]", picture)
    page.locator("#other-picture table").first.wait_for()
    page.click("#ask-demonstrations")
    page.locator("#demonstrated .answer figcaption").nth(3).wait_for()
    watched.check("demonstrations")
