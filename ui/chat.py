"""One conversation on the page: what was asked and answered, and how a request's events change it.

No Gradio here: the page (`ui.app`) turns a `ChatTurn` into component values.
"""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.conversations.feedback import Feedback
from agent.conversations.turns import StoredTurn
from agent.events import Answer, Artifact, Citation, Event, Evidence, Failed, Token, ToolProgress
from common.errors import UserError
from ui import render, uploads
from ui.api import made
from ui.ingestion import read
from ui.sanitize import sanitizing
from ui.steps import TraceEvent

if TYPE_CHECKING:
    from agent import Agent

_FRAME_SECONDS = 0.06
"""Tokens that arrive faster than this are shown together."""


@dataclass
class ChatTurn:
    """One question and what is known of its answer so far. `number` is the id of the stored turn, `only` names the
    documents that alone are asked, none: all; `model` who is asked, "" whoever is by the settings.
    Notices that were `told` under the answer before are not told again."""

    number: int
    question: str
    corpus: str
    files: Sequence[Path] = ()
    text: str = ""
    artifacts: list[Artifact] = field(default_factory=list)
    steps: list[TraceEvent] = field(default_factory=list)
    answer: Answer | None = None
    doing: str = "Looking"
    ingestion: str = ""
    problem: str = ""
    only: Sequence[str] = ()
    model: str = ""
    feedback: Feedback | None = None
    told: Sequence[str] = ()

    @property
    def citations(self) -> Sequence[Citation]:
        return self.answer.citations if self.answer else ()

    def add(self, event: Event) -> None:
        match event:
            case Token(text=text):
                self.text += text
                return
            case Artifact():
                self.artifacts.append(event)
                return
            case ToolProgress(step=step, share=share):
                self.doing = f"Making the {step}: {share:.0%}"
                return
            case Answer():
                self.answer = event
            case Failed(message=words):
                self.problem = render.problem(words)
            case Evidence(hits=hits):
                self.doing = f"Reading {len(hits)} regions" if hits else "Nothing close found"
        self.steps.append(event)

    @sanitizing
    def asked_html(self) -> str:
        files = "".join(_file(path) for path in self.files)
        return f'<div class="asked">{files}<span class="words">{render.plain_lines(self.question)}</span></div>'

    def answer_html(self) -> str:
        if self.answer:
            notices = tuple(notice for notice in self.answer.notices if notice not in self.told)
            return self.ingestion + render.answer(replace(self.answer, notices=notices), self.number, self.corpus)
        waiting = "" if self.problem else self.doing
        formed = render.message(self.text, self.artifacts, turn=self.number, waiting=waiting)
        return self.ingestion + (formed if self.text or waiting else "") + self.problem


def _file(path: Path) -> str:
    if path.suffix.lower() in uploads.IMAGES:
        return f'<img src="{render.plain(made.link(path))}" alt="{render.plain(path.name)}">'
    if path.suffix.lower() in uploads.SOUNDS:
        return f'<audio controls src="{render.plain(made.link(path))}" title="{render.plain(path.name)}"></audio>'
    return f'<span class="file">{render.plain(path.name)}</span>'


def stored(turn: StoredTurn, corpus: str) -> ChatTurn:
    """A turn that nobody works on any more, as it was shown when it ended; `corpus` where it does not say which."""
    shown = ChatTurn(turn.id, turn.question, turn.corpus or corpus, turn.files, turn.partial, doing="")
    shown.only, shown.feedback = turn.documents, turn.feedback
    shown.answer = turn.said.answer if turn.said else None
    shown.ingestion = render.report_lines(turn.report) if turn.report else ""
    if turn.status == "failed":
        shown.problem = render.problem(turn.problem)
    elif turn.status != "answered":
        shown.problem = render.aside("Stopped." if turn.status == "stopped" else "This answer was not finished.")
    return shown


def ask(agent: "Agent", turn: ChatTurn, conversation: str) -> Generator[None, None, None]:
    """Answers `turn`, which the conversation holds already; yields whenever it has something new to show.

    Pictures and recordings among its files belong to the question; any other file is first read into the corpus, and
    the question is then about it.
    """
    settings = agent.settings
    pictures = [path for path in turn.files if path.suffix.lower() in uploads.IMAGES]
    sounds = [path for path in turn.files if path.suffix.lower() in uploads.SOUNDS]
    papers = [path for path in turn.files if path not in (*pictures, *sounds)]
    try:
        uploads.check_limits(turn.files, most=settings.max_upload_files, megabytes=settings.max_upload_mb)
        documents = turn.only
        if papers:
            documents = yield from _read(agent, turn, papers)
        if (turn.question or pictures or sounds) and (documents or not papers):
            yield from _answer(agent, turn, conversation, pictures, sounds, documents)
        elif documents:
            agent.conversations.answered(turn.number, None)
        else:
            raise UserError("Nothing could be read.", "Why stands above, file by file.")
    except UserError as error:
        turn.problem = render.problem(error.what, error.cure)
        agent.conversations.failed(turn.number, error.words)
    yield


def _read(agent: "Agent", turn: ChatTurn, papers: Sequence[Path]) -> Generator[None, None, Sequence[str]]:
    """Reads `papers`; returns the names of those that can be asked about."""
    documents: Sequence[str] = ()
    turn.doing = "Reading"
    for progress in read(agent, papers, turn.corpus):
        turn.ingestion, documents = progress.html, progress.documents
        yield
    if documents:
        agent.conversations.reported(turn.number, f"Read into {turn.corpus}: {', '.join(documents)}")
    return documents


def _answer(
    agent: "Agent",
    turn: ChatTurn,
    conversation: str,
    pictures: Sequence[Path],
    sounds: Sequence[Path],
    documents: Sequence[str],
) -> Generator[None, None, None]:
    shown = 0.0
    if agent.warming.locked():
        turn.doing = "Looking; the models are still being loaded"
    yield
    for event in agent.stream(
        turn.question,
        images=pictures,
        audio=sounds,
        corpus=turn.corpus,
        documents=documents,
        conversation=conversation,
        turn=turn.number,
        model=turn.model or None,
    ):
        turn.add(event)
        if not isinstance(event, Token) or time.monotonic() - shown > _FRAME_SECONDS:
            shown = time.monotonic()
            yield
