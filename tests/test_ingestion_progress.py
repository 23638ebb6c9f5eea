"""How far an ingestion is, and how long it will take, by a clock of the test's own."""

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from retrievers.ingestion import progress
from retrievers.ingestion.progress import Meter, Progress
from retrievers.ingestion.records import DocumentRecord, Stage
from retrievers.ingestion.sources import Source
from retrievers.library import Library


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


def source(folder: Path, name: str, size: int) -> Source:
    (folder / name).write_bytes(b"x" * size)
    return Source(name, folder / name, folder)


@pytest.fixture
def files(tmp_path: Path) -> list[Source]:
    """A tenth and nine tenths of all that is to be read."""
    return [source(tmp_path, "short.txt", 100), source(tmp_path, "long.txt", 900)]


def record(one: Source, pages: int) -> DocumentRecord:
    return DocumentRecord(one.name, str(one.path), "", pages=pages)


def test_what_is_left_is_told_from_the_bytes_read(clock: Clock, files: list[Source]) -> None:
    told: list[Progress] = []
    meter = Meter(files, told.append)
    short, long = files
    clock.now += 2
    meter.page(record(short, 2), 1)
    assert told[-1] == Progress("short.txt", 1, 2, 0, 2, 1, 20, pytest.approx(0.5), pytest.approx(38.0))
    clock.now += 2
    meter.page(record(short, 2), 2)
    meter.finish(short)
    assert (told[-1].pages_done, told[-1].pages_total, told[-1].seconds_left) == (2, 20, pytest.approx(36.0))
    clock.now += 6
    meter.page(record(long, 3), 2)
    assert told[-1] == Progress("long.txt", 2, 3, 1, 2, 3, 4, pytest.approx(0.3), pytest.approx(10 * 0.3 / 0.7))
    meter.page(record(long, 3), 3)
    assert (told[-1].pages_total, told[-1].seconds_left) == (4, pytest.approx(0.0))
    assert (meter.pages_done, meter.elapsed) == (4, 10.0)


def test_a_later_stage_counts_its_own_pages_and_time(clock: Clock, files: list[Source]) -> None:
    told: list[Progress] = []
    meter = Meter(files, told.append)
    clock.now += 7
    meter.page(record(files[0], 1), 1)
    meter.begin(Stage.MEANING, 4)
    clock.now += 3
    meter.page(record(files[1], 9), 5)
    (last,) = told[1:]
    assert (last.stage, last.pages_done, last.pages_total) == ("meaning", 1, 4)
    assert (last.pages_per_second, last.seconds_left) == (pytest.approx(1 / 3), pytest.approx(9.0))
    assert told[0].stage == "words"
    assert (meter.pages_done, meter.elapsed) == (1, 10.0), "of words alone, and of all"


def test_the_first_moment_and_files_that_are_gone_divide_by_nothing(clock: Clock, tmp_path: Path) -> None:
    told: list[Progress] = []
    gone = Source("gone.txt", tmp_path / "gone.txt", tmp_path)
    Meter([gone], told.append).page(record(gone, 1), 1)
    assert (told[0].pages_total, told[0].seconds_left) == (1, 0.0)
    assert told[0].pages_per_second == pytest.approx(1e6)


def test_each_stage_is_told_of_with_all_its_pages(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(f"# Boat {name}\n\nThe keel of boat {name} is of oak.\n")
    told: list[Progress] = []
    with closing(Library(tmp_path / "data", readers=1)) as library:
        corpus = library.open("boats", create=True)
        corpus.ingest(sorted(tmp_path.glob("*.md")), told.append)
        assert [(one.pages, one.next_page) for one in corpus.documents()] == [(1, 2)] * 3
    assert [(one.pages_done, one.pages_total) for one in told if one.stage == "meaning"] == [(1, 3), (2, 3), (3, 3)]
    assert [one.document for one in told if one.stage == "words"] == ["a.md", "b.md", "c.md"]
