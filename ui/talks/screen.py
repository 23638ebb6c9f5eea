"""What is streamed to a page: the conversation that its address names, as its answers form. One call does all of a
question, from its words to the page of its first source: each further call would cost a round trip."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from gradio.blocks import Block

from common.errors import UserError
from ui import render, steps
from ui.calls import AnswerClick, ExampleClick, told
from ui.chat import ChatTurn
from ui.documents import corpora
from ui.handlers import Handlers
from ui.talks.handlers import Asked, name_of, unedited
from ui.talks.row import row

FRAME_SECONDS = 0.04
Frame = dict[Block, Any]
Pair = list[dict[str, str]]


@dataclass(frozen=True)
class Parts:
    """The components that a conversation is shown in, and all that changes with it."""

    talk: gr.Chatbot
    trace: gr.HTML
    box: gr.MultimodalTextbox
    evidence: gr.HTML
    listed: gr.HTML
    corpus: gr.Dropdown
    edited: gr.State
    note: gr.Row

    @property
    def answering(self) -> list[Block]:
        return [self.talk, self.trace, self.box, self.evidence]

    @property
    def asking(self) -> list[Block]:
        return [*self.answering, self.listed, self.edited, self.note]

    @property
    def opening(self) -> list[Block]:
        return [*self.asking, self.corpus]


@dataclass
class _Page:
    """Its calls that show a conversation are numbered; one of them writes. Questions are taken in their order."""

    newest: int = 0
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Screen:
    """Of one agent; its events yield values by component."""

    def __init__(self, handlers: Handlers, parts: Parts) -> None:
        self._handlers, self._talks, self._parts = handlers, handlers.talks, parts
        self._pages: dict[str, _Page] = {}  # those that are open, by session

    async def open_talk(self, search: str, request: gr.Request) -> AsyncIterator[Frame]:
        """A page opens, or goes to another conversation; only then it takes questions."""
        agent, parts = self._talks.agent, self._parts
        turns = await asyncio.to_thread(self._talks.turns, request)
        shown = turns[-1].corpus if turns else agent.corpora.opening(agent.settings.corpus)
        opened: Frame = {parts.corpus: corpora.choice(agent, shown), parts.trace: steps.trace(())}
        opened |= await asyncio.to_thread(self._asked, search, request)
        async for frame in self._following(request, opened):
            yield frame

    def leave(self, request: gr.Request) -> None:
        """A page closes."""
        self._pages.pop(str(request.session_hash), None)
        self._handlers.looked.pop(str(request.session_hash), None)

    async def ask_question(
        self,
        given: dict[str, Any],
        corpus: str,
        only: list[str],
        model: str,
        search: str,
        edited: int | None,
        request: gr.Request,
    ) -> AsyncIterator[Frame]:
        """A question to this model, of `only` these documents if any are named, in the place of the one that was
        `edited`; what cannot be taken is given back."""
        try:
            async with self._page(request).asking:
                await asyncio.to_thread(self._talks.ask, request, given, Asked(corpus, only, model, edited))
        except UserError as error:
            async for frame in self._frames(name_of(request)):
                yield frame | {self._parts.box: given}
                break
            raise gr.Error(error.words, print_exception=False) from error
        around = await asyncio.to_thread(self._asked, search, request)
        async for frame in self._following(request, around):
            yield frame

    async def ask_example(
        self, corpus: str, only: list[str], model: str, search: str, request: gr.Request, chosen: ExampleClick
    ) -> AsyncIterator[Frame]:
        given = {"text": chosen.question, "files": []}
        async for frame in self.ask_question(given, corpus, only, model, search, None, request):
            yield frame

    async def again(self, model: str, request: gr.Request, clicked: AnswerClick) -> AsyncIterator[Frame]:
        """By the model that was chosen with the click, else the one that answers at present."""
        with told():
            await asyncio.to_thread(self._talks.again, request, clicked.turn, clicked.words or model)
        async for frame in self._following(request):
            yield frame

    async def watch(self, request: gr.Request) -> AsyncIterator[Frame]:
        """What another window asked, what became of the conversation in the drawer, and whatever did not come here."""
        async for frame in self._following(request):
            yield frame

    def _page(self, request: gr.Request) -> _Page:
        return self._pages.setdefault(str(request.session_hash), _Page())

    def _asked(self, search: str, request: gr.Request) -> Frame:
        """What a question changes around the conversation."""
        edited, note = unedited()
        listed = self._talks.conversations(search, request)
        return {self._parts.listed: listed, self._parts.edited: edited, self._parts.note: note}

    async def _following(self, request: gr.Request, first: Frame | None = None) -> AsyncIterator[Frame]:
        """The conversation as it is, with what comes `first`, and as its answers form, until none does or a newer call
        takes over; then the first source of the last, unless its reader looks at another since. That comes apart: an
        answer that looks whole is whole.

        One call at a time writes to a page, so that nothing of a conversation comes after one that replaced it. The
        last message says again what the one before it said: Gradio sends what differs, and a slow browser would take
        back what it has not shown yet.
        """
        page, first = self._page(request), first or {}
        page.newest = mine = page.newest + 1
        looked, session = self._handlers.looked, str(request.session_hash)
        before, sent = looked[session], Frame()
        async with page.writing:
            async for frame in self._frames(name_of(request)):
                if page.newest != mine:
                    break
                if frame:
                    sent = frame | first
                    yield sent
                    first = {}
            else:
                source = await asyncio.to_thread(self._source, request)
                if page.newest == mine and looked[session] == before:
                    yield sent | source
        if first:
            yield first

    async def _frames(self, name: str) -> AsyncIterator[Frame]:
        """What to show of a conversation, empty where that has not changed."""
        live_turns, parts = self._talks.live, self._parts
        shown: list[tuple[int, int]] | None = None
        settled: dict[int, Pair] = {}
        answering: ChatTurn | None = None
        while True:
            live = live_turns.of(name)
            now = [(one.turn.number, one.version) for one in live]
            if now != shown:
                numbers = {number for number, _ in now}
                marks = await asyncio.to_thread(live_turns.marks, name)  # first: they never say more than is shown
                if shown is None or numbers != {number for number, _ in shown}:
                    turns = await asyncio.to_thread(live_turns.turns, name)
                    settled = {turn.number: self._settled(name, turn) for turn in turns}
                forming = {one.turn.number: _pair(one.turn) for one in live}
                pairs = sorted((settled | forming).items())
                messages = [said for number, pair in pairs for said in _marked(pair, marks.get(number, ""))]
                answering = live[0].turn if live else answering  # once it has ended, to its last step
                trace: Frame = {parts.trace: steps.trace(answering.steps)} if answering else {}
                shown = now
                yield {parts.talk: messages, parts.box: gr.update(stop_btn=bool(live), interactive=True)} | trace
            else:
                yield {}
            if not live:
                return
            await asyncio.sleep(FRAME_SECONDS)

    def _settled(self, conversation: str, turn: ChatTurn) -> Pair:
        """With the row of what can be done with the answer."""
        agent, (question, answer) = self._talks.agent, _pair(turn)
        others = [one for one in agent.models if turn.answer is None or one != turn.answer.model]
        more = row(turn, conversation, others if len(agent.models) > 1 else (), agent.speaks)
        return [question, answer | {"content": answer["content"] + more}]

    def _source(self, request: gr.Request) -> Frame:
        return {self._parts.evidence: self._handlers.first_evidence(request)}


def _marked(pair: Pair, mark: str) -> Pair:
    """With what the page's clock compares: how much of the turn it shows. Each has its own, for what changes is drawn
    anew, and a voice would stop playing."""
    question, answer = pair
    return [question, answer | {"content": f'{answer["content"]}<div hidden data-shows="{render.exact(mark)}"></div>'}]


def _pair(turn: ChatTurn) -> Pair:
    return [
        {"role": "user", "content": turn.asked_html()},
        {"role": "assistant", "content": turn.answer_html()},
    ]
