"""A corpus follows its folder: renamed files are there once, vanished ones are told and pruned, one can be removed."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import run_here

from retrievers import parsers
from retrievers.ingestion.ingest import IngestReport
from retrievers.ingestion.sources import Moved
from retrievers.library import Corpus, Library
from ui import reports
from ui.cli import main
from ui.documents.listing import listing

PIER = "# The pier\n\nThe pier of Holm is 214 metres long and was built of oak."
MILL = "<h1>The mill</h1><p>The mill of Holm has ground barley since 1702.</p>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "holm"
    (folder / "old").mkdir(parents=True)
    (folder / "pier.md").write_text(PIER)
    (folder / "old" / "mill.html").write_text(MILL)
    return folder


@pytest.fixture
def corpus(tmp_path: Path, folder: Path) -> Corpus:
    corpus = Library(tmp_path / "data").open("c", create=True)
    corpus.ingest([folder])
    return corpus


def held(corpus: Corpus) -> set[str]:
    """Names in the index, which must be those in the records."""
    indexed = {element.document for element in corpus.store.scroll()}
    assert indexed == {record.name for record in corpus.documents() if record.status == "done"}
    return indexed


def test_a_renamed_file_is_there_once(corpus: Corpus, folder: Path) -> None:
    (folder / "pier.md").rename(folder / "jetty.md")
    report = corpus.ingest([folder])
    assert report.moved == [Moved("pier.md", "jetty.md")]
    assert (report.missing, held(corpus)) == ([], {"jetty.md", "old/mill.html"})
    assert [hit.element.document for hit in corpus.search("How long is the pier?", top=1)] == ["jetty.md"]


def test_a_file_moved_to_another_folder_is_there_once(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (folder / "old" / "mill.html").rename(tmp_path / "new" / "mill.html")
    assert corpus.ingest([tmp_path / "new"]).moved == [Moved("old/mill.html", "mill.html")]
    assert held(corpus) == {"pier.md", "mill.html"}


def test_a_copy_is_a_document_of_its_own_while_both_are_there(corpus: Corpus, folder: Path) -> None:
    (folder / "copy.md").write_text(PIER)
    assert corpus.ingest([folder]).moved == []
    assert held(corpus) == {"pier.md", "copy.md", "old/mill.html"}


def test_a_vanished_file_is_told_and_kept(corpus: Corpus, folder: Path) -> None:
    (folder / "old" / "mill.html").unlink()
    report = corpus.ingest([folder])
    assert (report.missing, report.pruned) == (["old/mill.html"], False)
    assert held(corpus) == {"pier.md", "old/mill.html"}


def test_pruning_forgets_a_vanished_folder_and_nothing_else(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("A ferry leaves Holm at nine.")
    corpus.ingest([elsewhere])
    elsewhere.unlink()  # gone as well, but from no folder that is ingested here
    (folder / "old" / "mill.html").unlink()
    (folder / "old").rmdir()
    report = corpus.ingest([folder], prune=True)
    assert (report.missing, report.pruned) == (["old/mill.html"], True)
    assert held(corpus) == {"pier.md", "elsewhere.txt"}


def test_a_failed_file_that_vanished_is_pruned(corpus: Corpus, folder: Path) -> None:
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    corpus.ingest([folder])
    (folder / "torn.pdf").unlink()
    assert corpus.ingest([folder], prune=True).missing == ["torn.pdf"]
    assert {record.name for record in corpus.documents()} == {"pier.md", "old/mill.html"}


def test_skipped_files_say_why(corpus: Corpus, folder: Path) -> None:
    for name in ("song.mp3", "plan.dwg", "Makefile"):
        (folder / name).write_bytes(b"x")
    reasons = {skipped.name: skipped.reason for skipped in corpus.ingest([folder]).skipped}
    assert "(.mp3). Send it with a question instead." in reasons["song.mp3"]
    assert "(.dwg). Save or export it as PDF." in reasons["plan.dwg"]
    assert "no extension" in reasons["Makefile"]


def test_a_corpus_made_before_losses_were_counted_still_opens(tmp_path: Path, folder: Path) -> None:
    with Library(tmp_path / "data").open("old", create=True) as corpus:
        corpus.ingest([folder])
    file = tmp_path / "data" / "corpora" / "old" / "manifest.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("ALTER TABLE documents DROP COLUMN lossy")
        for document, report in db.execute("SELECT document, report FROM pages").fetchall():
            before = {key: value for key, value in json.loads(report).items() if key != "lost"}
            db.execute("UPDATE pages SET report = ? WHERE document = ?", (json.dumps(before), document))
    with Library(tmp_path / "data").open("old") as corpus:
        assert [record.warning for record in corpus.documents()] == ["", ""]
        assert [report.lost for report in corpus.page_reports("pier.md")] == [0.0]
        report: IngestReport = corpus.ingest([folder])
        assert report.unchanged == 2


LOSING = """
from pathlib import Path
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument

