"""Figures and tables are joined to the sentences that name them, and neighbours say what they are to each other."""

from dataclasses import replace

import pytest

from agent.answering.evidence import fence
from retrievers.elements import WHOLE_PAGE, Block, Box, Element, Hit, Origin, Page
from retrievers.ingestion.assemble import Assembler
from retrievers.ingestion.caption_mentions import lead_in, mentioning, relation

PROSE = (
    "Sales fell in spring. As Figure 3 shows, they rose again in summer. "
    "Figures 3 and 4 use the same scale. See Fig. 30 for the rest. Table 3 lists the shops."
)


@pytest.mark.parametrize(
    ("caption", "named"),
    [
        (
            "Figure 3: Sales by month",
            ["As Figure 3 shows, they rose again in summer.", "Figures 3 and 4 use the same scale."],
        ),
        ("Fig. 4. Costs", ["Figures 3 and 4 use the same scale."]),
        ("Figure 4b: Costs of shops", ["Figures 3 and 4 use the same scale."]),
        ("Figure 30", ["See Fig. 30 for the rest."]),
        ("Table 3. Shops", ["Table 3 lists the shops."]),
        ("Figure 5", []),
        ("Sales by month", []),
    ],
)
def test_the_sentences_that_name_a_caption(caption: str, named: list[str]) -> None:
    assert list(mentioning([PROSE], caption)) == named


FOREIGN = (
    "Die Miete stieg. Abbildung 3 zeigt den Verlauf. In Tabelle 3 stehen die Kosten. Los precios están en las tablas "
    "1 y 4. La figura 12 no los muestra. Le tableau 5 en donne le détail."
)


@pytest.mark.parametrize(
    ("caption", "named"),
    [
        ("Abb. 3: Miete", ["Abbildung 3 zeigt den Verlauf."]),
        ("Tabelle 3 – Kosten", ["In Tabelle 3 stehen die Kosten."]),
        ("Figura 12. Precios", ["La figura 12 no los muestra."]),
        ("Tableau 5 : détail", ["Le tableau 5 en donne le détail."]),
        ("Figura 1. Precios", []),
        ("Schritt 3: Miete", []),
    ],
)
def test_captions_of_other_languages_are_named_too(caption: str, named: list[str]) -> None:
    assert list(mentioning([FOREIGN], caption)) == named


def test_a_figure_is_indexed_with_the_sentences_that_name_it() -> None:
    page = Page(
        1,
        (
            Block("text", PROSE, WHOLE_PAGE),
            Block("figure", "Jan Feb Mar", Box(0, 0.5, 1, 0.8), caption="Figure 3: Sales by month"),
            Block("table", "a | b", Box(0, 0.8, 1, 1), caption="Table 3", rows=(("a", "b"), ("1", "2"))),
        ),
    )
    figure, table = (e for e in Assembler("a.pdf", "0", "Report").place(page) if e.kind in ("figure", "table"))
    assert "rose again in summer" in figure.mentions and "rose again in summer" in figure.indexed_text
    assert "rose again" not in figure.text
    assert table.mentions == "Table 3 lists the shops."
    assert Element.from_payload(figure.payload()) == figure


FIGURE = Element("a.pdf", "0", 1, "figure", "Jan", WHOLE_PAGE, 2, caption="Figure 3: Sales", section=("Sales",))
TEXT = Element("a.pdf", "0", 1, "text", "Sales fell. Figure 3 shows it.", WHOLE_PAGE, 1, section=("Sales",))
PLAIN = replace(TEXT, text="Nothing of note.", order=3)


@pytest.mark.parametrize(
    ("element", "other", "what"),
    [
        (TEXT, FIGURE, "mentions it"),
        (FIGURE, TEXT, "mentioned in it"),
        (FIGURE, PLAIN, "figure beside it"),
        (PLAIN, TEXT, "same section"),
        (replace(PLAIN, section=("Costs",)), TEXT, "same page"),
    ],
)
def test_what_a_neighbour_is(element: Element, other: Element, what: str) -> None:
    assert relation(element, other) == what


def test_the_model_is_told_what_a_neighbour_is() -> None:
    shown = fence([Hit(TEXT, 1.0), Hit(FIGURE, 1.0, beside=TEXT.id, relation="mentioned in it")])
    assert 'beside="1" relation="mentioned in it"' in shown
    assert shown.count("beside=") == 1
    assert "beside" not in fence([Hit(FIGURE, 1.0, beside=TEXT.id, relation="mentioned in it")])  # [1] is not given


@pytest.mark.parametrize("origin", ["text", "ocr"])
def test_a_whole_page_says_whether_its_words_were_recognised(origin: Origin) -> None:
    page = Page(1, (Block("text", PROSE, WHOLE_PAGE, origin=origin),))
    whole = next(one for one in Assembler("a.pdf", "0", "Report").place(page) if one.kind == "page")
    assert (whole.origin, whole.text) == (origin, PROSE)


def test_what_stands_over_a_table_without_a_caption_goes_with_it() -> None:
    """As the title and the unit of a chart do; a paragraph farther up, or a long one, does not."""
    above = Block("text", "Guests of the two ferries", Box(0.1, 0.20, 0.4, 0.21))
    unit = Block("text", "in thousands, June to August", Box(0.1, 0.22, 0.4, 0.23))
    far = Block("text", "The harbour was deepened twice.", Box(0.1, 0.05, 0.6, 0.06))
    aside = Block("text", "Bring a coat.", Box(0.6, 0.22, 0.9, 0.23))
    table = Block("table", "", Box(0.1, 0.24, 0.5, 0.4), rows=(("Ferry", "Guests"), ("Gull", "41")))
    blocks = (far, above, aside, unit, table)
    assert lead_in(blocks, table) == "Guests of the two ferries\nin thousands, June to August"
    assert not lead_in(blocks, replace(table, caption="Table 1: Guests"))
    assert not lead_in((far, replace(unit, text="Many came. " * 40), table), table)
