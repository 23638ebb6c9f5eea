"""A real Ray with two CPUs, whose object store holds 80 MB, for all tests of this folder."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from staged import picture, write

if TYPE_CHECKING:
    from retrievers.library import Corpus

os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
if find_spec("ray") is None:  # `make test-scale` installs it
    collect_ignore_glob = ["test_*.py"]

OBJECT_STORE = 80 * 1024 * 1024  # bytes; Ray takes no less than 75 MB


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.scale)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(900))  # every stage starts actors, which load torch


@pytest.fixture(scope="module")
def two_cpus() -> Iterator[str]:
    """The address of the cluster."""
    import ray

    options: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False, "logging_level": "warning"}
    ray.init(address="local", num_cpus=2, object_store_memory=OBJECT_STORE, **options)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.fixture(scope="session")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents that need every stage."""
    folder = tmp_path_factory.mktemp("pile")
    write(folder / "book.pdf", "tft", seed=1)
    write(folder / "mixed.pdf", "tsf", seed=2)
    picture("CLOSED ON", "SUNDAYS").save(folder / "sign.png")
    (folder / "notes.md").write_text("# Notes\n\nThe lantern is lit at dusk.\n")
    return folder


@pytest.fixture(scope="session")
def undisturbed(pile: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Corpus"]:
    """The pile as one process reads it."""
    from cluster import corpus

    with corpus(tmp_path_factory.mktemp("undisturbed"), "local") as expected:
        expected.ingest([pile])
        yield expected
