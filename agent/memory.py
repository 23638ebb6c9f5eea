"""What a conversation remembers of a turn that was answered, as plain JSON, so that any version can read it.

Files of the data folder, `home`, are named from there: the folder may move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.events import Answer, Artifact, Citation
from retrievers.elements import Element, Hit


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer. `asked` is the question with what a follow-up leaves unsaid filled in; `standalone`
    what of it was looked up: "the mass of Mars" of "Plot the mass of Mars"."""

    question: str
    standalone: str
    answer: Answer
    images: tuple[Path, ...] = ()
    asked: str = ""


def dump(turn: Turn, home: Path) -> dict[str, Any]:
    answer = turn.answer
    return {
        "question": turn.question,
        "standalone": turn.standalone,
        "asked": turn.asked,
        "images": [named(image, home) for image in turn.images],
        "text": answer.text,
        "citations": [_dump_citation(citation) for citation in answer.citations],
        "artifacts": [_dump_artifact(artifact, home) for artifact in answer.artifacts],
        "found": answer.found,
        "model": answer.model,
        "seconds": answer.seconds,
        "notices": list(answer.notices),
        "sure": answer.sure,
    }


def load(record: dict[str, Any], home: Path) -> Turn:
    citations = tuple(_load_citation(citation) for citation in record["citations"])
    answer = Answer(
        text=record["text"],
        citations=citations,
        artifacts=tuple(_load_artifact(artifact, citations, home) for artifact in record["artifacts"]),
        found=record["found"],
        model=record["model"],
        seconds=record["seconds"],
        notices=tuple(record["notices"]),
        sure=record.get("sure"),
    )
    asked = record.get("asked", "")
    return Turn(record["question"], record["standalone"], answer, tuple(home / one for one in record["images"]), asked)


def named(path: Path, home: Path) -> str:
    """A file as it is written down; `home / name` is where it lies."""
    return str(path.relative_to(home) if path.is_relative_to(home) else path)


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


def _dump_artifact(artifact: Artifact, home: Path) -> dict[str, Any]:
    files = {mime: named(path, home) for mime, path in artifact.others.items()}
    return artifact.to_dict() | {"path": named(artifact.path, home), "others": files}


def _load_artifact(record: dict[str, Any], citations: Sequence[Citation], home: Path) -> Artifact:
    sources = tuple(citation for citation in citations if citation.number in record["sources"])
    others = {mime: home / path for mime, path in record.get("others", {}).items()}
    return Artifact(home / record["path"], record["mime"], record["title"], sources, others, record.get("made", {}))
