"""A picture of a source stands beside what cites it, and nothing is said twice."""

from pathlib import Path

import pytest

from agent.events import Artifact, Citation
from generators.charts.chart import Chart
from generators.core.base import Medium, Table
from retrievers.elements import Box, Element, Hit
from ui import render


def citation(number: int) -> Citation:
    box = Box(0.1, 0.1, 0.5, 0.2)
    element = Element(document="report.pdf", sha256="0" * 64, page=3, kind="figure", order=number, text="", box=box)
    return Citation(number, Hit(element, 1.0))


ONE, TWO = citation(1), citation(2)


def picture(name: str, *sources: Citation, mime: str = "image/png", **made: object) -> Artifact:
    return Artifact(Path(f"/artifacts/{name}.png"), mime, name, sources, made=made)


def order(html: str, *parts: str) -> bool:
    places = [html.index(part) for part in parts]
    return places == sorted(places)


@pytest.mark.parametrize(
    "text",
    [
        "The dam is old [1].\n\nIts wall is high [2].\n\nThat is all.",
        "- The dam is old [1]\n- Nothing else\n\n> Its wall is high [2].\n\nThat is all.",
    ],
)
def test_a_picture_stands_below_the_block_that_cites_it(text: str) -> None:
    html = render.message(text, [picture("Wall", TWO), picture("Dam", ONE)], [ONE, TWO], turn=7)
    assert order(html, "The dam is old", "Dam.png", "Its wall", "Wall.png", "That is all", 'class="sources"')


def test_it_stands_below_the_rows_that_are_shown_of_it() -> None:
    text = "**51**\n\n146 - 95 = 51 [1]\n\nMoons [1]\n\n| | Moons |\n| --- | --- |\n| Saturn | 146 |\n\nThe end."
    html = render.message(text, [picture("Satellites", ONE)], [ONE])
    assert order(html, "146 - 95", "Moons", "</table>", "Satellites.png", "The end")


def test_what_belongs_to_no_sentence_stands_at_the_end() -> None:
    speech = picture("Read aloud", ONE, mime="audio/wav", form="speech")
    html = render.message("It is old [1].\n\nIt is high.", [speech, picture("Closest", TWO)], [ONE, TWO])
    assert order(html, "It is old", "It is high", "Read aloud", "Closest.png")


def test_a_caption_that_the_text_says_is_not_said_again() -> None:
    text = "**Figure 3: The dam's** wall in 1931 (2). [1]\n\nIt is old [2]."
    shown = [picture("Figure 3: The dam's wall in 1931 [2].", ONE), picture("Table 4: Ages", TWO)]
    html = render.message(text, shown, [ONE, TWO])
    captions = [part.partition("</figcaption>")[0] for part in html.split("<figcaption>")[1:]]
    assert len([caption for caption in captions if "wall in 1931" in caption]) == 0
    assert any("Table 4: Ages" in caption for caption in captions), "what is not said stays"


@pytest.mark.parametrize(
    ("cells", "said"),
    [(("142984", "4879"), ("142,984", "4,879")), (("12345.5", "2"), ("12,345.5", "2"))],
)
def test_numbers_of_a_charts_caption_have_thousands(cells: tuple[str, str], said: tuple[str, str]) -> None:
    table = Table(("Planet", "Diameter (km)"), (("Jupiter", cells[0]), ("Mercury", cells[1])))
    made = Chart().convert(Medium("table", table=table), "a bar chart of the diameter")
    assert f"Jupiter {said[0]}; Mercury {said[1]}" in made.text
