"""What bounds a reply: how much of it is read, for how long, and whether anybody still waits for it.

A model may write for ever. What came before a bound is kept, and the reply's last chunk tells in its metadata, under
`CUT`, after how much the reply was cut. What else there is to be told of a reply is under `TOLD`.
"""

from collections.abc import Generator, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeVar

T = TypeVar("T")
CUT = "cut"
TOLD = "told"
LONGEST_TOKEN = 16  # characters; four are usual
LOOKING = 0.1  # seconds between two looks at whether somebody still waits

left: ContextVar[Event | None] = ContextVar("left", default=None)
"""Set when nobody waits any more for the request that the running code belongs to."""


class Abandoned(Exception):
    """Nobody waits for the reply any more. No error, and nobody is told of it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most `tokens` of one reply, and most `seconds` that all of it may take."""

    tokens: int
    seconds: float

    @property
    def characters(self) -> int:
        """What so many tokens hold at most: a server may send many in one piece, and count none."""
        return LONGEST_TOKEN * self.tokens

    @property
    def after_tokens(self) -> str:
        return f"{self.tokens:,} tokens"

    @property
    def after_seconds(self) -> str:
        return f"{self.seconds:g} s"


def cut_after(metadata: Mapping[str, Any]) -> str:
    """After how much a reply with this metadata was cut, in words; empty when it is whole."""
    if CUT in metadata:
        return str(metadata[CUT])
    return "as many tokens as its server lets it write" if metadata.get("finish_reason") == "length" else ""


def notices(metadata: Mapping[str, Any]) -> list[str]:
    """What there is to be told of a reply with this metadata: what it was asked without, and that it was cut."""
    told = [str(metadata[TOLD])] if TOLD in metadata else []
    cut = cut_after(metadata)
    return [*told, f"The model's reply was cut after {cut}."] if cut else told


def abandoned() -> bool:
    """Whether nobody waits any more for the request that is being worked on."""
    gone = left.get()
    return gone is not None and gone.is_set()


def awaited(pieces: Iterator[T]) -> Iterator[T]:
    """The pieces of a reply, of any model, which is hung up on whatever ends this. Raises `Abandoned` once nobody waits
    for them any more."""
    try:
        for piece in pieces:
            if abandoned():
                raise Abandoned
            yield piece
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
