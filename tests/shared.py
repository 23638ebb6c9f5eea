"""What takes long to make and is only read, made once for all processes of a test run."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

SAMPLE = Path(__file__).parents[1] / "examples" / "corpus"


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` fills; whoever comes while it does so waits."""
    base = folders.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = root / name
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            new = root / f"{name}.new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            make(new)
            new.rename(folder)
    return folder


def copied(data: Path, target: Path) -> Path:
    """A copy of a data folder, at `target`. The store sets aside some 240 MB that it has not written to: a plain copy
    writes them, and copies for all tests together fill a disk."""

    def written(source: str, to: str) -> None:
        content = Path(source).read_bytes()
        Path(to).write_bytes(content.rstrip(b"\0"))
        os.truncate(to, len(content))

    return Path(shutil.copytree(data, target, copy_function=written))


def sample_data(folders: pytest.TempPathFactory) -> Path:
    """A data folder of one's own, with the sample corpus read into it as `sample`, as `triptych ingest` does."""

    def read(data: Path) -> None:
        from agent import Agent

        Agent.from_corpus(SAMPLE, corpus="sample", data_dir=data).close()

    return copied(made_once(folders, "sample-read", read), folders.mktemp("sample") / "data")
