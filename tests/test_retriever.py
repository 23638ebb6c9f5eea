"""Retrieval on a real store with the real embedders: the right page first, and the reasons it gives."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from agent import Agent, Citation
from common.errors import BadDocument, UserError
from retrievers.library import Corpus, Library

PAGES = {
    "mercury.pdf": [
        "Mercury has no moons and is closest to the Sun, see Figure 3.",
        "A year on Mercury lasts 88 days.",
    ],
    "venus.pdf": [
        "Venus is hidden under clouds of sulphuric acid, see Figure 3.",
        "The surface of Venus is 464 degrees hot.",
    ],
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


@pytest.mark.parametrize(
    "question", ["What does page 2 say?", "What is on the second page?", "What does Figure 3 show?", "pages 1-2"]
)
def test_a_page_or_figure_named_by_its_number_is_looked_for_in_the_document_asked_for(
    corpus: Corpus, question: str
) -> None:
    hits = corpus.search(question, documents=["venus.pdf"], top=50)
    assert {hit.element.document for hit in hits} <= {"venus.pdf"}
    named = corpus.retriever.candidates(question, documents=["venus.pdf"])
    assert {candidate.document for candidate in named} <= {"venus.pdf"}


def test_a_document_is_the_one_of_that_very_name(tmp_path: Path) -> None:
    """Not one in a folder that sorts before it."""
    for folder, text in ((tmp_path / "a", "Asteroids are rocks."), (tmp_path, "Comets are ice.")):
        folder.mkdir(exist_ok=True)
        (folder / "report.md").write_text(text)
    library = Library(tmp_path / "data")
    corpus = library.open("c", create=True)
    corpus.ingest([tmp_path / "report.md"])
    corpus.ingest([tmp_path / "a" / "report.md"])
    assert [record.name for record in corpus.documents()] == ["a/report.md", "report.md"]
    element = corpus.search("What are they?", documents=["report.md"])[0].element
    assert (element.document, element.text) == ("report.md", "Comets are ice.")
    corpus.render(element)
    library.close()


@pytest.mark.parametrize("change", ["other words", "gone"])
def test_a_source_that_changed_is_never_drawn_as_if_cited(tmp_path: Path, change: str) -> None:
    """Neither the page nor a crop of it; only what was drawn while it was as cited is still shown."""
    (tmp_path / "comets.md").write_text("# Comets\n\nComets are ice.\n\n| a | b |\n|---|---|\n| ice | 1 |\n")
    with Agent.from_corpus(tmp_path / "comets.md", corpus="c", data_dir=tmp_path / "data") as agent:
        citation = Citation(1, agent.library.open("c").search("What are comets?")[0])
        before = agent.page_image(citation).read_bytes()
        if change == "gone":
            (tmp_path / "comets.md").unlink()
        else:
            (tmp_path / "comets.md").write_text("# Comets\n\nComets are fire.\n\n| a | b |\n|---|---|\n| fire | 1 |\n")
        assert agent.page_image(citation).read_bytes() == before
        draws = (lambda: agent.page_image(citation, width=500), lambda: agent.figure_image(citation.hit.element))
        for draw in draws:
            with pytest.raises(BadDocument, match=r"comets\.md (has changed|cannot be read)"):
                draw()


@pytest.mark.parametrize("change", ["other words", "other words, same times"])
def test_a_file_is_not_read_whole_for_every_crop_but_is_after_any_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = tmp_path / "comets.md"
    path.write_text("Comets are ice.\n")
    library = Library(tmp_path / "data")
    corpus = library.open("c", create=True)
    corpus.ingest([path])
    element = corpus.search("What are comets?")[0].element
    read: list[str] = []
    hashed = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, name: read.append(name) or hashed(file, name))
    for settled, reads in ((10**15, 2), (0, 1)):  # just written, it might be written again without a sign of it
        monkeypatch.setattr("retrievers.ingestion.sources.SETTLED", settled)
        read.clear()
        for _ in range(2):
            corpus.crop(element)
        assert len(read) == reads
    before = path.stat()
    path.write_text("Comets are ire.\n")
    if change.endswith("same times"):
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(BadDocument, match="has changed"):
        corpus.crop(element)
    library.close()
