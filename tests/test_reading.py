"""Documents read by programs beside this one: the same as read here, and what goes wrong costs that page alone."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from common.errors import BadDocument
from retrievers.elements import Page
from retrievers.ingestion.ingest import IngestReport
from retrievers.ingestion.page_readers import Readers, Reading
from retrievers.ingestion.reader_program import PROGRAM, Request
from retrievers.ingestion.sources import Source
from retrievers.library import Library
from retrievers.parsers import open_document
from retrievers.stores.base import Filter

ODD = {
    "key": "it holds something that was not understood (KeyError: 'blocks')",
    "memory": "it needs more memory than reading may take",
    "nested": "it is nested too deeply",
    "endless": "it takes longer than 2 s.",
    "crash": "it brought down the program that read it. Export or download the file again.",
}


def write_pdf(path: Path, pages: list[str]) -> Source:
    canvas = Canvas(str(path), invariant=True)
    for words in pages:
        canvas.drawString(72, 700, f"This page tells of {words} in all its parts.")
        canvas.showPage()
    canvas.save()
    return Source(path.name, path, path.parent)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Source:
    path = tmp_path_factory.mktemp("books") / "book.pdf"
    return write_pdf(path, [f"the moons of planet {number}" for number in range(1, 21)])


def read_one(readers: Readers, source: Source, number: int) -> Page:
    (read,) = readers.open(source).read([number])
    return read()


def test_readers_give_the_pages_asked_for(book: Source) -> None:
    with Readers(Reading(2)) as readers, open_document(book.path) as document:
        there = readers.open(book)
        assert (there.opened.title, there.opened.page_count) == (document.title, 20)
        asked = [there.read(numbers) for numbers in ([1, 2, 3], [11, 12], [20])]
        assert [read() for reads in asked for read in reads] == [document.page(n) for n in (1, 2, 3, 11, 12, 20)]
        assert there.render(5, 300).tobytes() == document.render(5, 300).tobytes()
        assert len(readers.processes) == 2


def test_a_document_that_cannot_be_opened_says_so(book: Source, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(book.path.read_bytes()[:300])
    with Readers(Reading(1)) as readers:
        with pytest.raises(BadDocument, match=r"damaged\.pdf is not a readable PDF") as raised:
            print(readers.open(Source(damaged.name, damaged, tmp_path)).opened)
        assert raised.value.cure
        assert "moons of planet 1 " in read_one(readers, book, 1).blocks[0].text


def test_what_a_parser_advises_reaches_whoever_runs_it(book: Source) -> None:
    with Readers(Reading(1, "odd_parser:LackingPdf")) as readers, pytest.raises(BadDocument) as raised:
        print(readers.open(book).opened)
    assert (raised.value.what, raised.value.cure) == ("Needs a converter.", "Save it again.")
    assert raised.value.command == "Install the converter."


def test_a_reader_that_is_killed_between_two_pages_costs_none(book: Source) -> None:
    with Readers(Reading(1)) as readers:
        document = readers.open(book)
        (first,) = document.read([1])
        first()
        (process,) = readers.processes
        os.kill(process, signal.SIGKILL)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        second, third = document.read([2, 3])
        assert (second().number, third().number) == (2, 3)
        assert process not in readers.processes


@pytest.mark.parametrize("busy", [False, True])
def test_readers_leave_with_the_block(busy: bool, tmp_path: Path) -> None:
    """At once, also in the middle of a page that never ends."""
    endless = write_pdf(tmp_path / "endless.pdf", ["planets", "endless waits"])
    with Readers(Reading(1, "odd_parser:OddPdf")) as readers:
        document = readers.open(endless)
        (read,) = document.read([1])
        read()
        (process,) = readers.processes
        if busy:
            document.read([2])
            time.sleep(0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_reader_whose_caller_has_ended_says_nothing(book: Source) -> None:
    caller = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(2**32)], **caller) as reader:
        reader.stdout.close()
        reader.stdin.write(pickle.dumps(Request("open", book, ".pdf")))
        reader.stdin.close()
        assert reader.stderr.read() == b"" and reader.wait() == 0


def test_an_ingestion_by_two_readers_is_like_one_by_one(book: Source, tmp_path: Path) -> None:
    found = []
    for readers in (1, 2):
        with Library(tmp_path / str(readers), readers=readers).open("c", create=True) as corpus:
            corpus.ingest([book.path])
            found.append(({element.id: element for element in corpus.store.scroll()}, corpus.page_reports("book.pdf")))
    assert len(found[0][1]) == 20
    assert found[0] == found[1]


def test_what_is_wrong_with_a_page_costs_that_page(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = write_pdf(tmp_path / "odd.pdf", ["moons", *ODD, "a surrogate", "stars"])
    library = Library(tmp_path / "data", readers=1, pdf_parser="odd_parser:OddPdf", page_timeout=2)
    with library.open("c", create=True) as corpus:
        report = corpus.ingest([source.path])
        assert [record.status for record in report.documents] == ["done"]
        reports = corpus.page_reports("odd.pdf")
        pages = {element.page for element in corpus.store.scroll(Filter(kinds=("text",)))}
    assert pages == {1, 8}
    assert [page.read for page in reports] == [True, *[False] * len(ODD), True, True]
    for page, reason in zip(reports[1:], ODD.values(), strict=False):
        assert page.notes[0].startswith(f"Page {page.page} could not be read: {reason}"), page.notes
    log = tmp_path / "data" / "logs" / "reading.log"
    said = " ".join(note for page in reports for note in page.notes)
    assert str(log) in caplog.text and str(log) not in said
    assert "TRIPTYCH_PAGE_TIMEOUT" in caplog.text and "TRIPTYCH" not in said
    assert "KeyError: 'blocks'" in log.read_text() and "odd_parser.py" in log.read_text()


def test_pages_that_took_too_long_are_read_again_when_more_is_allowed(tmp_path: Path) -> None:
    source = write_pdf(tmp_path / "odd.pdf", ["moons", "slow tides", "stars"])

    def ingested(seconds: float) -> tuple[IngestReport, list[int]]:
        library = Library(tmp_path / "data", readers=1, pdf_parser="odd_parser:OddPdf", page_timeout=seconds)
        with library.open("c", create=True) as corpus:
            report = corpus.ingest([source.path])
            assert corpus.store.count() == corpus.documents()[0].elements
            pages = sorted(element.page for element in corpus.store.scroll(Filter(kinds=("text",))))
        return report, pages

    first, pages = ingested(5)
    assert (pages, first.again) == ([1, 3], [])
    assert "took over 5 s" in first.documents[0].warning
    (tmp_path / "ready").touch()
    same, pages = ingested(5)
    assert (pages, same.unchanged, same.again) == ([1, 3], 1, []), "nobody waits for it again in vain"
    assert same.documents[0].warning == first.documents[0].warning
    more, pages = ingested(30)
    assert (pages, more.unchanged, more.again) == ([1, 2, 3], 0, ["odd.pdf"])
    assert more.documents[0].warning == ""
    done, pages = ingested(60)
    assert (pages, done.unchanged) == ([1, 2, 3], 1)


@pytest.mark.parametrize(("parser", "reason"), [("ClosedPdf", "by zero"), ("EndlessPdf", "longer than 1 s")])
def test_a_file_that_cannot_be_opened_fails_alone(parser: str, reason: str, tmp_path: Path) -> None:
    source = write_pdf(tmp_path / "odd.pdf", ["moons"])
    (tmp_path / "good.txt").write_text("The good file is read.")
    library = Library(tmp_path / "data", readers=2, pdf_parser=f"odd_parser:{parser}", page_timeout=1)
    with library.open("c", create=True) as corpus:
        report = corpus.ingest([source.path, tmp_path / "good.txt"])
        assert [record.name for record in report.failed] == ["odd.pdf"]
        assert "odd.pdf could not be read: " in report.failed[0].error and reason in report.failed[0].error
        assert {element.document for element in corpus.store.scroll()} == {"good.txt"}


def test_a_file_none_of_whose_pages_can_be_read_fails(tmp_path: Path) -> None:
    """After three programs that it ended, its other pages are not tried: it must not take a day to fail."""
    source = write_pdf(tmp_path / "odd.pdf", ["a crash"] * 30)
    with Library(tmp_path / "data", readers=1, pdf_parser="odd_parser:OddPdf").open("c", create=True) as corpus:
        (failed,) = corpus.ingest([source.path]).failed
        assert "None of its 30 pages could be read. Page 1 could not be read: it brought down" in failed.error
        assert not list(corpus.store.scroll())
        assert corpus.page_reports("odd.pdf") == []


def test_a_page_that_cannot_be_drawn_keeps_its_words(tmp_path: Path) -> None:
    Image.effect_noise((300, 200), 90).save(tmp_path / "noise.png")
    canvas = Canvas(str(tmp_path / "undrawn.pdf"))
    canvas.drawString(72, 700, "Figure 1 shows the noise of the sky, as it was measured.")
    canvas.drawImage(str(tmp_path / "noise.png"), 72, 300, 400, 300)
    canvas.save()
    library = Library(tmp_path / "data", image_embedders=["outlines"], pdf_parser="odd_parser:UndrawnPdf")
    with library.open("c", create=True) as corpus:
        assert not corpus.ingest([tmp_path / "undrawn.pdf"]).failed
        (page,) = corpus.page_reports("undrawn.pdf")
        assert {element.kind for element in corpus.store.scroll()} == {"page", "text", "figure"}
    assert page.read and "Page 1 could not be drawn: it holds something that was not understood" in page.notes[-1]


def test_a_file_that_vanishes_fails_alone(book: Source, tmp_path: Path) -> None:
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nowhere.pdf")
    (tmp_path / "good.txt").write_text("The good file is read.")
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        report = corpus.ingest([tmp_path])
    assert [record.name for record in report.failed] == ["gone.pdf"]
    assert [record.status for record in report.documents] == ["failed", "done"]


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"\xff\xfe.md"])
def test_a_file_name_that_is_not_text(name: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "pile"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("The tide comes twice a day.")
    (folder / "good.txt").write_text("The good file is read.")
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        report = corpus.ingest([folder])
        assert not report.failed
        odd = next(record for record in corpus.documents() if record.name != "good.txt")
        assert odd.name == name.decode("utf-8", "backslashreplace")
        assert corpus.ingest([folder]).unchanged == 2
        (element,) = corpus.store.scroll(Filter(documents=(odd.name,), kinds=("text",)))
        assert corpus.render(element).width == 1000
