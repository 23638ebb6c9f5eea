"""Corpora read on Ray and in one process, compared; and the programs of Ray, to be killed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from staged import assert_same, held

from retrievers.ingestion.progress import Progress
from retrievers.library import Corpus, Library

PICTURES = ("outlines",)


@contextmanager
def corpus(data: Path, ingest: str = "ray", **settings: Any) -> Iterator[Corpus]:
    library = Library(data, image_embedders=PICTURES, ingest=ingest, **settings)
    try:
        yield library.open("c", create=True)
    finally:
        library.close()


def recorded(found: Corpus) -> dict[str, Any]:
    """All of the manifest but the time at which it was written."""
    manifest = found._manifest
    return {record.name: (record, manifest.pages(record.name)) for record in manifest.documents()}


def assert_like(found: Corpus, expected: Corpus) -> None:
    assert_same(held(found), held(expected))
    assert recorded(found) == recorded(expected)
    assert not found._manifest.unfinished()


def actors() -> list[psutil.Process]:
    return [
        one for one in psutil.process_iter(["cmdline"]) if "MapBatches(Actor)" in " ".join(one.info["cmdline"] or [])
    ]


def readers() -> list[psutil.Process]:
    """The programs beside actors."""
    beside = [child for actor in actors() for child in actor.children()]
    return [one for one in beside if "reader_program" in " ".join(one.cmdline())]


class Killing:
    """What is told of pages, and kills programs once in each stage in which it catches them at work."""

    def __init__(self, programs: Callable[[], list[psutil.Process]], times: int = 5) -> None:
        self.caught: list[str] = []
        self._programs = programs
        self._times = times

    def __call__(self, now: Progress) -> None:
        if now.stage in self.caught or len(self.caught) == self._times:
            return
        for one in self._programs():
            one.send_signal(signal.SIGKILL)
            self.caught = [*dict.fromkeys((*self.caught, now.stage))]
