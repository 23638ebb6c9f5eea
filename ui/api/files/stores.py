"""Corpora in the shape of OpenAI's vector stores, and their documents in that of the files in one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from retrievers.ingestion.manifest import DocumentRecord
from retrievers.library import Corpus
from ui.api.files.ids import file_id
from ui.api.files.reading import Reading

STATUS = {"done": "completed", "partial": "in_progress", "failed": "failed"}
READ = {"queued": "in_progress"}


def by_id(corpus: Corpus) -> Mapping[str, list[DocumentRecord]]:
    """The documents of each file: a ZIP holds several."""
    found: dict[str, list[DocumentRecord]] = defaultdict(list)
    for record in corpus.documents():
        found[file_id(record)].append(record)
    return found


def store(corpus: Corpus, under_way: Mapping[str, Reading]) -> dict[str, Any]:
    states = [_state(records) for id, records in by_id(corpus).items() if id not in under_way]
    states += ["in_progress"] * len(under_way)
    counts = {state: states.count(state) for state in ("in_progress", "completed", "failed", "cancelled")}
    records = corpus.documents()
    return {
        "id": corpus.name,
        "object": "vector_store",
        "name": corpus.name,
        "created_at": int(min((record.read_at for record in records), default=0)),
        "last_active_at": int(max((record.read_at for record in records), default=0)),
        "status": "in_progress" if counts["in_progress"] else "completed",
        "file_counts": counts | {"total": len(states)},
        "usage_bytes": sum(record.size for record in records),
        "metadata": {},
        "expires_after": None,
        "expires_at": None,
    }


def file(corpus: str, id: str, records: Sequence[DocumentRecord], reading: Reading | None) -> dict[str, Any]:
    """One in a store: as it is recorded, but for what is known of a reading that has not come to a good end."""
    status, problem = _state(records), next((record.error for record in records if record.error), "")
    if reading and reading.status != "completed":
        status, problem = READ.get(reading.status, reading.status), reading.problem
    code = "server_error" if reading and reading.is_ours else "invalid_file"
    return {
        "id": id,
        "object": "vector_store.file",
        "vector_store_id": corpus,
        "created_at": int(max((record.read_at for record in records), default=0)),
        "status": status,
        "last_error": {"code": code, "message": problem} if status == "failed" else None,
        "usage_bytes": sum(record.size for record in records),
        "attributes": _attributes(records),
        "chunking_strategy": {"type": "other"},
    }


def report(record: DocumentRecord, corpus: Corpus) -> list[dict[str, Any]]:
    """What became of each of its pages."""
    return [
        {
            "document": record.name,
            "page": page.page,
            "read": page.read,
            "elements": page.elements,
            "ocr": page.ocr,
            "lost": round(page.lost, 4),
            "notes": list(page.notes),
        }
        for page in corpus.page_reports(record.name)
    ]


def _state(records: Sequence[DocumentRecord]) -> str:
    states = {STATUS[record.status] for record in records} or {"in_progress"}
    return next(state for state in ("in_progress", "completed", "failed") if state in states)


def _attributes(records: Sequence[DocumentRecord]) -> dict[str, str | float]:
    warnings = "; ".join(record.warning for record in records if record.warning)
    return {
        "filename": ", ".join(record.name for record in records)[:512],
        "pages": sum(record.pages for record in records),
        "regions": sum(record.regions for record in records),
        "warning": warnings[:512],
    }
