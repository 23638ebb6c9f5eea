"""Documents by fsspec address: copied once, followed, and explained where they cannot be had."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import fsspec
import pytest
from agent_corpus import FILES, write
from command import run_here
from fsspec.implementations.memory import MemoryFileSystem

from agent import Agent
from common.errors import DiskFull, MissingExtra, UserError
from ui.connectors.remote import copied

PUMP = "How much does the pump weigh?"


@pytest.fixture
def bucket() -> Iterator[MemoryFileSystem]:
    """`memory://papers` with these files, one of them in a folder."""
    system = fsspec.filesystem("memory")
    for name, text in FILES.items():
        system.pipe(f"/papers/{'tools/' if name == 'pump.txt' else ''}{name}", text.encode())
    yield system
    system.rm("/", recursive=True)


def fetched(url: str, folder: Path, **options: bool) -> tuple[list[Path], list[str], list[str]]:
    told: list[str] = []
    found = copied(url, folder, 0, told.append, **options)
    return found.files, found.problems, told


def test_a_folder_is_ingested_by_its_address(bucket: MemoryFileSystem, tmp_path: Path) -> None:
    run = run_here(["ingest", "memory://papers", "--corpus", "far", "--data-dir", str(tmp_path)])
    assert run.returncode == 0, run.stderr
    bucket.rm("/papers/moons.md")
    with Agent(data_dir=tmp_path, corpus="far") as agent:
        corpus = agent.library.open("far")
        assert {record.name for record in corpus.documents()} == {"planets.md", "moons.md", "tools/pump.txt"}
        answer = agent.ask(PUMP)
        assert "38 kg" in answer.text
        assert corpus.render(answer.citations[0].hit.element)
    run = run_here(["ingest", "memory://papers", "--corpus", "far", "--prune", "--data-dir", str(tmp_path)])
    assert run.returncode == 0, run.stderr
    assert "fetching" not in run.stdout
    with Agent(data_dir=tmp_path, corpus="far") as agent:
        assert {record.name for record in agent.library.open("far").documents()} == {"planets.md", "tools/pump.txt"}


def test_what_has_not_changed_is_not_fetched_again(bucket: MemoryFileSystem, tmp_path: Path) -> None:
    (folder,), problems, told = fetched("memory://papers", tmp_path)
    assert not problems
    assert len(told) == 3
    bucket.pipe("/papers/planets.md", b"# Pluto\n")
    (folder / "moons.md").unlink()
    assert fetched("memory://papers", tmp_path) == ([folder], [], ["/papers/moons.md", "/papers/planets.md"])
    assert (folder / "planets.md").read_text() == "# Pluto\n"


def test_a_file_alone_and_a_folder_of_this_machine(bucket: MemoryFileSystem, tmp_path: Path) -> None:
    (file,), _, told = fetched("memory://papers/tools/pump.txt", tmp_path)
    assert (file.name, file.read_text()) == ("pump.txt", FILES["pump.txt"])
    assert told == ["/papers/tools/pump.txt"]
    here = write(tmp_path / "my papers", FILES)
    assert fetched(f"file://{here}", tmp_path / "copies") == ([here], [], [])
    assert not (tmp_path / "copies").exists()


def test_one_that_cannot_be_fetched_costs_no_other(
    bucket: MemoryFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = MemoryFileSystem.get_file

    def broken(self: MemoryFileSystem, path: str, to: str, **options: object) -> None:
        get(self, path, to, **options)
        if path.endswith("moons.md"):
            raise RuntimeError("the line is down")

    monkeypatch.setattr(MemoryFileSystem, "get_file", broken)
    (folder,), problems, _ = fetched("memory://papers", tmp_path)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {"planets.md", "tools/pump.txt", ".states.json"}
    assert any("moons.md cannot be fetched: the line is down." in one for one in problems)
    monkeypatch.undo()
    assert "/papers/moons.md" in fetched("memory://papers", tmp_path)[2]


def test_no_copy_leads_out_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"/papers/../../out.md": {"type": "file", "size": 1}, "/papers/in.md": {"type": "file", "size": 1}}
    monkeypatch.setattr(MemoryFileSystem, "find", lambda *_, **__: listed)
    monkeypatch.setattr(MemoryFileSystem, "get_file", lambda _, path, to: Path(to).write_text(path))
    (folder,), problems, _ = fetched("memory://papers", tmp_path / "data" / "copies")
    assert [path.name for path in folder.iterdir() if path.suffix == ".md"] == ["in.md"]
    assert not list(tmp_path.rglob("out.md"))
    assert len(problems) == 1
    assert "no file can have" in problems[0]


def test_a_full_disk_ends_it(bucket: MemoryFileSystem, tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        copied("memory://papers", tmp_path, 1 << 60, lambda _: None)


def test_what_is_not_there_or_not_known_is_told(bucket: MemoryFileSystem, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing at memory://elsewhere"):
        fetched("memory://elsewhere", tmp_path)
    with pytest.raises(UserError, match="nope://x cannot be fetched: Protocol not known"):
        fetched("nope://x", tmp_path)
    run = run_here(["ingest", "nope://x", "--corpus", "far", "--data-dir", str(tmp_path)])
    assert run.returncode != 0
    assert "Traceback" not in run.stderr


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="s3fs is installed, so that nothing is missing")
def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match=r"s3:// addresses need a package that is not here: .*s3fs"):
        fetched("s3://bucket/papers", tmp_path)
