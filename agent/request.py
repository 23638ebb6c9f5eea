"""A request on its way: what came in, and how far it is. Both go from node to node of the graph, and to whoever routes,
answers or converts for it. Neither is kept.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Event

from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.tools import BaseTool

from agent.events import Answer
from agent.memory import Turn
from agent.plan import Plan
from common.errors import BadDocument
from retrievers.elements import Element, Hit

Draw = Callable[[Element], Path]
FindPictures = Callable[[str], Sequence[Hit]]


def undrawn(element: Element) -> Path:
    """Draws nothing, for requests without a corpus. Raises `BadDocument`."""
    raise BadDocument(f"{element.document} is evidence without a page to draw.")


@dataclass(frozen=True)
class Request:
    """What came in, and what may be called and shown for it. `question` is how the person put it.

    `figure` and `page` draw PNGs of an element's region and of its whole page; they raise `BadDocument` when its file
    has changed. `pictures` finds the figures of the documents that are closest to some words, best first; None where a
    request is only planned. `stop` is set when nobody listens any more.
    """

    question: str
    images: tuple[Path, ...] = ()
    tools: Mapping[str, BaseTool] = field(default_factory=dict)
    pictures: FindPictures | None = None
    figure: Draw = undrawn
    page: Draw = undrawn
    started: float = field(default_factory=time.monotonic)
    stop: Event = field(default_factory=Event)


@dataclass(frozen=True)
class Work:
    """How far the request is. `question` is what is looked up, in words that stand alone; `asked` the whole question
    with what a follow-up leaves unsaid filled in. `turns` are what was said before, oldest first.

    `messages` are the tool calls and results so far, of `rounds` plans; `ended` holds the ids of the steps that have
    run, `refused` why some may not. `shows`: kinds of elements that are themselves the answer.
    `topic`: what an overview is wanted of, "" where no word says it; None where an answer is wanted. `asks` is False
    when only things to be made were asked for. `notices` are for the person, `advice` for whoever runs Triptych.

    `replaced`: the model that should have planned is down, and the router without one does it; `down` says why the
    model is not to be asked for the answer either.
    """

    question: str
    asked: str = ""
    turns: tuple[Turn, ...] = ()
    plan: Plan = field(default_factory=Plan)
    ended: frozenset[str] = frozenset()
    messages: tuple[BaseMessage, ...] = ()
    rounds: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    replaced: bool = False
    down: str = ""
    asks: bool = True
    shows: frozenset[str] = frozenset()
    topic: str | None = None
    answer: Answer | None = None

    @cached_property
    def results(self) -> tuple[ToolMessage, ...]:
        return tuple(message for message in self.messages if isinstance(message, ToolMessage))

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        return hits_in(self.results)


def hits_in(results: Iterable[ToolMessage]) -> tuple[Hit, ...]:
    """Every hit that tools brought, each region once, in the order it was found. Hit n (from 1) is source `[n]`."""
    found: dict[object, Hit] = {}
    for result in results:
        if isinstance(result.artifact, tuple):
            for hit in result.artifact:
                found.setdefault(hit.element.id, hit)
    return tuple(found.values())
