"""Retrieval on a real store with the real embedders: the right page first, and the reasons it gives."""

from collections.abc import Iterator

import pytest
from reportlab.pdfgen.canvas import Canvas

from common.errors import UserError
from retrievers.library import Corpus, Library

PAGES = {
    "mercury.pdf": ["Mercury has no moons and is closest to the Sun.", "A year on Mercury lasts 88 days."],
    "venus.pdf": ["Venus is hidden under clouds of sulphuric acid.", "The surface of Venus is 464 degrees hot."],
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("planets")
    for name, pages in PAGES.items():
        canvas = Canvas(str(folder / name))
        for text in pages:
            canvas.drawString(72, 700, text)
            canvas.showPage()
        canvas.save()
    library = Library(tmp_path_factory.mktemp("data"))
    corpus = library.open("planets", create=True)
    corpus.ingest([folder])
    yield corpus
    library.close()


@pytest.mark.parametrize(
    ("question", "document", "page"),
    [
        ("How long is a year on Mercury?", "mercury.pdf", 2),
        ("Which planet is covered by acid clouds?", "venus.pdf", 1),
        ("temperature of the ground on Venus", "venus.pdf", 2),
    ],
)
def test_the_page_that_answers_comes_first(corpus: Corpus, question: str, document: str, page: int) -> None:
    best = corpus.search(question)[0].element
    assert (best.document, best.page, best.kind) == (document, page, "text")


def test_one_hit_per_page_at_most(corpus: Corpus) -> None:
    pages = [(hit.element.document, hit.element.page) for hit in corpus.search("planet", top=50)]
    assert len(pages) == len(set(pages)) == 4


def test_a_hit_says_why_it_matched(corpus: Corpus) -> None:
    hit = corpus.search("How many days is the year on Mercury?")[0]
    assert {"days", "year", "Mercury"} <= set(hit.terms)
    assert {"text", "lexical"} <= hit.ranks.keys()
    assert "lexical #1" in hit.why


def test_only_the_document_asked_for(corpus: Corpus) -> None:
    assert {hit.element.document for hit in corpus.search("Mercury", documents=["venus.pdf"])} == {"venus.pdf"}


def test_kinds_that_are_not_there_find_nothing(corpus: Corpus) -> None:
    assert corpus.search("Mercury", kinds=["table"]) == []


def test_boxes_hold_on_the_rendered_page(corpus: Corpus) -> None:
    element = corpus.search("Mercury lasts 88 days")[0].element
    crop = corpus.crop(element).convert("L")
    page = corpus.render(element, 1600).convert("L")
    dark = sum(page.histogram()[:128])
    assert dark > 0
    assert sum(crop.histogram()[:128]) == dark, "all ink of a one-line page lies inside its box"


def test_errors_name_the_cure(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="Add a few words"):
        corpus.search("  ")
    with pytest.raises(UserError, match=r"mercury\.pdf"):
        corpus.search("x", documents=["pluto.pdf"])


def test_other_frameworks_find_the_same(corpus: Corpus) -> None:
    from retrievers.interop import langchain_retriever, llama_index_retriever

    question = "How long is a year on Mercury?"
    expected = [str(hit.element.id) for hit in corpus.search(question, top=3)]
    nodes = llama_index_retriever(corpus, top=3).retrieve(question)
    documents = langchain_retriever(corpus, top=3).invoke(question)
    assert [node.node.node_id for node in nodes] == expected
    assert [document.id for document in documents] == expected
    assert documents[0].metadata["page"] == nodes[0].node.metadata["page"] == 2
