"""Evidence: the hits of one request, numbered, and how they are shown to a model.

Document text is data. It is fenced in tags and escaped, so that nothing in it can close the fence, pass for a chat
template's role marker, or be taken for one of our citations.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Self
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from langchain_core.messages import BaseMessage, ToolMessage

from retrievers.elements import Element, Hit

# [12] in a document is its own reference, never ours; [INST] and the like are special tokens of some models
_BRACKETED = re.compile(r"\[(/?[A-Z_]{2,}|\s*\d[\d\s,;-]*)\]")


class Found(tuple[Hit, ...]):
    """The hits of one search. `notices`: what the user is to be told of how they were chosen."""

    notices: tuple[str, ...]

    def __new__(cls, hits: Iterable[Hit], notices: Iterable[str] = ()) -> Self:
        found = super().__new__(cls, hits)
        found.notices = tuple(notices)
        return found


def collect(messages: Iterable[BaseMessage]) -> tuple[Hit, ...]:
    """Every hit that tools brought, each region once, in the order it was found. Hit n (from 1) is source `[n]`."""
    found: dict[object, Hit] = {}
    for message in messages:
        if isinstance(message, ToolMessage) and isinstance(message.artifact, tuple):
            for hit in message.artifact:
                found.setdefault(hit.element.id, hit)
    return tuple(found.values())


def unbracketed(text: str) -> str:
    """`text` with its bracketed numbers and markers in round brackets."""
    return _BRACKETED.sub(r"(\1)", text)


def words_of(element: Element) -> str:
    """What is to be read in a region: a table row by row, a figure with its caption first."""
    body = "\n".join(" | ".join(row) for row in element.rows) if element.rows else element.text
    return "\n".join(part for part in (element.caption, body) if part)


def fence(hits: Sequence[Hit]) -> str:
    """The sources as tagged blocks, in order, numbered from 1; a neighbour says what it is to the one it is beside."""
    numbers = {hit.element.id: number for number, hit in enumerate(hits, start=1)}
    return "\n".join(_block(number, hit, numbers) for number, hit in enumerate(hits, start=1)) or "(no source found)"


def _block(number: int, hit: Hit, numbers: Mapping[UUID, int]) -> str:
    element = hit.element
    other = numbers.get(hit.beside) if hit.beside else None
    near = {"beside": str(other), "relation": hit.relation} if other else {}
    attributes = " ".join(
        f"{name}={quoteattr(unbracketed(value))}"
        for name, value in (
            ("document", element.document),
            ("page", str(element.page)),
            ("kind", element.kind),
            ("section", element.context),
            *near.items(),
        )
    )
    return f'<source n="{number}" {attributes}>\n{escape(unbracketed(words_of(element)))}\n</source>'


def fence_result(text: str) -> str:
    """The result of a tool that brings no sources."""
    return f"<result>\n{escape(unbracketed(text))}\n</result>"
