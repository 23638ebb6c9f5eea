"""Ingestion: idempotent, replaces changed files, isolates bad ones, survives kill -9 at any moment."""

import contextlib
import multiprocessing
import random
import signal
import time
from collections import Counter
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas
from staged import assert_same, held, write

from common.errors import BadDocument, UserError
from retrievers.embedders import load
from retrievers.ingestion import ingest as ingestion
from retrievers.ingestion.manifest import Manifest
from retrievers.ingestion.progress import Progress
from retrievers.ingestion.stages import meaning, placing
from retrievers.library import Corpus, Library
from retrievers.packing import unpack
from retrievers.stores.base import Filter

WORDS = ["orbit", "moon", "crater", "rocket", "launch", "probe", "comet", "dust", "ring", "tide", "storm", "lava"]


def write_pdf(path: Path, pages: int, seed: int = 0) -> None:
    """A PDF of headings and paragraphs that differ from page to page."""
    chance = random.Random(seed)
    canvas = Canvas(str(path), pagesize=letter, invariant=True)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(72, 720, f"Chapter {number} of {path.stem}")
        canvas.setFont("Helvetica", 11)
        for line in range(12):
            canvas.drawString(72, 690 - 14 * line, " ".join(chance.choices(WORDS, k=10)))
        canvas.showPage()
    canvas.save()


