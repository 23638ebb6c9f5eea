"""What a conversation remembers: its turns, kept as plain JSON in the checkpoint, so that any version can read them."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.events import Answer, Artifact, Citation
from common.databases import telling
from retrievers.elements import Element, Hit

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

AWAY = "Move it away: conversations then begin anew; no document is lost."


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer. `asked` is the question with what a follow-up leaves unsaid filled in; `standalone`
    what of it was looked up: "the mass of Mars" of "Plot the mass of Mars"."""

    question: str
    standalone: str
    answer: Answer
    images: tuple[Path, ...] = ()
    asked: str = ""


def checkpointer(path: Path) -> "SqliteSaver":
    """Conversations in one SQLite file, which several threads and processes may share. Raises like `telling`."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    class Telling(SqliteSaver):
        @contextmanager
        def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
            with telling(path, AWAY), super().cursor(transaction) as cursor:
                yield cursor

    path.parent.mkdir(parents=True, exist_ok=True)
    with telling(path, AWAY):
        return Telling(sqlite3.connect(path, check_same_thread=False, timeout=30))


def dump(turn: Turn) -> dict[str, Any]:
    answer = turn.answer
    return {
        "question": turn.question,
        "standalone": turn.standalone,
        "asked": turn.asked,
        "images": [str(image) for image in turn.images],
        "text": answer.text,
        "citations": [_dump_citation(citation) for citation in answer.citations],
        "artifacts": [artifact.to_dict() for artifact in answer.artifacts],
        "found": answer.found,
        "model": answer.model,
        "seconds": answer.seconds,
        "notices": list(answer.notices),
        "sure": answer.sure,
    }


def load(record: dict[str, Any]) -> Turn:
    citations = tuple(_load_citation(citation) for citation in record["citations"])
    answer = Answer(
        text=record["text"],
        citations=citations,
        artifacts=tuple(_load_artifact(artifact, citations) for artifact in record["artifacts"]),
        found=record["found"],
        model=record["model"],
        seconds=record["seconds"],
        notices=tuple(record["notices"]),
        sure=record.get("sure"),
    )
    asked = record.get("asked", "")
    return Turn(record["question"], record["standalone"], answer, tuple(map(Path, record["images"])), asked)


def _dump_citation(citation: Citation) -> dict[str, Any]:
    hit = citation.hit
    return {
        "number": citation.number,
        "quote": citation.quote,
        "element": replace(hit.element, stems="").payload(),
        "score": hit.score,
        "relevance": hit.relevance,
        "answerable": hit.answerable,
        "missing": list(hit.missing),
        "ranks": hit.ranks,
        "terms": list(hit.terms),
    }


def _load_citation(record: dict[str, Any]) -> Citation:
    element = Element.from_payload(record["element"])
    hit = Hit(
        element,
        record["score"],
        record["ranks"],
        tuple(record["terms"]),
        record.get("relevance"),
        answerable=record.get("answerable"),
        missing=tuple(record.get("missing", ())),
    )
    return Citation(record["number"], hit, record["quote"])


def _load_artifact(record: dict[str, Any], citations: Sequence[Citation]) -> Artifact:
    sources = tuple(citation for citation in citations if citation.number in record["sources"])
    others = {mime: Path(path) for mime, path in record.get("others", {}).items()}
    return Artifact(Path(record["path"]), record["mime"], record["title"], sources, others, record.get("made", {}))
