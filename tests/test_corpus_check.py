"""What a failing disk leaves behind is told with its cure, and made whole again from the sources."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from shared import copied

from agent.conversations.store import Conversations
from common.errors import Damaged, DiskFull, UserError
from retrievers.corpus_check import check
from retrievers.library import Corpus, Library
from ui.cli import main

TEXTS = {"moon.md": "# The Moon\n\nThe tides follow the Moon.", "sun.md": "# The Sun\n\nThe Sun is a star of class G."}
CURE = "triptych corpus check c --repair"


def opened(data: Path) -> Library:
    return Library(data, readers=1, image_embedders=["outlines"])  # as the command line does


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the corpus `c`, and the folder it was read from."""
    base = tmp_path_factory.mktemp("made")
    (base / "pile").mkdir()
    for name, text in TEXTS.items():
        (base / "pile" / name).write_text(text)
    library = opened(base / "data")
    library.open("c", create=True).ingest([base / "pile"])
    library.close()
    return base


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return copied(made / "data", tmp_path / "data")


def one(folder: Path, pattern: str) -> Path:
    return next(path for path in sorted(folder.rglob(pattern)) if path.is_file())


def emptied(pattern: str) -> Callable[[Path], None]:
    return lambda folder: one(folder, pattern).write_bytes(b"")


def zeroed(pattern: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = one(folder, pattern)
        path.write_bytes(bytes(4096) + path.read_bytes()[4096:])

    return do


def gone(pattern: str) -> Callable[[Path], None]:
    return lambda folder: one(folder, pattern).unlink()


def id_tracker(folder: Path) -> None:
    """Emptied, and with it the log that would bring back what was last written."""
    one(folder, "mutable_id_tracker.mappings").write_bytes(b"")
    for path in folder.rglob("wal"):
        shutil.rmtree(path)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "manifest, no SQLite": zeroed("manifest.sqlite"),
    "manifest, emptied": emptied("manifest.sqlite"),
    "manifest, a page of it": lambda folder: os.truncate(one(folder, "manifest.sqlite"), 8192),
    "specs.json, emptied": emptied("specs.json"),
    "specs.json, gone": gone("specs.json"),
    "payload page, emptied": emptied("payload_storage/page_0.dat"),
    "payload page, zeroed": zeroed("payload_storage/page_0.dat"),
    "id tracker": id_tracker,
    "vectors, a panic in the engine": emptied("vectors/status.dat"),
    "vectors, none": zeroed("vector_storage-text/vectors/status.dat"),
    "segment": emptied("segment.json"),
}


def told(corpus: Corpus) -> list[str]:
    return sorted(f"{element.document} {element.kind} {element.text}" for element in corpus.store.scroll())


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_mended(damage: str, made: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DAMAGES[damage](data / "corpora" / "c")
    command = ["corpus", "check", "c", "--data-dir", str(data)]
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert "fault: " in out and CURE in out and "Traceback" not in err
    assert main([*command, "--repair"]) == 0, capsys.readouterr().out
    assert main(command) == 0
    with opened(made / "data").open("c") as expected, opened(data).open("c") as mended:
        assert told(mended) == told(expected)
        assert mended.documents() == expected.documents()


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "vectors, none"])
def test_using_a_damaged_corpus_tells_the_cure(
    damage: str, data: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    DAMAGES[damage](data / "corpora" / "c")
    main(["search", "tides", "--corpus", "c", "--data-dir", str(data)])
    out, err = capfd.readouterr()
    assert CURE in err + caplog.text, out + err
    assert "Traceback" not in err


def test_the_next_ingest_reads_what_is_missing(
    made: Path, data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when it is an ingest of something else."""
    id_tracker(data / "corpora" / "c")
    (tmp_path / "mars.md").write_text("# Mars\n\nMars is red.")
    library = opened(data)
    corpus = library.open("c")
    assert not list(corpus.store.scroll())
    assert "holds 0 of its 4 elements" in caplog.text
    corpus.ingest([tmp_path / "mars.md"])
    assert {element.document for element in corpus.store.scroll()} == {"mars.md", *TEXTS}
    library.close()
    assert check(opened(data), "c").whole


def test_what_cannot_be_read_again_is_said(data: Path, made: Path, tmp_path: Path) -> None:
    with sqlite3.connect(data / "corpora" / "c" / "manifest.sqlite") as db:
        db.execute("UPDATE documents SET path = ? WHERE name = 'moon.md'", (str(tmp_path / "nowhere.md"),))
        db.execute("DELETE FROM documents WHERE name = 'sun.md'")
    db.close()
    id_tracker(data / "corpora" / "c")
    report = check(opened(data), "c", repair=True)
    assert [line.partition(":")[0] for line in report.lost] == ["moon.md"]
    assert "nowhere.md has gone" in report.lost[0] and not report.whole


def test_elements_of_no_document_are_found(data: Path) -> None:
    with sqlite3.connect(data / "corpora" / "c" / "manifest.sqlite") as db:
        db.execute("DELETE FROM documents WHERE name = 'sun.md'")
    db.close()
    assert "sun.md: the index holds 2 elements of a document that is not listed." in check(opened(data), "c").faults


def test_a_nearly_full_disk_stops_ingestion_with_its_cure(made: Path, tmp_path: Path) -> None:
    """All that is free is asked for: nothing is written; with less it goes on."""
    free = shutil.disk_usage(tmp_path).free // 1_000_000
    with (
        Library(tmp_path / "data", min_free_mb=2 * free).open("c", create=True) as corpus,
        pytest.raises(DiskFull, match=r"MB free, and [\d,]+ MB are needed"),
    ):
        corpus.ingest([made / "pile"])
    with Library(tmp_path / "data", min_free_mb=1).open("c") as corpus:
        assert len(corpus.ingest([made / "pile"]).documents) == 2


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 20, None])
def test_a_damaged_file_of_conversations_tells_its_cure(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    if content is None:
        Conversations(path).close()
        path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096))
    else:
        path.write_bytes(content)
    with pytest.raises(Damaged, match=r"conversations\.sqlite is damaged .* conversations then begin anew"):
        Conversations(path).turns("1")


def test_a_corpus_there_is_not_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no corpus 'none'"):
        check(Library(tmp_path), "none")


def test_a_blank_page_is_no_loss(tmp_path, caplog):
    """Every element that was counted is in the store: nothing is missed on opening, and nothing read twice."""
    canvas = Canvas(str(tmp_path / "gaps.pdf"))
    for words in ("The quarry closed in 1911.", "", "It was flooded in 1930."):
        canvas.drawString(72, 700, words)
        canvas.showPage()
    canvas.save()
    for _ in range(2):
        with Library(tmp_path / "data").open("c", create=True) as corpus:
            report = corpus.ingest([tmp_path / "gaps.pdf"])
    assert report.unchanged == 1
    assert not caplog.records
