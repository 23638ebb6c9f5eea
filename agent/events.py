"""What every front end renders: the typed events of one request, in the order they happen.

`Planned`, then for each step `ToolStarted` and `ToolFinished`, `Evidence` when regions were found, `Token`s and
`Artifact`s as the answer forms, the steps of what was ordered with their `ToolProgress`, and last either `Answer` or
`Failed`.
"""

import base64
import builtins
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from retrievers.elements import Box, Hit
from retrievers.marks import quote_boxes

_BOLD = re.compile(r"\*\*(.+?)\*\*")
DEMONSTRATION = "demonstration"  # the form of an artifact that the model was shown, not made


@dataclass(frozen=True, slots=True)
class Citation:
    """`[number]` in the answer's text -> the region it rests on. `quote` is the passage relied upon."""

    number: int
    hit: Hit
    quote: str = ""

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where on its page the quote stands, see `retrievers.marks`; the whole region where nothing is quoted."""
        return quote_boxes(self.hit.element, self.quote)

    def to_dict(self) -> dict[str, Any]:
        element = self.hit.element
        return {
            "number": self.number,
            "document": element.document,
            "page": element.page,
            "kind": element.kind,
            "box": list(element.box),
            "boxes": [[round(edge, 4) for edge in box] for box in self.boxes],
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
class ToolProgress:
    """`share` of a step's work is done, 0..1; `what` it is doing."""

    step: str
    share: float
    what: str


@dataclass(frozen=True, slots=True)
class Evidence:
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text, to be appended."""

    text: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that belongs to the answer: a figure's crop, a chart, speech. It rests on `sources`.

    `others` are the same thing in other file types, by MIME type. `made` says how it was made (empty for a crop):
    its form, plan step, request, converters, options and seed; JSON-ready.
    """

    path: Path
    mime: str
    title: str
    sources: tuple[Citation, ...] = ()
    others: Mapping[str, Path] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)

    def bytes(self, mime: str = "") -> "builtins.bytes":
        """What the file holds; with `mime`, that of `others` of this type. Raises `KeyError` where there is none."""
        return (self.others[mime] if mime and mime != self.mime else self.path).read_bytes()

    def to_dict(self, *, embed: bool = False) -> dict[str, Any]:
        """JSON-ready. Files are named by path; with `embed` they are given whole instead, in base64."""
        files = {"path": str(self.path), "others": {mime: str(path) for mime, path in self.others.items()}}
        if embed:
            files = {"data": _base64(self.path), "others": {mime: _base64(path) for mime, path in self.others.items()}}
        return files | {
            "mime": self.mime,
            "title": self.title,
            "sources": [source.number for source in self.sources],
            "made": dict(self.made),
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that language models read and wrote for a request, as they count them themselves; 0 without one."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. `found` is False when the evidence did not hold it; `model` says who wrote it; `sure` how
    probably it answers, 0..1, None where nothing estimated it. `advice` is what whoever runs Triptych can do about the
    `notices`, see `UserError.command`; it and `usage` are told once, and not remembered."""

    text: str
    citations: tuple[Citation, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    found: bool = True
    model: str = ""
    seconds: float = 0.0
    notices: tuple[str, ...] = field(default=())
    advice: tuple[str, ...] = ()
    sure: float | None = None
    usage: Usage = Usage()

    @property
    def short(self) -> str:
        """What the first line of the text marks as the answer itself: its bold words; "" where there are none."""
        return "; ".join(_BOLD.findall(self.text.strip().partition("\n")[0]))

    def to_dict(self, *, embed: bool = False) -> dict[str, Any]:
        """JSON-ready; `embed` as for an `Artifact`."""
        return {
            "text": self.text,
            "found": self.found,
            "sure": None if self.sure is None else round(self.sure, 3),
            "model": self.model,
            "seconds": round(self.seconds, 3),
            "citations": [citation.to_dict() for citation in self.citations],
            "artifacts": [artifact.to_dict(embed=embed) for artifact in self.artifacts],
            "notices": list(self.notices),
            "advice": list(self.advice),
            "usage": asdict(self.usage),
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """The request could not be answered; `message` says what happened and the cure. See `UserError` for `command`."""

    message: str
    command: str = ""


Event = Planned | ToolStarted | ToolProgress | ToolFinished | Evidence | Token | Artifact | Answer | Failed


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
