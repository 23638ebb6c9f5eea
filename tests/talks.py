"""What tests of conversations on the page share: a model that waits, a page that is served, and how it is asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent_corpus import agent_over
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr
from web import served

from agent import Agent
from agent.build import SHARED, Parts
from agent.models.replies.bounds import abandoned
from agent.models.replies.streamed import StreamedChatModel

PUMP = "How much does the pump weigh?"
VENUS = "What is the mean temperature of Venus?"
WHOLE = "#chat .answer:has(ul.sources):has(~ .row)"  # without the row it is about to be drawn anew


class Slow(StreamedChatModel):
    """Begins at once, and ends when it is let: and answers the same to everything."""

    _gate: threading.Event = PrivateAttr(default_factory=threading.Event)
    _begun: threading.Event = PrivateAttr(default_factory=threading.Event)
    _hung_up: threading.Event = PrivateAttr(default_factory=threading.Event)

    @property
    def begun(self) -> threading.Event:
        return self._begun

    @property
    def gate(self) -> threading.Event:
        return self._gate

    @property
    def hung_up(self) -> threading.Event:
        return self._hung_up

    @property
    def _llm_type(self) -> str:
        return "slow"

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        self._begun.set()
        try:
            yield ChatGenerationChunk(message=AIMessageChunk("It is so [1]. "))
            while not self._gate.wait(0.02):
                if abandoned():
                    return
            yield ChatGenerationChunk(message=AIMessageChunk("That is all [1]."))
        finally:
            if not self._gate.is_set():
                self._hung_up.set()


def slow(agent: Agent) -> Slow:
    """The agent answers people with it; what is quoted beside them does not wait for it."""
    model, parts = Slow(), agent._parts
    quoting = Parts(parts.settings)
    quoting.__dict__.update({name: getattr(parts, name) for name in SHARED})
    agent._quoted._parts = quoting
    parts.__dict__.update(model=model, router=parts.switch)
    return model


@contextmanager
def serving(root: Path, port: int = 0, **settings: Any) -> Iterator[tuple[Agent, str]]:
    from ui.app import application

    with agent_over(root, **settings) as agent, served(application(agent), port) as address:
        yield agent, address


def opened(visitor: Any, address: str) -> Any:
    page = visitor.new_page()
    page.goto(address)
    ready(page)
    return page


def ready(page: Any) -> None:
    page.wait_for_selector("#ask textarea:enabled")


def ask(page: Any, question: str) -> None:
    page.fill("#ask textarea", question)
    page.press("#ask textarea", "Enter")
    page.locator("#chat .asked", has_text=question).first.wait_for()


def answers(page: Any, count: int) -> None:
    """Waits for as many whole ones, and no more."""
    page.wait_for_function("([whole, count]) => document.querySelectorAll(whole).length === count", arg=[WHOLE, count])


def questions(page: Any) -> list[str]:
    return page.locator("#chat .asked").all_inner_texts()
