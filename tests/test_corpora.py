"""Corpora as things: made, renamed with all that belongs to them, deleted; on disk and on a server, also after a
restart."""

import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import run_here

from agent import Agent
from agent.corpora import name_of
from common.errors import UserError
from retrievers.library import Library

SHIPS = "# Ships\n\nThe ferry Alma was launched in 1931 by Ole Brandt.\n"
Open = Callable[[], Library]


@pytest.fixture(params=["edge", "server"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Library]:
    """Opens the same data folder anew, as after a restart, on the embedded store or beside a server's."""
    server = {"store": "server", "qdrant_url": str(tmp_path / "qdrant")} if request.param == "server" else {}
    return lambda: Library(tmp_path / "data", readers=1, **server)


@contextmanager
def opened(library: Open) -> Iterator[Library]:
    one = library()
    try:
        yield one
    finally:
        one.close()


def found(library: Library, name: str, words: str = "Who launched the ferry?") -> list[str]:
    return [hit.element.text for hit in library.open(name).search(words, top=3)]


def test_a_renamed_corpus_is_whole_after_a_restart_and_its_old_name_is_free(library: Open, tmp_path: Path) -> None:
    source, boats = tmp_path / "ships.md", tmp_path / "boats.zip"
    source.write_text(SHIPS)
    with zipfile.ZipFile(boats, "w") as archive:
        archive.writestr("tug.md", "# Tug\n\nThe tug Bruno was launched in 1950 by Ida Holm.\n")
    with opened(library) as one:
        one.open("first", create=True).ingest([source, boats])
        one.rename("first", "second")
        assert one.names() == ["second"] and any("Ole Brandt" in text for text in found(one, "second"))
    with opened(library) as one:
        assert one.names() == ["second"] and any("Ole Brandt" in text for text in found(one, "second"))
        records = {record.name: record for record in one.open("second").documents()}
        assert all(Path(record.path).is_file() for record in records.values()), "also what was unpacked"
        assert one.open("second").render_page("boats.zip/tug.md", 1).width
        assert one.open("second").ingest([source, boats]).unchanged == 2
        source.write_text("# Trains\n\nThe train Nora was built in 1960 by Per Lund.\n")
        one.open("first", create=True).ingest([source])
        assert not any("Ole Brandt" in text for text in found(one, "first"))
    with opened(library) as one:
        assert one.names() == ["first", "second"]
        assert any("Per Lund" in text for text in found(one, "first", "Who built the train?"))
        one.delete("first")
        assert any("Ole Brandt" in text for text in found(one, "second")), "the other one is whole"


def test_files_that_were_given_to_a_corpus_go_along_and_go_away_with_it(library: Open, tmp_path: Path) -> None:
    with opened(library) as one:
        given = one.uploads("first")
        given.mkdir(parents=True)
        (given / "ships.md").write_text(SHIPS)
        one.open("first", create=True).ingest([given / "ships.md"])
        one.rename("first", "second")
        record = one.open("second").document("ships.md")
        assert Path(record.path) == one.uploads("second") / "ships.md" and Path(record.path).is_file()
        assert one.open("second").render_page("ships.md", 1).width
        one.delete("second")
        assert not Path(record.path).exists() and not one.uploads("second").exists()


@pytest.mark.parametrize("wrong", ["", "Two Words", "../elsewhere", "-x", "a" * 65])
def test_a_name_that_is_none_changes_nothing(tmp_path: Path, wrong: str) -> None:
    with opened(lambda: Library(tmp_path)) as one:
        one.open("first", create=True)
        with pytest.raises(UserError, match="is not a corpus name"):
            one.rename("first", wrong)
        assert one.names() == ["first"]


def test_a_name_that_is_taken_and_a_corpus_there_is_not(tmp_path: Path) -> None:
    with opened(lambda: Library(tmp_path)) as one:
        for name in ("first", "second"):
            one.open(name, create=True)
        with pytest.raises(UserError, match="already"):
            one.rename("first", "second")
        with pytest.raises(UserError, match="already"):
            one.rename("first", "first")
        with pytest.raises(UserError, match="no corpus"):
            one.rename("third", "fourth")
        assert one.names() == ["first", "second"]


def test_a_corpus_that_is_being_read_into_is_neither_renamed_nor_deleted(tmp_path: Path) -> None:
    source = tmp_path / "ships.md"
    source.write_text(SHIPS)
    reading, goes_on = threading.Event(), threading.Event()

    def told(progress: object) -> None:
        reading.set()
        goes_on.wait(60)

    with opened(lambda: Library(tmp_path / "data", readers=1)) as one:
        corpus = one.open("first", create=True)
        thread = threading.Thread(target=corpus.ingest, args=([source], told))
        thread.start()
        assert reading.wait(60)
        try:
            for change in (lambda: one.rename("first", "second"), lambda: one.delete("first")):
                with pytest.raises(UserError, match="being read"):
                    change()
        finally:
            goes_on.set()
            thread.join()
        one.rename("first", "second")
        assert found(one, "second")


@pytest.mark.timeout(60)
def test_a_library_closes_while_a_corpus_of_it_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path / "data", readers=1)
    corpus = library.open("first", create=True)
    closing, destroy, stop = threading.Event(), corpus.destroy, corpus._ingestion.stop

    def destroyed() -> None:
        assert closing.wait(30)
        destroy()

    def stopped() -> None:
        closing.set()
        stop()

    monkeypatch.setattr(corpus, "destroy", destroyed)
    monkeypatch.setattr(corpus._ingestion, "stop", stopped)
    deleting = threading.Thread(target=library.delete, args=("first",), daemon=True)
    deleting.start()
    while corpus.writing.acquire(blocking=False):  # until it is being deleted
        corpus.writing.release()
    library.close()
    deleting.join(30)
    assert not deleting.is_alive() and library.names() == []


