"""Ingestion on a real Ray gives what it gives in one process."""

from pathlib import Path

import pytest
import ray
from cluster import assert_like, corpus
from qdrant_double import qdrant_double
from ray._private.internal_api import memory_summary
from staged import write

from common.errors import UserError
from retrievers.ingestion.progress import Progress
from retrievers.library import Corpus

SAMPLE = Path(__file__).parents[2] / "examples" / "corpus"


def test_the_sample_corpus_is_the_same_as_in_one_process(two_cpus: str, tmp_path: Path) -> None:
    told: dict[str, list[Progress]] = {"local": [], "ray": []}
    with corpus(tmp_path / "local", "local") as expected, corpus(tmp_path / "ray") as found:
        reports = {name: one.ingest([SAMPLE], told[name].append) for name, one in (("local", expected), ("ray", found))}
        assert_like(found, expected)
        again = found.ingest([SAMPLE])
    pages = {name: {(now.stage, now.document, now.page) for now in all_} for name, all_ in told.items()}
    assert pages["ray"] == pages["local"]
    for one in ("pages", "elements", "unchanged", "failed", "skipped"):
        assert getattr(reports["ray"], one) == getattr(reports["local"], one)
    assert (again.pages, again.elements, again.unchanged) == (0, 0, len(reports["local"].documents))


def test_actors_write_to_a_server_themselves(two_cpus: str, pile: Path, undisturbed: Corpus, tmp_path: Path) -> None:
    with (
        qdrant_double() as double,
        corpus(tmp_path, store="server", qdrant_url=double.url) as found,
    ):
        writes: list[object] = []
        for name in ("upsert", "add_vectors"):
            setattr(found.store, name, writes.append)
        found.ingest([pile])
        assert not writes
        assert_like(found, undisturbed)


def test_a_bad_file_among_a_hundred_loses_only_itself(two_cpus: str, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    for number in range(99):
        (pile / f"{number}.md").write_text(f"# Paper {number}\n\nOn the keel of boat {number}.\n")
    (pile / "bad.pdf").write_bytes(b"%PDF-1.7 that ends here")
    with corpus(tmp_path / "data") as found:
        report = found.ingest([pile], words_only=True)
        assert [record.name for record in report.failed] == ["bad.pdf"]
        assert {element.document for element in found.store.scroll()} == {f"{number}.md" for number in range(99)}
        assert sum(record.searchable for record in found.documents()) == 99


def test_pictures_do_not_pass_through_the_object_store(two_cpus: str, tmp_path: Path) -> None:
    """Pages of 10 MB each once they are drawn, more than the store holds."""
    write(tmp_path / "figures.pdf", "f" * 12)
    with corpus(tmp_path / "data") as found:
        found.ingest([tmp_path / "figures.pdf"])
        assert not found._manifest.unfinished()
    assert "Spilled" not in memory_summary(stats_only=True)


def test_what_the_cluster_has_no_room_for_is_refused(two_cpus: str, pile: Path, tmp_path: Path) -> None:
    with corpus(tmp_path / "data", readers=3) as found, pytest.raises(UserError, match=r"needs 3 CPUs.*has 2"):
        found.ingest([pile])
        assert not found.documents()


def test_a_cluster_that_is_not_there_is_told_of(tmp_path: Path, pile: Path) -> None:
    ray.shutdown()
    with (
        corpus(tmp_path / "data", ray_address="127.0.0.1:1") as found,
        pytest.raises(UserError, match=r"127.0.0.1:1 cannot be reached.*TRIPTYCH_RAY_ADDRESS"),
    ):
        found.ingest([pile])
