"""A served reply as it comes: read in a thread, waited for in bounded time, cut where its bounds are reached."""

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from agent.models.replies.bounds import CUT, LOOKING, Abandoned, Bounds, abandoned
from agent.models.replies.loops import LOOPED, Loop
from agent.models.served.failures import PAUSED, SLOW
from common.threads import in_thread
from common.wire import TooMuch, Wire

Down = Callable[[str, str], Exception]
Inbox = queue.SimpleQueue[ChatGenerationChunk | Exception | None]  # None ends it


@contextmanager
def read_in_thread(stream: Callable[[], Iterator[ChatGenerationChunk]]) -> Iterator[Inbox]:
    """Where the chunks of `stream` arrive, until its connections are cut at the end.

    In a thread, since any byte, even a keep-alive without a token, would put off a socket's own timeout.
    """
    inbox: Inbox = queue.SimpleQueue()
    wire = Wire()

    def read() -> None:
        try:
            with wire.carrying():
                for chunk in stream():
                    inbox.put(chunk)
            inbox.put(None)
        except Exception as error:  # noqa: BLE001 - raised in the caller's thread
            inbox.put(error)

    in_thread(read)
    try:
        yield inbox
    finally:
        wire.cut()


def awaited(inbox: Inbox, deadline: float) -> ChatGenerationChunk | Exception | None:
    """The next item. Raises `queue.Empty` at the deadline, and `Abandoned` when nobody waits for it any more."""
    while not abandoned():
        now = time.monotonic()
        if now >= deadline:
            raise queue.Empty
        with suppress(queue.Empty):
            return inbox.get(timeout=min(LOOKING, deadline - now))
    raise Abandoned


def received(
    inbox: Inbox, patience: float, pause: float, bounds: Bounds, down: Down, meant: Callable[[Exception], Exception]
) -> Iterator[ChatGenerationChunk]:
    """What arrives, the first token within `patience` seconds and each next chunk within `pause`.

    Raises what `down` makes of a silence, by its words and its cure, and what `meant` makes of an error.
    """
    silent = time.monotonic() + patience
    ends = time.monotonic() + bounds.seconds
    began = False
    while True:
        try:
            item = awaited(inbox, min(silent, ends))
        except queue.Empty:
            if not began or time.monotonic() < ends:
                wait, cure = (pause, PAUSED) if began else (patience, SLOW)
                raise down(f"{'fell silent' if began else 'sent no token'} for {wait:g} s.", cure) from None
            item = TooMuch(bounds.after_seconds)
        if isinstance(item, TooMuch) and began:
            yield ended(str(item))
            return
        if isinstance(item, Exception):
            raise meant(item) from item
        if item is None:
            return
        began = began or written(item) > 0
        if began:
            silent = time.monotonic() + pause
        yield item


def bounded(chunks: Iterator[ChatGenerationChunk], bounds: Bounds) -> Iterator[ChatGenerationChunk]:
    """As many as the bounds allow, and in place of the rest one that says so."""
    tokens, characters, loop = bounds.tokens, bounds.characters, Loop()
    for chunk in chunks:
        length = written(chunk)
        tokens -= length > 0
        if tokens < 0 or length > characters:
            yield ended(bounds.after_tokens, chunk.text[:characters] if tokens >= 0 else "")
            return
        characters -= length
        yield chunk
        if loop.goes_on(chunk.text):
            yield ended(LOOPED)
            return
        if tokens == 0 and (chunk.generation_info or {}).get("finish_reason") == "length":
            yield ended(bounds.after_tokens)


def ended(cut: str, text: str = "") -> ChatGenerationChunk:
    """The end of a reply that was cut after this much."""
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata={CUT: cut}))


def written(chunk: ChatGenerationChunk) -> int:
    """Characters of text and of tool calls. Many servers send a chunk without any, which only names the role, long
    before the first token."""
    called = chunk.message.tool_call_chunks if isinstance(chunk.message, AIMessageChunk) else []
    return len(chunk.text) + sum(len(one["args"] or "") + len(one["name"] or "") for one in called)
