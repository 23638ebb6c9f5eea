"""What a router is: it turns a request, and what is known so far, into a plan."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from agent.plan import Plan
from agent.request import Request, Work


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

    def route(self, request: Request, work: Work) -> Decision: ...
