"""`triptych corpus check`: what is wrong with a corpus, and making it whole again from the files it was read from."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from common.errors import Damaged
from retrievers.corpus import Corpus
from retrievers.ingestion.manifest import Manifest
from retrievers.library import Library
from retrievers.manifests import FILE
from retrievers.stores.base import Filter

SAMPLE = 256  # elements whose vectors are looked for


@dataclass
class CheckReport:
    """What is wrong, what was read again, and what could not be and why."""

    faults: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong, or no longer."""
        return not self.lost and (not self.faults or bool(self.mended))


def check(library: Library, name: str, *, repair: bool = False) -> CheckReport:
    """Reads all that the corpus holds; with `repair`, mends it. Raises `UserError` for a corpus there is not."""
    report = CheckReport()
    manifest = library.folder(name) / FILE
    try:
        corpus = library.open(name)
        corpus.check_manifest()
    except Damaged as error:
        report.faults.append(error.what)
        if not repair:
            return report
        library.shut(name)
        report.mended.append(f"{manifest}: {'its last copy' if Manifest.restore(manifest) else 'a new one'}")
        corpus = library.open(name)
    held = _held(corpus, report)
    report.faults += _faults(corpus, held)
    if repair and report.faults:
        _repair(library, corpus, held, report)
    return report


def _held(corpus: Corpus, report: CheckReport) -> Counter[str] | None:
    """How many elements the store holds of each document; None when it cannot be read."""
    try:
        first: list[UUID] = []
        counted: Counter[str] = Counter()
        for element in corpus.store.scroll():
            counted[element.document] += 1
            if element.kind != "page" and len(first) < SAMPLE:
                first.append(element.id)
        if first and not corpus.has_vectors(first):
            raise Damaged(f"The index of {corpus.name!r} holds no vectors of its texts.")
    except Damaged as error:
        report.faults.append(error.what)
        return None
    return counted


def _faults(corpus: Corpus, held: Counter[str] | None) -> Iterator[str]:
    if held is None:
        return
    records = {record.name: record for record in corpus.documents()}
    for name, record in records.items():
        if record.status == "partial" and not record.searchable:
            yield f"{name}: its reading was interrupted at page {record.next_page} of {record.pages}."
        elif record.status == "partial":
            yield f"{name}: its reading was interrupted when its words had been read."
        if record.searchable and held[name] != record.elements:
            yield f"{name}: the index holds {held[name]} of {record.elements} elements."
    for name in held.keys() - records.keys():
        yield f"{name}: the index holds {held[name]} elements of a document that is not listed."


def _repair(library: Library, corpus: Corpus, held: Counter[str] | None, report: CheckReport) -> None:
    """Marks what is damaged as unread; reads that, and what was interrupted to its end. Elements of documents that are
    not listed are deleted."""
    records = corpus.documents()
    if held is None:
        library.shut(corpus.name)
        shutil.rmtree(library.folder(corpus.name) / "store", ignore_errors=True)
        corpus = library.open(corpus.name)
        held = Counter()
    for name in held.keys() - {record.name for record in records}:
        corpus.store.delete(Filter(documents=(name,)))
        report.lost.append(f"{name}: where it came from is not known. Ingest it again.")
    corpus.store.flush()
    for record in records:
        if held[record.name] < record.elements or (record.searchable and held[record.name] != record.elements):
            corpus.forget_pages(record)
    short = [record for record in corpus.documents() if record.status == "partial"]
    read = {record.name for record in corpus.ingest([]).documents if record.status == "done"}
    report.mended += [f"{record.name}: read again" for record in short if record.name in read]
    for record in short:
        if record.name not in read:
            why = "cannot be read any more" if Path(record.path).exists() else "has gone"
            report.lost.append(f"{record.name}: {record.path} {why}.")
