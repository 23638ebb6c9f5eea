"""What the events of the chat and of the drawer do. The address names the conversation (`?c=`): everything is read from
its store by that name, so that a reload, another window and a restarted server show the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from agent import Agent
from ui import uploads
from ui.api.places import Rate
from ui.calls import ConversationClick, told
from ui.chat import ChatTurn
from ui.gate.visitors import owner_of
from ui.talks import drawer
from ui.talks.live import LiveTurns

_NAME = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Asked:
    """Of whom, and where: all documents of the corpus where `only` names none; in the place of the turn `edited`."""

    corpus: str
    only: Sequence[str]
    model: str
    edited: int | None


class TalkHandlers:
    """Of one agent, which answers `at_once` questions at the same time; `rate` bounds how many may be asked."""

    def __init__(self, agent: Agent, at_once: int, rate: Rate | None = None) -> None:
        self.agent, self.live = agent, LiveTurns(agent, at_once, rate)

    def ask(self, request: gr.Request, given: dict[str, Any], asked: Asked) -> None:
        """A question with its files: it is written down, and answered whether or not a page looks on. Raises
        `UserError` where it cannot be taken."""
        question, files = given["text"].strip(), tuple(self._kept(Path(file)) for file in given["files"])
        if question or files:
            self.live.ask(
                name_of(request),
                question,
                asked.corpus,
                files,
                _owner(request),
                asked.only,
                model=asked.model,
                instead=asked.edited,
            )

    def _kept(self, file: Path) -> Path:
        """Documents are kept by the corpus that they are read into."""
        return self.agent.keep(file) if file.suffix.lower() in uploads.IMAGES | uploads.SOUNDS else file

    def again(self, request: gr.Request, number: int, model: str) -> None:
        """Another answer, by this model, to a question of the conversation that is shown. Raises
        `UserError` as asking does."""
        if turn := self.turn(request, number):
            self.live.ask(
                name_of(request), turn.question, turn.corpus, turn.files, "", turn.only, model=model, again=number
            )

    def stop(self, request: gr.Request) -> None:
        self.live.stop(name_of(request))

    def conversations(self, search: str, request: gr.Request) -> str:
        """This visitor's conversations."""
        owner = _owner(request)
        found = self.agent.conversations.newest(owner, search) if owner else []
        return drawer.listing(found, name_of(request), search.strip())

    def edit(self, search: str, request: gr.Request, clicked: ConversationClick) -> str:
        """A click on a button beside a conversation, which does nothing to somebody else's."""
        kept, name = self.agent.conversations, clicked.conversation
        found = kept.get(name)
        if found and found.owner and found.owner == _owner(request):
            self._change(name, clicked)
        return self.conversations(search, request)

    def _change(self, name: str, clicked: ConversationClick) -> None:
        kept = self.agent.conversations
        match clicked.does:
            case "pin" | "unpin":
                kept.pin(name, clicked.does == "pin")
            case "rename":
                with told():
                    kept.rename(name, clicked.title)
            case "delete":
                self.live.stop(name)
                kept.delete(name)

    def turns(self, request: gr.Request) -> list[ChatTurn]:
        return self.live.turns(name_of(request))

    def turn(self, request: gr.Request, number: int) -> ChatTurn | None:
        """That of the conversation which is shown; None for one that another has replaced."""
        return next((turn for turn in self.turns(request) if turn.number == number), None)


def unedited() -> tuple[None, Any]:
    """No question is being edited, and nothing says so."""
    return None, gr.Row(visible=False)


def _owner(request: gr.Request) -> str:
    assert request.request is not None
    return owner_of(request.request, request.username)


def name_of(request: gr.Request) -> str:
    """The conversation that the address names. The page names one before it asks for anything."""
    name = str(request.query_params.get("c", ""))
    if not _NAME.fullmatch(name):
        raise gr.Error("The address of this page names no conversation.", print_exception=False)
    return name
