"""What is inside, worked out once for what a corpus holds and kept beside it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from agent.inside.contents import Documents, lines
from agent.inside.questions import Ask, answerable
from retrievers.stores.base import Filter

if TYPE_CHECKING:
    from retrievers.corpus import Corpus
    from retrievers.ingestion.manifest import DocumentRecord

VERSION = 1  # raised when other lines or questions would be found
MOST_DOCUMENTS = 8  # of a corpus that are looked at, the largest
FILE = "inside.json"


@dataclass(frozen=True, slots=True)
class Inside:
    """Two lines at most, and three questions at most that are answered from it without a language model."""

    lines: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def known(corpus: "Corpus", document: str = "") -> Inside | None:
    """What was worked out of a corpus, or of a document in it, as it is now; None where nothing was."""
    path = corpus.folder / FILE
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found = kept.get(document)
    if found is None or found["of"] != _state(_records(corpus, document)):
        return None
    return Inside(tuple(found["lines"]), tuple(found["questions"]))


def work_out(corpus: "Corpus", document: str, ask: Ask, wait: Callable[[], None]) -> Inside:
    """As `known`, worked out where it is not. Raises `UserError` for a document that is not there."""
    if found := known(corpus, document):
        return found
    records = _records(corpus, document)
    documents = _elements(corpus, records)
    if not any(documents.values()):
        return Inside()
    made = Inside(lines(documents), answerable(documents, ask, wait))
    _keep(corpus, document, {"of": _state(records)} | asdict(made))
    return made


def _records(corpus: "Corpus", document: str) -> "list[DocumentRecord]":
    if document:
        return [corpus.document(document)]
    return [record for record in corpus.documents() if record.status != "failed"]


def _elements(corpus: "Corpus", records: "Sequence[DocumentRecord]") -> Documents:
    """Those of the largest documents, in reading order."""
    chosen = sorted(records, key=lambda record: -record.regions)[:MOST_DOCUMENTS]
    names = sorted(record.name for record in chosen)
    found = {name: [*corpus.store.scroll(Filter(documents=(name,)))] for name in names}
    return {
        name: sorted((one for one in elements if one.kind != "page" and not one.hidden), key=lambda one: one.order)
        for name, elements in found.items()
    }


def _state(records: "Sequence[DocumentRecord]") -> str:
    """Other for other documents, for other content of theirs, and for more of it read."""
    told = [(record.name, record.sha256, record.status) for record in records]
    return sha256(json.dumps([VERSION, told]).encode()).hexdigest()


def _keep(corpus: "Corpus", document: str, made: dict[str, object]) -> None:
    """Beside what is kept of other documents that are still there."""
    path = corpus.folder / FILE
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    names = {"", *(record.name for record in corpus.documents())}
    kept = {name: one for name, one in kept.items() if name in names} | {document: made}
    written = path.with_suffix(".new")
    written.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    written.replace(path)
