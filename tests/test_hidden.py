"""What its author keeps out of sight is found after what can be seen, and said to be hidden."""

from collections.abc import Iterator
from pathlib import Path

import pptx
import pytest

from agent.answering.candidates.candidate import Quoted
from agent.answering.candidates.finding import candidates
from retrievers.corpus import Corpus
from retrievers.elements import WHOLE_PAGE, Block, Element, Page
from retrievers.ingestion.assemble import Assembler
from retrievers.library import Library

QUESTION = "How often is the turbine oil changed?"
OLD, NEW = "The turbine oil is changed every 999 hours.", "Oil of the turbine has to be renewed every 450 hours."


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """A hidden slide whose words are closer to the question than those of the visible one."""
    path = tmp_path_factory.mktemp("decks") / "service.pptx"
    deck = pptx.Presentation()
    for title, text, show in (("Turbine oil change", OLD, "0"), ("Lubrication", NEW, "1")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, text
        slide._element.set("show", show)
    deck.save(str(path))
    library = Library(tmp_path_factory.mktemp("data"))
    corpus = library.open("decks", create=True)
    corpus.ingest([path])
    yield corpus
    library.close()


def test_a_hidden_slide_is_found_last_and_says_so(corpus: Corpus) -> None:
    shown, hidden = corpus.search(QUESTION)
    assert (shown.element.page, shown.element.hidden) == (2, False)
    assert (hidden.element.page, hidden.element.hidden) == (1, True)
    assert "hidden in its document" in hidden.why
    assert "hidden" not in shown.why
    assert [report.notes for report in corpus.page_reports("service.pptx")] == [("hidden slide",), ()]


def test_what_is_shown_is_quoted_before_what_is_hidden(corpus: Corpus) -> None:
    best = candidates(QUESTION, corpus.search(QUESTION)).best[0]
    assert isinstance(best, Quoted)
    assert best.passage.text == NEW


def test_hidden_rows_are_elements_of_their_own() -> None:
    """Also between visible text, and in a table's pieces."""
    rows = (("tariff", "price"), *((f"tariff number {n}", f"{n} euros a month") for n in range(90)))
    text = "\n".join(" | ".join(row) for row in rows)
    blocks = [
        Block("text", "Prices of today.", WHOLE_PAGE),
        Block("text", "Prices of last year.", WHOLE_PAGE, hidden=True),
        Block("text", "All with tax.", WHOLE_PAGE),
        Block("table", text, WHOLE_PAGE, rows=rows, hidden=True),
    ]
    whole, *elements = Assembler("a.xlsx", "0" * 64, "a").place(Page(1, blocks))
    assert not whole.hidden
    assert [(one.text, one.hidden) for one in elements[:3]] == [
        ("Prices of today.", False),
        ("Prices of last year.", True),
        ("All with tax.", False),
    ]
    assert len(elements) > 4
    assert all(one.hidden for one in elements[3:])


def test_a_store_keeps_it_and_old_stores_can_be_read(tmp_path: Path) -> None:
    element = Element("a.pptx", "0" * 64, 1, "text", "x", WHOLE_PAGE, 0, hidden=True)
    kept = element.payload()
    assert Element.from_payload(kept) == element
    del kept["hidden"]
    assert not Element.from_payload(kept).hidden
