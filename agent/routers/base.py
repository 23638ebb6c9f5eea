"""What a router is: it turns a question, and what is known so far, into a plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool

from agent.memory import Turn
from agent.plan import Plan
from agent.routers.followup import Said, said_in, standalone
from retrievers.elements import Hit

FindPictures = Callable[[str], Sequence[Hit]]
"""The figures of the documents that are closest to some words, best first."""


@dataclass(frozen=True)
class Situation:
    """A request as its router sees it. `messages` are the tool calls and results of this request so far.

    `images` counts the pictures that came with it. `pictures` looks in the documents; None where a request is only
    planned, without any. `rewrite` makes a follow-up stand alone.
    """

    question: str
    turns: Sequence[Turn]
    tools: Mapping[str, BaseTool]
    messages: Sequence[BaseMessage] = ()
    images: int = 0
    pictures: FindPictures | None = None
    rewrite: Callable[[str, Sequence[Said]], str] = standalone

    @cached_property
    def standalone(self) -> str:
        """The question with what it leaves unsaid filled in from the turns; one about pictures stands as it was put."""
        return self.question if self.images else self.rewrite(self.question, said_in(self.turns))


@dataclass(frozen=True)
class Decision:
    """A checked plan (empty: nothing more to do), and the question as it stands alone.

    `modalities` are those the request wants, if the router can tell (`agent.lexicon.MODALITIES`). `asks`
    is False when it only wants things made, so that there is nothing to answer in words. `shows` are the kinds of
    elements that it wants to see for themselves. `notices` are for the person.
    """

    plan: Plan
    question: str
    modalities: frozenset[str] = frozenset()
    asks: bool = True
    shows: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()


class Router(Protocol):
    """`loops` says that it wants to see the results and may then plan again; `obeys` that a model makes its plan, which
    may obey a document: what its orders want made is then held against the person's words (`agent.routers.asked`).
    """

    name: ClassVar[str]
    loops: ClassVar[bool]
    obeys: ClassVar[bool]

    def route(self, situation: Situation) -> Decision: ...