def test_what_was_asked_of_a_corpus_is_known_by_its_new_name(tmp_path: Path) -> None:
    source = tmp_path / "ships.md"
    source.write_text(SHIPS)
    with Agent.from_corpus(source, corpus="first", data_dir=tmp_path / "data") as agent:
        agent.ask("Who launched the ferry?", conversation="talk")
        agent.corpora.rename("first", "second")
        assert [turn.corpus for turn in agent.conversations.turns("talk")] == ["second"]
        assert agent.corpora.names() == ["second"]
        agent.corpora.create("third")
        assert agent.corpora.names() == ["second", "third"]
        with pytest.raises(UserError, match="already"):
            agent.corpora.create("third")
        agent.corpora.delete("second")
        assert agent.corpora.names() == ["third"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Annual Reports 2024", "annual-reports-2024"),
        ("  Übersee/Häfen ", "ubersee-hafen"),
        ("a_b", "a_b"),
        ("../../etc", "etc"),
        ("Σ 7", "7"),
    ],
)
def test_words_become_a_name(words: str, name: str) -> None:
    assert name_of(words) == name


@pytest.mark.parametrize("words", ["", " ?! ", "报告"])
def test_words_of_which_no_name_can_be_made(words: str) -> None:
    with pytest.raises(UserError, match="name"):
        name_of(words)


def test_the_command_line_makes_renames_and_deletes(tmp_path: Path) -> None:
    def triptych(*words: str):
        return run_here(["corpus", *words, "--data-dir", str(tmp_path)])

    assert triptych("create", "first").returncode == 0
    assert triptych("create", "first").returncode == 2
    assert triptych("rename", "first", "second").returncode == 0
    assert triptych("list").stdout.split() == ["second"]
    refused = triptych("rename", "first", "third")
    assert refused.returncode == 2 and "no corpus 'first'" in refused.stderr
    assert triptych("delete", "second", "--yes").returncode == 0
    assert "second" not in triptych("list").stdout.split()
