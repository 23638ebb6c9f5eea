"""What is kept of a conversation: what it is called, and its turns, from the moment that they are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.conversations.feedback import Feedback
from agent.memory import Turn

Status = Literal["asked", "answered", "failed", "stopped"]
TITLE = 80  # characters


@dataclass(frozen=True, slots=True)
class Conversation:
    """`name` is what it is asked for by, `title` what a person calls it; `changed` in seconds since 1970. `owner` is
    whoever may list it, "" for nobody."""

    name: str
    title: str
    owner: str
    pinned: bool
    changed: float


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question, of `documents` alone if any are named, and how far it came.

    `said` is there once it is answered, unless only files were to be read; `report` says what reading them brought.
    `problem` is why it failed, `partial` what was written until it stopped, `feedback` what a person said of it.
    """

    id: int
    status: Status
    question: str
    corpus: str
    files: tuple[Path, ...]
    asked: float
    report: str = ""
    problem: str = ""
    partial: str = ""
    said: Turn | None = None
    documents: tuple[str, ...] = ()
    feedback: Feedback | None = None


def title_of(question: str, files: Sequence[Path]) -> str:
    """The question on one line, shortened at a word; the names of the files where there is none."""
    words = " ".join(question.split()) or ", ".join(path.name for path in files)
    return words if len(words) <= TITLE else words[:TITLE].rsplit(" ", 1)[0] + "…"
