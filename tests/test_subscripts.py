"""Whichever way a document or a question writes what is lowered or raised, they find each other."""

from collections.abc import Iterator

import pytest
from office_files import p, word
from reportlab.pdfgen.canvas import Canvas

from retrievers.corpus import Corpus
from retrievers.library import Library

DOCUMENTS = {"a.docx", "b.pdf", "c.html", "d.md"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("gases")

    def run(kind: str, text: str) -> str:
        return f'<w:r><w:rPr><w:vertAlign w:val="{kind}"/></w:rPr><w:t>{text}</w:t></w:r>'

    word(
        folder / "a.docx",
        p("Barns let out CO", run("subscript", "2"), " over 30 km", run("superscript", "2"), " of land."),
    )
    canvas = Canvas(str(folder / "b.pdf"))
    line = canvas.beginText(72, 700)
    for text, size, rise in (("Kilns let out CO", 12, 0), ("2", 8, -3), (" over 50 km", 12, 0), ("2", 8, 4)):
        line.setFont("Helvetica", size)
        line.setRise(rise)
        line.textOut(text)
    canvas.drawText(line)
    canvas.save()
    (folder / "c.html").write_text("<p>Ferries let out CO<sub>2</sub> over 70 km<sup>2</sup> of sea.</p>")
    (folder / "d.md").write_text("Mines let out CO2 over 90 km2 of moor.")
    with Library(tmp_path_factory.mktemp("data")).open("gases", create=True) as corpus:
        report = corpus.ingest([folder])
        assert not report.failed
        yield corpus


@pytest.mark.parametrize("asked", ["CO2", "CO₂", "km2", "km²"])
def test_lowered_and_raised_digits_are_found_as_they_are_typed(corpus: Corpus, asked: str) -> None:
    assert {hit.element.document for hit in corpus.search(asked) if hit.terms == (asked,)} == DOCUMENTS
