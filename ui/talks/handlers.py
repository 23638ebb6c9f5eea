"""What the events of the chat and of the drawer do. The address names the conversation (`?c=`): everything is read from
its store by that name, so that a reload, another window and a restarted server show the same."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from agent import Agent
from ui import steps
from ui.api.places import Rate
from ui.calls import ConversationClick, ExampleClick, told
from ui.chat import ChatTurn
from ui.documents import corpora
from ui.gate.visitors import owner_of
from ui.talks import drawer
from ui.talks.live import LiveTurns
from ui.talks.row import row

FRAME_SECONDS = 0.06
_NAME = re.compile("[0-9a-f]{32}")
Pair = list[dict[str, str]]


@dataclass
class _Page:
    """Its calls that watch are numbered; one of them writes."""

    newest: int = 0
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


class TalkHandlers:
    """Of one agent, which answers `at_once` questions at the same time; `rate` bounds how many may be asked."""

    def __init__(self, agent: Agent, at_once: int, rate: Rate | None = None) -> None:
        self.agent, self.live = agent, LiveTurns(agent, at_once, rate)
        self._pages: dict[str, _Page] = {}  # those that are open, by session

    def open_talk(self, request: gr.Request) -> tuple[Any, ...]:
        """A page opens, or goes to another conversation; only then it takes questions."""
        turns = self.turns(request)
        shown = turns[-1].corpus if turns else self.agent.corpora.opening(self.agent.settings.corpus)
        return time.time(), corpora.choice(self.agent, shown), steps.trace(()), *unedited()

    def leave(self, request: gr.Request) -> None:
        """A page closes."""
        self._pages.pop(str(request.session_hash), None)

    def ask(
        self, given: dict[str, Any], corpus: str, only: list[str], model: str, edited: int | None, request: gr.Request
    ) -> tuple[Any, ...]:
        """A question to this model, of `only` these documents if any are named, in the place of the one that was
        `edited`: it is written down, and answered whether or not this page looks on."""
        question, files = given["text"].strip(), tuple(Path(file) for file in given["files"])
        if question or files:
            with told():
                self.live.ask(
                    _name(request), question, corpus, files, _owner(request), only, model=model, instead=edited
                )
        return time.time(), {"text": "", "files": []}, *unedited()

    def ask_example(self, corpus: str, only: list[str], model: str, request: gr.Request, chosen: ExampleClick) -> float:
        self.ask({"text": chosen.question, "files": []}, corpus, only, model, None, request)
        return time.time()

    def again(self, request: gr.Request, number: int, model: str) -> None:
        """Another answer, by this model, to a question of the conversation that is shown. Raises
        `UserError` as asking does."""
        if turn := self.turn(request, number):
            self.live.ask(
                _name(request), turn.question, turn.corpus, turn.files, "", turn.only, model=model, again=number
            )

    async def watch(self, request: gr.Request) -> AsyncIterator[Any]:
        """The conversation as it is, and as its answers form, until none does or a newer call takes over.

        One call at a time writes to a page, so that nothing of a conversation comes after one that replaced it.
        """
        page = self._pages.setdefault(str(request.session_hash), _Page())
        page.newest = mine = page.newest + 1
        async with page.writing:
            async for frame in self._frames(_name(request)):
                if page.newest != mine:
                    return
                if frame:
                    yield frame

    async def _frames(self, name: str) -> AsyncIterator[Any]:
        """What to show of a conversation, None where that has not changed."""
        shown: list[tuple[int, int]] | None = None
        settled: dict[int, Pair] = {}
        while True:
            live = self.live.of(name)
            now = [(one.turn.number, one.version) for one in live]
            if now != shown:
                numbers = {number for number, _ in now}
                if shown is None or numbers != {number for number, _ in shown}:
                    turns = await asyncio.to_thread(self.live.turns, name)
                    settled = {turn.number: self._settled(name, turn) for turn in turns}
                forming = {one.turn.number: _pair(one.turn) for one in live}
                messages = [said for _, pair in sorted((settled | forming).items()) for said in pair]
                trace = steps.trace(live[0].turn.steps) if live else gr.skip()
                shown = now
                yield messages, trace, gr.update(stop_btn=bool(live))
            else:
                yield None
            if not live:
                return
            await asyncio.sleep(FRAME_SECONDS)

    def _settled(self, conversation: str, turn: ChatTurn) -> Pair:
        """With the row of what can be done with the answer."""
        question, answer = _pair(turn)
        others = [one for one in self.agent.models if turn.answer is None or one != turn.answer.model]
        more = row(turn, conversation, others if len(self.agent.models) > 1 else (), self.agent.speaks)
        return [question, answer | {"content": answer["content"] + more}]

    def glance(self, request: gr.Request) -> Any:
        """Has the page watch what another window asked. Where Gradio closes its stream of news at the moment that
        something is asked, this opens it again."""
        page = self._pages.get(str(request.session_hash))
        watching = page is not None and page.writing.locked()
        return time.time() if self.live.of(_name(request)) and not watching else gr.skip()

    def stop(self, request: gr.Request) -> None:
        self.live.stop(_name(request))

    def conversations(self, search: str, request: gr.Request) -> str:
        """This visitor's conversations."""
        owner = _owner(request)
        found = self.agent.conversations.newest(owner, search) if owner else []
        return drawer.listing(found, _name(request), search.strip())

    def edit(self, search: str, request: gr.Request, clicked: ConversationClick) -> tuple[str, float]:
        """A click on a button beside a conversation, which does nothing to somebody else's."""
        kept, name = self.agent.conversations, clicked.conversation
        found = kept.get(name)
        if found and found.owner and found.owner == _owner(request):
            self._change(name, clicked)
        return self.conversations(search, request), time.time()

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
        return self.live.turns(_name(request))

    def turn(self, request: gr.Request, number: int) -> ChatTurn | None:
        """That of the conversation which is shown; None for one that another has replaced."""
        return next((turn for turn in self.turns(request) if turn.number == number), None)


def unedited() -> tuple[None, Any]:
    """No question is being edited, and nothing says so."""
    return None, gr.Row(visible=False)


def _owner(request: gr.Request) -> str:
    assert request.request is not None
    return owner_of(request.request, request.username)


def _name(request: gr.Request) -> str:
    """The conversation that the address names. The page names one before it asks for anything."""
    name = str(request.query_params.get("c", ""))
    if not _NAME.fullmatch(name):
        raise gr.Error("The address of this page names no conversation.", print_exception=False)
    return name


def _pair(turn: ChatTurn) -> Pair:
    return [
        {"role": "user", "content": turn.asked_html()},
        {"role": "assistant", "content": turn.answer_html()},
    ]
