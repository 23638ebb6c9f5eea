"""What an answer rests on, in Chromium over a report: just that is marked, a figure stands beside what cites it, and
its caption is said once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from talks import answers, ask, opened
from web import CHROMIUM

from agent import Agent
from agent.events import Answer
from agent.memory import Turn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}"),
]
CORPUS = Path(__file__).parents[1] / "examples/corpus"
SEEN = """() => {
    const mark = document.querySelector("#side .mark");
    return mark?.checkVisibility({ opacityProperty: true }) && document.querySelector("#side .sheet img").complete;
}"""
MARKED = """() => {
    const page = document.querySelector("#side .paper").getBoundingClientRect();
    return [...document.querySelectorAll("#side .mark")].map((one) => {
        const { width, height } = one.getBoundingClientRect();
        return [width / page.width, height / page.height];
    });
}"""


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    data = tmp_path_factory.mktemp("sources")
    with Agent.from_corpus(CORPUS / "planets-report.pdf", corpus="sky", data_dir=data) as agent:
        yield agent


@pytest.fixture
def page(page_of: Any, visitor: Any) -> Any:
    return opened(visitor, page_of[1])


def test_the_marks_of_one_page_never_lie_on_another(page: Any) -> None:
    ask(page, "What is the orbital period of Neptune in days?")
    answers(page, 1)
    page.wait_for_function(SEEN)
    held: list[Any] = []

    def hold(call: Any) -> None:
        held.append(call)

    page.route("**/document-pages/**", hold)
    ask(page, "Show the cut through the rings of Saturn.")
    page.locator("#side .evidence .place", has_text="Figure").wait_for()
    page.wait_for_function(f"!({SEEN})()")
    while not held:
        page.wait_for_timeout(20)
    for call in held:
        call.continue_()
    page.wait_for_function(SEEN)


@pytest.mark.parametrize(
    ("question", "most"),
    [
        ("Why is Venus hotter than Mercury?", 0.03),  # a line of the sentence
        ("What is the orbital period of Neptune in days?", 0.05),  # a row
    ],
)
def test_what_is_quoted_is_marked_and_not_all_of_its_region(page: Any, question: str, most: float) -> None:
    ask(page, question)
    answers(page, 1)
    page.locator("#side .sheet img").evaluate("image => image.decode()")
    marks = page.evaluate(MARKED)
    assert marks
    assert max(height for _, height in marks) < most, marks


def test_what_marks_a_row_covers_little_of_the_next(page: Any) -> None:
    ask(page, "How much larger is the diameter of Jupiter than that of Saturn?")
    answers(page, 1)
    page.locator("#side .sheet img").evaluate("image => image.decode()")
    jupiter, saturn = [mark.bounding_box() for mark in page.locator("#side .mark").all()]
    assert jupiter["y"] + jupiter["height"] - saturn["y"] < 0.2 * saturn["height"]


def test_numbers_under_a_chart_have_thousands(page: Any) -> None:
    ask(page, "Draw a bar chart: Jupiter: 142984, Mercury: 4879, Dimorphos: 0.16")
    page.locator("#chat figure.artifact img").wait_for()
    assert "Jupiter 142,984; Mercury 4,879; Dimorphos 0.16" in page.locator("#chat .answer").inner_text()


def test_a_figure_stands_beside_what_cites_it_and_its_caption_is_said_once(page: Any) -> None:
    ask(page, "Show the cut through the rings of Saturn.")
    answers(page, 1)
    answer = page.locator("#chat .answer")
    figure = answer.locator("figure.artifact").first
    figure.wait_for()
    cited = "figure => figure.previousElementSibling.querySelector('a.cite')?.dataset.cite"
    assert figure.evaluate(cited) == answer.locator("a.cite").first.get_attribute("data-cite")
    said = answer.inner_text()
    assert said.count("A cut through the main rings of Saturn") == 1, said


def test_a_figure_stands_between_the_sentence_that_cites_it_and_the_next(page_of: Any, visitor: Any) -> None:
    agent, address = page_of
    rings, venus = map(agent.ask, ("Show the cut through the rings of Saturn.", "Why is Venus hotter than Mercury?"))
    sources = (rings.citations[0], replace(venus.citations[0], number=2))
    words = "The rings are cut through here [1].\n\nVenus is hotter for another reason [2]."
    name, question = "f" * 32, "What of the rings, and what of Venus?"
    turn = agent.conversations.begin(name, question, "sky")
    agent.conversations.answered(turn, Turn(question, question, Answer(words, sources, rings.artifacts)))
    figure = opened(visitor, f"{address}/?c={name}").locator("#chat .answer figure.artifact")
    figure.wait_for()
    beside = figure.evaluate("one => [one.previousElementSibling.innerText, one.nextElementSibling.innerText]")
    assert [words.partition(" ")[0] for words in beside] == ["The", "Venus"]