def open_losing(path: Path) -> FlowDocument:
    return FlowDocument(path, [Item("text", path.read_text())], source=path.read_text() + " sunken anchor")
"""


@pytest.fixture
def losing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with a parser of `.losing`, whose source holds two words more than its pages."""
    package = tmp_path / "package"
    (package / "losing-1.dist-info").mkdir(parents=True)
    (package / "losing-1.dist-info" / "METADATA").write_text("Name: losing\nVersion: 1\n")
    (package / "losing-1.dist-info" / "entry_points.txt").write_text(
        "[triptych.parser]\n.losing = losing:open_losing\n"
    )
    (package / "losing.py").write_text(LOSING)
    monkeypatch.syspath_prepend(package)
    monkeypatch.setattr(parsers.PARSERS, "_all", {})
    parsers._extensions.cache_clear()
    yield
    parsers._extensions.cache_clear()


@pytest.mark.usefixtures("losing")
def test_lost_words_are_warned_of_wherever_a_person_looks(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--corpus", "c", "--data-dir", str(tmp_path / "d")]
    pier, pages = str((folder / "pier.md").rename(folder / "pier.losing")), tmp_path / "pages.json"
    assert main(["ingest", pier, *data, "--report", str(pages)]) == 0
    assert "1 lost words, most on page 1 (12%)" in capsys.readouterr().out
    (document,) = json.loads(pages.read_text())["documents"]
    assert document["warning"] == "words of 1 page could not be placed"
    assert document["pages"][0]["lost"] == pytest.approx(2 / 17)
    assert main(["ingest", pier, *data, "--strict"]) == 1, "nor is it forgotten when nothing is read anew"
    main(["corpus", "show", "c", *data[2:]])
    assert "done: words of 1 page could not be placed" in capsys.readouterr().out
    with Library(tmp_path / "d", image_embedders=("outlines",)).open("c") as corpus:
        records, report = corpus.documents(), corpus.ingest([Path(pier)])
        html = listing(records)
        assert "1 page " in html and "words of 1 page could not be placed" in html
        html = reports.report(report, {"pier.losing": corpus.page_reports("pier.losing")})
        assert "words of 1 page" in html and "sunken, anchor" in html


def test_a_document_that_lost_nothing_passes_strictly(tmp_path: Path, folder: Path) -> None:
    assert main(["ingest", str(folder), "--strict", "--corpus", "c", "--data-dir", str(tmp_path / "d")]) == 0


def triptych(*arguments: object, data: Path) -> subprocess.CompletedProcess[str]:
    return run_here([*arguments, "--data-dir", data])


def test_the_command_line_tells_prunes_and_removes(tmp_path: Path, folder: Path) -> None:
    data = tmp_path / "d"
    (folder / "song.mp3").write_bytes(b"x")
    first = triptych("ingest", folder, "--corpus", "c", data=data)
    assert "skipped: song.mp3" in first.stdout and "Send it with a question" in first.stdout
    (folder / "pier.md").rename(folder / "jetty.md")
    (folder / "old" / "mill.html").unlink()
    told = triptych("ingest", folder, "--corpus", "c", data=data)
    assert "moved: pier.md is now jetty.md" in told.stdout
    assert "missing: old/mill.html" in told.stdout and "--prune" in told.stdout
    assert "pruned: old/mill.html" in triptych("ingest", folder, "--corpus", "c", "--prune", data=data).stdout
    assert triptych("corpus", "remove", "c", "jetty.md", data=data).returncode == 0
    assert "No documents yet" in triptych("corpus", "show", "c", data=data).stdout
    again = triptych("corpus", "remove", "c", "jetty.md", data=data)
    assert again.returncode == 2 and "jetty.md" in again.stderr


def test_a_file_of_the_same_name_is_found_where_it_lies_now(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    (folder / "pier.md").rename(tmp_path / "pier.md")
    assert corpus.ingest([tmp_path / "pier.md"]).unchanged == 1
    record = next(record for record in corpus.documents() if record.name == "pier.md")
    assert record.path == str(tmp_path / "pier.md")
    corpus.render(next(one for one in corpus.store.scroll() if one.document == "pier.md"))
