"""The page in a real browser, over a real corpus: ask, see the evidence, add a document, at any width."""

import base64
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from threading import Event

import pytest
from gradio_client import Client
from talks import WHOLE
from web import CHROMIUM, served

from ui import chat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]


def write_pdf(path: Path, title: str, *paragraphs: str) -> Path:
    """One page per paragraph."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    for paragraph in paragraphs:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(72, 760, title)
        canvas.setFont("Helvetica", 12)
        canvas.drawString(72, 720, paragraph)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def address(folder):
    from agent import Agent
    from ui.app import application

    report = write_pdf(
        folder / "lighthouse.pdf",
        "The Harbour Lighthouse",
        "The lighthouse was built in 1887 by Ada Thorne.",
        "Its lamp can be seen for 31 kilometres on a clear night.",
    )
    with (
        Agent.from_corpus(report, corpus="harbour", data_dir=folder / "data") as agent,
        served(application(agent, ["How far can the lamp be seen?"])) as url,
    ):
        agent.ask("Who built the lighthouse?")  # leaves a conversation on disk, which the page must not give away
        yield url


@pytest.fixture
def page(visitor, address):
    """A fresh visitor, and what the page asks of others."""
    page = visitor.new_page()
    page.foreign = []
    page.on(
        "request",
        lambda one: page.foreign.append(one.url) if not one.url.startswith((address, "data:", "blob:")) else None,
    )
    page.goto(address)
    page.wait_for_selector("#ask textarea:enabled")
    return page


def ask(page, question: str) -> str:
    """Asks, waits for the finished answer, returns its words."""
    before = page.locator(WHOLE).count()
    page.fill("#ask textarea", question)
    page.press("#ask textarea", "Enter")
    answer = page.locator(WHOLE).nth(before)
    answer.wait_for()
    return answer.inner_text()


def loaded(image) -> bool:
    image.wait_for()
    return image.evaluate("image => image.decode().then(() => image.naturalWidth > 0, () => false)")


@pytest.fixture
def held(monkeypatch):
    """Nothing is answered until this is set: a quick answer would be there before its first step is seen."""
    go, answering = Event(), chat.ask

    def ask_later(*arguments):
        go.wait(60)
        yield from answering(*arguments)

    monkeypatch.setattr(chat, "ask", ask_later)
    return go


def test_answer_forms_step_by_step_and_leads_to_its_page(page, held):
    page.fill("#ask textarea", "How far can the lamp of the lighthouse be seen?")
    page.press("#ask textarea", "Enter")
    page.locator("#chat .waiting", has_text="Looking").wait_for()
    held.set()
    page.locator(WHOLE).wait_for()
    assert "31 kilometres" in page.locator("#chat .answer").inner_text()
    page.locator("#chat a.cite").first.click()
    shown = page.locator("#side .evidence")
    assert loaded(shown.locator(".sheet img"))
    assert "page 2" in shown.inner_text()
    assert shown.locator(".mark").count() == 1
    assert not page.foreign, "the page asked for something from elsewhere"


def test_the_steps_are_told_to_the_last(page):
    ask(page, "Who built the lighthouse?")
    page.locator("#chat .row").wait_for()
    page.get_by_role("tab", name="Steps").click()
    steps = page.locator("ol.trace")
    steps.get_by_text("1 source cited").wait_for()
    assert "running" not in steps.inner_text()


def test_example_is_asked_by_a_click(page):
    page.get_by_text("How far can the lamp be seen?").click()
    page.locator("#chat .answer a.cite").first.wait_for()
    assert "31 kilometres" in page.locator("#chat .answer").inner_text()


def test_conversation_is_there_again_after_a_reload(page):
    ask(page, "Who built the lighthouse?")
    page.reload()
    page.locator("#chat a.cite").first.click()
    assert loaded(page.locator("#side .sheet img"))


def test_uploaded_document_can_be_asked_about(page, tmp_path):
    ferry = write_pdf(tmp_path / "ferry.pdf", "The Ferry", "The ferry Corvina carries 212 passengers.")
    page.get_by_role("tab", name="Documents").click()
    page.set_input_files("#drop input[type=file]", ferry)
    page.get_by_text("1 document ready").wait_for()
    page.locator("#documents").get_by_text("ferry.pdf").wait_for()
    assert "212 passengers" in ask(page, "How many passengers does the ferry Corvina carry?")
    page.locator("#chat a.cite").first.click()
    page.locator("#side .evidence h2").get_by_text("ferry.pdf").wait_for()


def test_a_document_is_removed_once_that_is_confirmed(page, tmp_path, folder):
    name = 'the buoy\'s "log".md'
    (tmp_path / name).write_text("# Buoy\n\nThe buoy Wanda was laid out in 1931.")
    page.get_by_role("tab", name="Documents").click()
    page.set_input_files("#drop input[type=file]", tmp_path / name)
    entry = page.locator("#documents li", has_text="buoy")
    entry.wait_for()
    page.once("dialog", lambda dialog: dialog.dismiss())
    entry.get_by_role("button", name="Remove").click()
    (copy,) = (folder / "data" / "uploads" / "harbour").glob("*buoy*")
    assert entry.count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    entry.get_by_role("button", name="Remove").click()
    entry.wait_for(state="detached")
    assert not copy.exists()
    assert page.locator("#documents li", has_text="lighthouse.pdf").count() == 1


@pytest.mark.parametrize("visitor", [{"viewport": {"width": 390, "height": 844}, "has_touch": True}], indirect=True)
def test_phone_needs_no_sideways_scrolling(page):
    box = page.locator("#ask").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] + box["height"] <= 844
    ask(page, "Who built the lighthouse?")
    assert loaded(page.locator("#side .sheet img"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("#chat a.cite").first.click()
    page.wait_for_function("document.getElementById('side').getBoundingClientRect().top < innerHeight / 2")


@pytest.mark.parametrize("visitor", [{"color_scheme": "dark"}], indirect=True)
def test_dark_mode_is_light_on_dark(page):
    ask(page, "Who built the lighthouse?")
    page.locator("#side .evidence .place").wait_for()
    ground = brightness(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    for part in ("#chat .answer p", "#chat .asked", "#side .evidence .place", ".brand"):
        ink = page.locator(part).first.evaluate("part => getComputedStyle(part).color")
        assert brightness(ink) - ground > 100, part


def brightness(colour: str) -> float:
    """0..255 of a CSS `rgb(...)`."""
    return sum(float(part) for part in re.findall(r"[\d.]+", colour)[:3]) / 3


def test_programs_can_ask_and_do_nothing_else(address):
    client = Client(address, verbose=False)
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    assert "1887" in client.predict("When was the lighthouse built?", api_name="/ask")["text"]


@pytest.mark.parametrize("path", ["/etc/hostname", __file__, "{data}/corpora/harbour/manifest.sqlite"])
def test_other_files_stay_private(address, path, folder):
    path = path.format(data=folder / "data")
    assert Path(path).exists()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{address}/gradio_api/file={urllib.parse.quote(path)}")
    assert refusal.value.code in (403, 404)


def test_gradio_serves_no_file_of_the_data_folder(address, folder):
    """They are addressed by what is in them, and not by where they lie."""
    said = Client(address, verbose=False).predict("Draw a bar chart: north: 3, south: 5", api_name="/ask")
    made = next((folder / "data" / "artifacts").rglob("chart.png"))
    assert base64.b64decode(said["artifacts"][0]["data"]) == made.read_bytes()
    link = f"{address}/made/{made.parent.name}/{made.name}"
    assert urllib.request.urlopen(link).read() == made.read_bytes()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{address}/gradio_api/file={made}")
    assert refusal.value.code == 403


def test_a_chart_and_a_voice_are_shown_played_and_cited(page):
    page.fill("#ask textarea", 'Draw a bar chart: north: 3, south: 5 and say "the south has more" aloud.')
    page.press("#ask textarea", "Enter")
    page.locator("#chat .answer:has(~ .row) audio").wait_for()  # whole: until then it is drawn anew
    picture = page.locator("#chat figure.artifact img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 200", arg=picture.element_handle())
    seconds = page.evaluate(
        """async () => {
            const sound = document.querySelector("#chat audio");
            if (!(sound.duration > 0)) await new Promise((done) => { sound.onloadedmetadata = done; sound.load(); });
            sound.muted = true;
            await sound.play();
            return sound.duration;
        }"""
    )
    assert 0.5 < seconds < 10
    with page.expect_download() as download:
        page.get_by_role("link", name="SVG").click()
    assert download.value.suggested_filename == "chart.svg"
    assert "<svg" in Path(download.value.path()).read_text()
