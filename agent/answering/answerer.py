"""Who answers a request from its evidence: by quoting it, or by having a model write."""

from collections.abc import Callable, Iterator
from typing import Protocol

from agent.events import Answer, Artifact, Token
from agent.request import Request, Work

WriteDiagram = Callable[[str, str], str]
"""Mermaid source of what a request asks for, from the text of its answer."""


class Answerer(Protocol):
    """`write_diagram` is None where nobody writes."""

    @property
    def write_diagram(self) -> WriteDiagram | None: ...

    def answer(self, request: Request, work: Work) -> Iterator[Token | Artifact | Answer]:
        """Streams the answer's text, then its artifacts, then the whole `Answer` (its `seconds` not yet known)."""
        ...
