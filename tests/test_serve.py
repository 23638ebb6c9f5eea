"""`triptych serve`: its port answers at once, while documents are read."""

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from web import until

from agent import Agent, Settings
from common.errors import UserError
from retrievers.ingestion.ingest import IngestReport
from retrievers.ingestion.manifest import Manifest
from retrievers.library import Corpus
from ui import server


def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", corpus="papers", port=0)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "dock.md").write_text("# Dock\n\nThe dry dock was opened in 1931 by Ole Brandt.\n")
    return tmp_path / "dock.md"


def test_the_port_answers_before_anything_is_read_and_all_is_completed_beside_it(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, words = threading.Event(), list[bool]()
    ingest = Corpus.ingest

    def slow(self: Corpus, *given: Any, **named: Any) -> IngestReport:
        assert answers.wait(60), "nothing answers until all is read"
        report = ingest(self, *given, **named)
        words.append(bool(self.search("Who opened the dry dock?")))
        return report

    def run(self: uvicorn.Server, sockets: object) -> None:
        answers.set()
        with closing(Manifest(tmp_path / "data" / "corpora" / "papers" / "manifest.sqlite")) as manifest:
            until(lambda: [one.status for one in manifest.documents()] == ["done"])

    monkeypatch.setattr(Corpus, "ingest", slow)
    monkeypatch.setattr(uvicorn.Server, "run", run)
    assert not server.serve(settings(tmp_path), browser=False, paths=[source])
    assert words == [True]


def test_what_an_earlier_ingestion_left_is_completed_beside_the_page(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Agent(settings(tmp_path)) as agent:
        corpus = agent.library.open("papers", create=True)
        corpus.ingest([source], words_only=True)
        assert corpus.readiness().notice

    def run(self: uvicorn.Server, sockets: object) -> None:
        with closing(Manifest(tmp_path / "data" / "corpora" / "papers" / "manifest.sqlite")) as manifest:
            until(lambda: not manifest.unfinished())

    monkeypatch.setattr(uvicorn.Server, "run", run)
    assert not server.serve(settings(tmp_path), browser=False)


def test_what_cannot_be_read_is_told_and_does_not_end_the_page(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torn, read = tmp_path / "torn.pdf", threading.Event()
    torn.write_bytes(b"%PDF-1.7 and then nothing")
    failures = server.terminal.failures
    monkeypatch.setattr(server.terminal, "failures", lambda report: (failures(report), read.set()))
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: read.wait(60))
    assert server.serve(settings(tmp_path), browser=False, paths=[source, torn])
    assert "failed: torn.pdf" in capsys.readouterr().err


def test_a_reading_that_nobody_waits_for_ends_with_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{number}.md" for number in range(40)]
    for path in paths:
        path.write_text(f"# Note {path.stem}\n\nThe dry dock was opened in 1931.\n")
    begun = threading.Event()
    monkeypatch.setattr(server.terminal, "_lines", lambda: lambda now: begun.set())
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: begun.wait(60))
    assert not server.serve(settings(tmp_path), browser=False, paths=paths)
    with Agent(settings(tmp_path)) as agent:
        assert agent.ingest(paths).failed == [], "the same command goes on from there"
        assert len(agent.library.open("papers").documents()) == 40


def test_a_corpus_that_another_process_has_open_is_refused_before_the_page_opens(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: pytest.fail("it opens"))
    with Agent(settings(tmp_path)) as other:
        _ = other.library.open("papers", create=True).store
        with pytest.raises(UserError, match="open in another process"):
            server.serve(settings(tmp_path), browser=False, paths=[source])
