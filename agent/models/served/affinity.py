"""What lets a router before several servers keep a conversation at one of them, whose cache holds how it began."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256

HEADER = "x-conversation-id"  # a router's session key
_key: ContextVar[str] = ContextVar("conversation", default="")


@contextmanager
def of(conversation: str | None) -> Iterator[None]:
    """What is asked meanwhile, and in threads begun meanwhile, is of this conversation: its name, which opens it to
    whoever has it, stays here."""
    token = _key.set(sha256(conversation.encode()).hexdigest()[:32] if conversation else "")
    try:
        yield
    finally:
        _key.reset(token)


def headers() -> dict[str, str]:
    return {HEADER: key} if (key := _key.get()) else {}
