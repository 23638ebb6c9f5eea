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


def sample_data(folders: pytest.TempPathFactory) -> Path:
    """A data folder of one's own, with the sample corpus read into it as `sample`, as `triptych ingest` does."""

    def read(data: Path) -> None:
        from agent import Agent

        Agent.from_corpus(SAMPLE, corpus="sample", data_dir=data).close()

    data = folders.mktemp("sample") / "data"
    shutil.copytree(made_once(folders, "sample-read", read), data)
    return data
