"""The very line that an answer quotes is marked, in Chromium: of a scan, and of a slide with notes. Sources and pages
are a step away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pptx import Presentation
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas
from talks import answers, ask, opened
from web import CHROMIUM

from agent import Agent

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
HEIGHT = 842  # of an A4 page, in points
TOP, APART = 120, 60  # of the first line of the scan from the top of its page, and of each from the next
LOG = (
    "The lantern of the northern pier was lit in 1887.",
    "Its keeper was paid forty crowns a month.",
    "Paraffin came by boat from Tarvik every spring.",
    "The bell was cast by Johanna Lund in 1902.",
)
SLIDE = (
    "The ferry Corvina",
    "She carries 212 passengers across the sound.",
    "Her engines were built in Odense in 1974.",
    "The crossing to Tarvik takes forty minutes.",
)
MARKS = """() => {
    const page = document.querySelector("#side .paper").getBoundingClientRect();
    return [...document.querySelectorAll("#side .mark")].map((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return [(top - page.top) / page.height, (bottom - page.top) / page.height];
    });
}"""


def scan(path: Path) -> None:
    """Pages that were drawn, photographed, and put into a PDF as nothing but pictures."""
    drawn = path.with_name("drawn.pdf")
    canvas = Canvas(str(drawn), pagesize=(595, HEIGHT))
    for words in (LOG, ["The second page of the log is about herring alone."]):
        canvas.setFont("Helvetica", 20)
        for number, line in enumerate(words):
            canvas.drawString(60, HEIGHT - TOP - APART * number, line)
        canvas.showPage()
    canvas.save()
    with pypdfium2.PdfDocument(drawn) as document:
        first, *others = [page.render(scale=2).to_pil() for page in document]
    drawn.unlink()
    first.save(path, "PDF", save_all=True, append_images=others, resolution=144)


def deck(path: Path) -> None:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    frame = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(8), Inches(5)).text_frame
    frame.text = "\n".join(SLIDE)
    frame.word_wrap = True
    slide.notes_slide.notes_text_frame.text = "Say that the Corvina was painted blue by Ole Brandt."
    made.save(str(path))


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "pier").mkdir()
    scan(folder / "pier/log.pdf")
    deck(folder / "pier/ferry.pptx")
    with Agent.from_corpus(folder / "pier", corpus="pier", data_dir=folder / "data") as agent:
        yield agent


@pytest.fixture
def page(page_of: Any, visitor: Any) -> Any:
    return opened(visitor, page_of[1])


def marks(page: Any, question: str) -> list[tuple[float, float]]:
    """Top and bottom, as shares of the page's height, of all that is marked for the answer's first source."""
    ask(page, question)
    answers(page, 1)
    page.locator("#side .sheet img").evaluate("image => image.decode()")
    return [(top, bottom) for top, bottom in page.evaluate(MARKS)]


@pytest.mark.parametrize(
    ("question", "line"), [("Who cast the bell in 1902?", 3), ("When did paraffin come from Tarvik?", 2)]
)
def test_of_a_scan_the_line_that_is_quoted_is_marked(page: Any, question: str, line: int) -> None:
    ((top, bottom),) = marks(page, question)
    page.locator("#side .place", has_text="read by OCR").wait_for()
    assert top < (TOP + APART * line - 5) / HEIGHT < bottom, "on its letters"
    assert bottom - top < APART / HEIGHT, "and on no other line"


def test_of_a_slide_with_notes_the_line_that_is_quoted_is_marked(page: Any) -> None:
    found = [marks(page, "Where were the engines of the Corvina built?")]
    page.click("#new")
    page.locator("#chat .asked").wait_for(state="detached")
    found.append(marks(page, "How many passengers does the ferry Corvina carry?"))
    ((engines, low),), ((passengers, high),) = found
    assert max(low - engines, high - passengers) < 0.1, "one line each"
    assert (passengers + high) / 2 < engines < low, "the one below the other"


def test_what_the_notes_of_a_slide_say_is_not_marked_on_it(page: Any) -> None:
    assert marks(page, "Who painted the Corvina blue?") == []
    page.locator("#side blockquote", has_text="painted blue by Ole Brandt").wait_for()


def test_the_next_and_the_previous_source_and_page_are_a_step_away(page: Any) -> None:
    ask(page, "Who wrote the lighthouse's second novel?")  # nobody knows: the nearest pages are named
    answers(page, 1)
    panel = page.locator("#side .evidence")
    sources = page.locator("#chat a.source").all_inner_texts()
    count = len(sources)
    assert count > 1
    number = panel.locator(".number")
    panel.get_by_text(f"1 of {count}", exact=True).wait_for()
    step = panel.get_by_role("navigation", name="Sources of this answer").locator("a")
    for place in [*range(2, count + 1), 1]:
        step.last.click()
        panel.get_by_text(f"{place} of {count}", exact=True).wait_for()
        assert number.inner_text() == str(place)
        assert sources[place - 1].split()[1] == panel.locator("h2").inner_text().removeprefix(str(place)).strip()
    step.first.click()
    panel.get_by_text(f"{count} of {count}", exact=True).wait_for()
    page.locator("#chat a.source", has_text="log.pdf").first.click()
    pages = panel.get_by_role("navigation", name="Pages of this document")
    panel.locator("h2", has_text="log.pdf").wait_for()
    here = 1 if pages.get_by_title("Page 2").count() else 2
    for there in (3 - here, here):
        pages.get_by_title(f"Page {there}", exact=True).first.click()
        pages.get_by_text(f"page {there} of 2").wait_for()
        assert panel.locator(".sheet img").get_attribute("alt") == f"log.pdf, page {there}"
        assert page.locator("#side .mark").count() == (there == here), "on the page that is cited alone"
