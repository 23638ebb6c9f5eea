"""A real Ray with two CPUs, whose object store holds 80 MB and may not spill, for all tests of this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from staged import picture, write

ray = pytest.importorskip("ray", reason="Ray is not installed: run make test-scale")

STORE = 80 * 1024 * 1024  # bytes, the least that Ray allows is 75 MB


@pytest.fixture(scope="session", autouse=True)
def workers_find_tests() -> None:
    """Actors read their classes from the same folders as this process."""
    os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


@pytest.fixture(scope="module")
def two_cpus(workers_find_tests: None) -> Iterator[None]:
    options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "warning"}
    ray.init(address="local", num_cpus=2, object_store_memory=STORE, **options)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents that need every stage."""
    folder = tmp_path_factory.mktemp("pile")
    write(folder / "book.pdf", "tft", seed=1)
    write(folder / "mixed.pdf", "tsf", seed=2)
    picture("CLOSED ON", "SUNDAYS").save(folder / "sign.png")
    (folder / "notes.md").write_text("# Notes\n\nThe lantern is lit at dusk.\n")
    return folder
