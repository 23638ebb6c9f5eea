"""What every front end renders: the typed events of one request, in the order they happen.

`Planned`, then for each step `ToolStarted` and `ToolFinished`, `Evidence` when regions were found, `Token`s and
`Artifact`s as the answer forms, and last either `Answer` or `Failed`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrievers.elements import Hit


@dataclass(frozen=True, slots=True)
class Citation:
    """`[number]` in the answer's text -> the region it rests on. `quote` is the passage relied upon."""

    number: int
    hit: Hit
    quote: str = ""

    def to_dict(self) -> dict[str, Any]:
        element = self.hit.element
        return {
            "number": self.number,
            "document": element.document,
            "page": element.page,
            "kind": element.kind,
            "box": list(element.box),
            "quote": self.quote or element.text,
            "why": self.hit.why,
        }


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan: one line of words per step. `router` is the one that made it."""

    router: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToolStarted:
    step: str
    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """`summary` says in words what came out, or `error` why nothing did."""

    step: str
    tool: str
    seconds: float
    summary: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text, to be appended."""

    text: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that belongs to the answer: a figure's crop, a table's picture. Made from `sources`."""

    path: Path
    mime: str
    title: str
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. `found` is False when the evidence did not hold it; `model` says who wrote it."""

    text: str
    citations: tuple[Citation, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    found: bool = True
    model: str = ""
    seconds: float = 0.0
    notices: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "found": self.found,
            "model": self.model,
            "seconds": round(self.seconds, 3),
            "citations": [citation.to_dict() for citation in self.citations],
            "artifacts": [{"path": str(a.path), "mime": a.mime, "title": a.title} for a in self.artifacts],
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """The request could not be answered; `message` says what happened and the cure."""

    message: str


Event = Planned | ToolStarted | ToolFinished | Evidence | Token | Artifact | Answer | Failed