def contents(corpus: Corpus) -> dict[str, str]:
    return {str(element.id): f"{element.page} {element.kind} {element.text}" for element in corpus.store.scroll()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pile = tmp_path / "pile"
    pile.mkdir()
    for name, pages in (("alpha", 3), ("beta", 2)):
        write_pdf(pile / f"{name}.pdf", pages, seed=pages)
    return pile


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Library(tmp_path / "data").open("c", create=True)


def test_ingesting_again_changes_nothing(corpus: Corpus, folder: Path) -> None:
    first = corpus.ingest([folder])
    before = contents(corpus)
    again = corpus.ingest([folder])
    assert (first.pages, first.unchanged) == (5, 0)
    assert (again.pages, again.elements, again.unchanged) == (0, 0, 2)
    assert contents(corpus) == before


def test_what_an_older_version_read_is_told_and_still_searched(
    corpus: Corpus, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as older:
        older.setattr(ingestion, "VERSION", ingestion.VERSION - 1)
        corpus.ingest([folder])
    corpus.close()
    again = Library(tmp_path / "data").open("c")
    assert len(again.search("Chapter 2 of alpha")) == 5
    assert "holds 2 documents as an older version read them" in caplog.text
    caplog.clear()
    again.ingest([folder])
    again.close()
    assert len(Library(tmp_path / "data").open("c").search("Chapter 2 of alpha")) == 5
    assert "older version" not in caplog.text


def test_a_changed_file_replaces_its_elements(corpus: Corpus, folder: Path) -> None:
    corpus.ingest([folder])
    write_pdf(folder / "alpha.pdf", 1, seed=99)
    corpus.ingest([folder])
    alpha = [element for element in corpus.store.scroll() if element.document == "alpha.pdf"]
    assert {element.page for element in alpha} == {1}
    assert len({element.sha256 for element in alpha}) == 1
    assert [report.page for report in corpus.page_reports("alpha.pdf")] == [1]
    assert any(element.document == "beta.pdf" for element in corpus.store.scroll())


def test_a_bad_file_fails_alone(corpus: Corpus, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes((folder / "alpha.pdf").read_bytes()[:200])
    report = corpus.ingest([folder])
    assert [record.name for record in report.failed] == ["broken.pdf"]
    assert "broken.pdf" in report.failed[0].error
    assert {record.name for record in report.documents if record.status == "done"} == {"alpha.pdf", "beta.pdf"}


def test_every_page_is_accounted_for(corpus: Corpus, folder: Path) -> None:
    canvas = Canvas(str(folder / "blank.pdf"))
    canvas.showPage()
    canvas.save()
    corpus.ingest([folder])
    reports = {record.name: corpus.page_reports(record.name) for record in corpus.documents()}
    assert {name: len(pages) for name, pages in reports.items()} == {"alpha.pdf": 3, "beta.pdf": 2, "blank.pdf": 1}
    assert all(report.explained for pages in reports.values() for report in pages)
    assert "no text" in reports["blank.pdf"][0].notes[0]


def test_pages_keep_the_stems_that_the_reranker_reads(corpus: Corpus, folder: Path) -> None:
    corpus.ingest([folder])
    stems = load("bm25").stems
    pages = list(corpus.store.scroll(Filter(kinds=("page",))))
    assert [tuple(unpack(page.stems)) for page in pages] == [stems(page.text) for page in pages]
    assert len(pages) == 5 and all(page.stems for page in pages)
    (found,) = [
        one for one in corpus.retriever.candidates("comet dust") if (one.document, one.page) == ("alpha.pdf", 2)
    ]
    assert tuple(found.stems) == stems(found.text)


def test_files_of_one_name_are_kept_apart(corpus: Corpus, tmp_path: Path) -> None:
    for parent in ("x", "y"):
        (tmp_path / parent).mkdir()
        write_pdf(tmp_path / parent / "same.pdf", 1, seed=ord(parent))
    corpus.ingest([tmp_path / "x" / "same.pdf", tmp_path / "y" / "same.pdf"])
    assert [record.name for record in corpus.documents()] == ["same.pdf", "y/same.pdf"]


def test_any_number_of_files_of_one_name_stay_apart(corpus: Corpus, tmp_path: Path) -> None:
    """Also where the folders they lie in have one name, and when one of them is read again alone."""
    files = [tmp_path / parent / "docs" / "same.md" for parent in "abc"]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text(f"Known to {file.parent.parent.name} alone.")
    names = ["same.md", "docs/same.md", "b/docs/same.md", "c/docs/same.md"]
    corpus.ingest([file.parent for file in files])
    assert [record.name for record in corpus.documents()] == sorted([names[0], names[1], names[3]])
    corpus.ingest([files[2]])
    corpus.ingest([files[1]])
    assert len(corpus.documents()) == 3
    for name, owner in zip((names[0], names[1], names[3]), "abc", strict=True):
        hit = corpus.search("Known alone", documents=[name])[0]
        assert (hit.element.document, hit.element.text) == (name, f"Known to {owner} alone.")
        corpus.render(hit.element)


def test_a_removed_document_is_gone(corpus: Corpus, folder: Path) -> None:
    corpus.ingest([folder])
    corpus.remove("alpha.pdf")
    assert {element.document for element in corpus.store.scroll()} == {"beta.pdf"}
    with pytest.raises(UserError, match=r"no document 'alpha\.pdf'"):
        corpus.remove("alpha.pdf")


def test_a_missing_path_is_an_error(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="does not exist"):
        corpus.ingest([tmp_path / "nowhere"])


# Twenty-two fresh interpreters would spend most of this test on imports; each process is still one of its own.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["retrievers.library", "transformers.models.bert.modeling_bert"])


def ingest(data: Path, pile: Path, pages: Connection) -> None:
    placing.BATCH = meaning.BATCH = 6  # elements, of two pages or three: a book is written in many batches
    with Library(data, readers=1).open("c", create=True) as corpus:

        def tell(progress: Progress) -> None:
            """And waits until it may go on, so that it is killed where it is at, however fast the machine."""
            pages.send((progress.document, progress.page, progress.stage))
            pages.recv()

        corpus.ingest([pile], tell)


def started(data: Path, pile: Path) -> tuple[ForkServerProcess, Connection]:
    """An ingestion in a process of its own, and the end of the pipe on which it tells of its pages."""
    pages, sender = PROCESSES.Pipe()
    process = PROCESSES.Process(target=ingest, args=(data, pile, sender))
    process.start()
    sender.close()
    return process, pages


def run_to_the_end(data: Path, pile: Path) -> None:
    process, pages = started(data, pile)
    with contextlib.suppress(EOFError):
        while pages.recv():
            pages.send(True)
    process.join()
    assert process.exitcode == 0


PAGES = 10  # of each book


def run_until(data: Path, pile: Path, count: int, delay: float) -> str:
    """Ingest in a process of its own and kill it `delay` seconds after it has been through `count` pages; the stage in
    which it was then, empty where it had come to its end.

    A book that was being read when the last one was killed must be read on from the page after its last batch.
    """
    begun = interrupted(data)
    process, pages = started(data, pile)
    try:
        told = [pages.recv()]
        while len(told) < count:
            pages.send(True)
            told.append(pages.recv())
        pages.send(True)
    except EOFError:
        return ""
    assert begun in (None, told[0][:2])
    time.sleep(delay)
    process.kill()
    process.join()
    return told[-1][2] if process.exitcode == -signal.SIGKILL else ""


def interrupted(data: Path) -> tuple[str, int] | None:
    """The book that was not read to its end, and the page at which it has to go on; None between books."""
    manifest = Manifest(data / "corpora" / "c" / "manifest.sqlite")
    partial = [one for one in manifest.documents() if one.status == "partial" and not one.searchable]
    manifest.close()
    return next(((one.name, one.next_page) for one in partial if one.next_page > 1), None)


@pytest.mark.timeout(1200)  # twenty interrupted runs and two whole ones
def test_killed_at_random_moments_it_ends_like_an_undisturbed_run(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    for index in range(3):
        write_pdf(pile / f"book{index}.pdf", PAGES, seed=index)
    write(pile / "mixed.pdf", "tsftst")
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    run_to_the_end(undisturbed, pile)

    chance = random.Random(20)
    stages: Counter[str] = Counter()
    for _ in range(20):
        stages[run_until(disturbed, pile, chance.randint(2, 7), chance.uniform(0, 0.1))] += 1
    run_to_the_end(disturbed, pile)

    assert stages["words"] >= 3 and stages["meaning"] >= 3, f"too few were caught at work to prove anything: {stages}"
    with Library(undisturbed).open("c") as expected, Library(disturbed).open("c") as found:
        assert_same(held(found), held(expected))
        assert found.documents() == expected.documents()
        for record in expected.documents():
            assert found.page_reports(record.name) == expected.page_reports(record.name)
