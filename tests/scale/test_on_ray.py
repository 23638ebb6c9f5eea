"""Ingestion on a real Ray gives what it gives in one process, whatever is killed meanwhile."""

from pathlib import Path
from typing import Any

import pytest
from staged import assert_same, held

from retrievers.ingestion.ingest import IngestReport, Progress
from retrievers.library import Corpus, Library

pytestmark = pytest.mark.scale
PICTURES = ("outlines",)


def recorded(corpus: Corpus) -> dict[str, Any]:
    """All of the manifest but the time at which it was written."""
    manifest = corpus._manifest
    return {record.name: (record, manifest.pages(record.name)) for record in manifest.documents()}


def assert_like(found: Corpus, expected: Corpus) -> None:
    assert_same(held(found), held(expected))
    assert recorded(found) == recorded(expected)


def test_the_sample_corpus_is_the_same_as_in_one_process(two_cpus: None, tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "examples" / "corpus"
    told: dict[str, list[Progress]] = {"local": [], "ray": []}
    reports: dict[str, IngestReport] = {}
    opened = {
        name: Library(tmp_path / name, image_embedders=PICTURES, ingest=name).open("c", create=True) for name in told
    }
    for name, corpus in opened.items():
        reports[name] = corpus.ingest([sample], told[name].append)
    assert_like(opened["ray"], opened["local"])
    pages = {name: {(now.stage, now.document, now.page) for now in all_} for name, all_ in told.items()}
    assert pages["ray"] == pages["local"]
    for one in ("pages", "elements", "unchanged", "failed", "skipped"):
        assert getattr(reports["ray"], one) == getattr(reports["local"], one)
    again = opened["ray"].ingest([sample])
    assert (again.pages, again.elements, again.unchanged) == (0, 0, len(reports["local"].documents))
    for corpus in opened.values():
        corpus.close()
