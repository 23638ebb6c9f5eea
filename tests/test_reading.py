"""Pages read by programs beside this one: the same as those read here, and a reader that dies costs one page."""

import os
import signal
import time
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from common.errors import BadDocument
from retrievers.ingestion.page_readers import Readers, Reading
from retrievers.ingestion.sources import Source
from retrievers.library import Library
from retrievers.parsers import open_document


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Twenty pages: more than an ingestion reads by itself."""
    path = tmp_path_factory.mktemp("books") / "book.pdf"
    canvas = Canvas(str(path), invariant=True)
    for number in range(1, 21):
        canvas.drawString(72, 700, f"Page {number} tells of the moons of planet {number}.")
        canvas.showPage()
    canvas.save()
    return Source(path.name, path, path.parent)


def test_readers_give_the_pages_asked_for(book: Source) -> None:
    with Readers(Reading(2)) as readers, open_document(book.path) as document:
        asked = [readers.read(book, numbers) for numbers in ([1, 2, 3], [11, 12], [20])]
        found = [read() for reads in asked for read in reads]
        assert found == [document.page(number) for number in (1, 2, 3, 11, 12, 20)]


def test_a_document_that_a_reader_cannot_read_says_so(book: Source, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(book.path.read_bytes()[:300])
    with Readers(Reading(1)) as readers:
        (read,) = readers.read(Source(damaged.name, damaged, tmp_path), [1])
        with pytest.raises(BadDocument, match=r"damaged\.pdf is not a readable PDF") as raised:
            read()
        assert raised.value.cure
        (read,) = readers.read(book, [1])
        assert "moons of planet 1." in read().blocks[0].text


@pytest.mark.parametrize("gone", [0.0, 0.5], ids=["dying", "dead"])
def test_a_reader_that_dies_costs_one_page(book: Source, gone: float) -> None:
    """It is asked for the next page right away, or `gone` seconds later, when its pipe is closed."""
    with Readers(Reading(1)) as readers:
        (first,) = readers.read(book, [1])
        first()
        os.kill(readers.processes[0], signal.SIGKILL)
        time.sleep(gone)
        lost, after = readers.read(book, [2, 3])
        with pytest.raises(BadDocument, match=r"Page 2 of book\.pdf brought down"):
            lost()
        assert after().number == 3


def test_readers_leave_with_the_block(book: Source) -> None:
    with Readers(Reading(2)) as readers:
        (read,) = readers.read(book, [1])
        read()
        (process,) = readers.processes
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_an_ingestion_with_readers_is_like_one_without(book: Source, tmp_path: Path) -> None:
    found = []
    for readers in (1, 2):
        with Library(tmp_path / str(readers), readers=readers).open("c", create=True) as corpus:
            corpus.ingest([book.path])
            found.append(({element.id: element for element in corpus.store.scroll()}, corpus.page_reports("book.pdf")))
    assert len(found[0][1]) == 20
    assert found[0] == found[1]
