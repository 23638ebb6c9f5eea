"""Runs an ingestion beside the page, so that the page can show how far it is."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ui import reports, uploads

if TYPE_CHECKING:
    from agent import Agent
    from retrievers.ingestion.reports import IngestReport
    from retrievers.library import Corpus

_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class IngestionProgress:
    """What to show of an ingestion; once it has ended, also the names of the documents that can be asked about."""

    html: str
    documents: tuple[str, ...] = ()


def read(agent: "Agent", paths: Sequence[Path], corpus: str) -> Iterator[IngestionProgress]:
    """Keeps uploaded files and reads them into `corpus`; yields how far it is, about four times a second.

    Raises `UserError` for files the page does not take, and what ingestion raises. If the page goes away meanwhile,
    ingestion still runs to its end.
    """
    settings = agent.settings
    uploads.check(paths, most=settings.max_upload_files, megabytes=settings.max_upload_mb)
    opened = agent.library.open(corpus, create=True)  # before its name becomes a folder's
    known = {record.name: record.sha256 for record in opened.documents()}
    kept = uploads.keep(paths, agent.library.uploads(corpus), known)
    renamed = [(path.name, place.name) for path, place in zip(paths, kept, strict=True) if path.name != place.name]
    report = yield from _told(partial(agent.ingest, kept, corpus), [path.name for path in kept])
    yield _ended(report, opened, renamed)


def read_again(agent: "Agent", document: str, corpus: str) -> Iterator[IngestionProgress]:
    """Reads a document anew from its file; yields like `read`. Raises `UserError` when one of them is not there."""
    opened = agent.library.open(corpus)
    report = yield from _told(partial(opened.read_again, document), [document])
    yield _ended(report, opened)


def _told(
    ingest: Callable[[Callable[[Any], None]], "IngestReport"], names: Sequence[str]
) -> Generator[IngestionProgress, None, "IngestReport"]:
    """What an ingestion of these documents tells, from the first moment; returns its report."""
    told: SimpleQueue[Any] = SimpleQueue()
    yield IngestionProgress(reports.beginning(names))
    with ThreadPoolExecutor(1, thread_name_prefix="ingest") as pool:
        work = pool.submit(ingest, told.put)
        while not work.done():
            if (newest := _newest(told)) is not None:
                yield IngestionProgress(reports.progress(newest))
        return work.result()


def _ended(report: "IngestReport", corpus: "Corpus", renamed: Sequence[tuple[str, str]] = ()) -> IngestionProgress:
    failed = {record.name for record in report.failed}
    names = tuple(record.name for record in report.documents if record.name not in failed)
    pages = {name: corpus.page_reports(name) for name in names}
    return IngestionProgress(reports.report(report, pages, renamed), names)


def _newest(told: "SimpleQueue[Any]") -> Any:
    """The last thing told, after waiting a moment for a first one; None when nothing was."""
    try:
        value = told.get(timeout=_LOOK_SECONDS)
        while not told.empty():
            value = told.get_nowait()
    except Empty:
        return None
    return value
