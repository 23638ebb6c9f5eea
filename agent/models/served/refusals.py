"""What an endpoint refuses though it serves the model: it is asked again without, once, and that is remembered."""

from collections.abc import Sequence
from typing import Any

import openai
from langchain_core.messages import BaseMessage

NEVER_ABOUT_IT = {401, 403, 408, 429, 502, 503, 504}  # statuses that have nothing to do with what a request holds
TOO_LONG = {"context_length_exceeded", "exceed_context_size_error"}  # codes of OpenAI and vLLM, and of llama.cpp


def may_be_pictures(error: BaseException | None) -> bool:
    """Whether an error may mean that pictures are not taken: servers say it with statuses from 400 to 500."""
    return isinstance(error, openai.APIError) and getattr(error, "status_code", None) not in NEVER_ABOUT_IT


def is_length(error: BaseException | None) -> bool:
    """Whether the request was only too long for the context."""
    body = getattr(error, "body", None)
    return isinstance(body, dict) and bool(TOO_LONG & {body.get("code"), body.get("type")} - {None})


def is_temperature(error: BaseException | None) -> bool:
    """OpenAI's reasoning models have one of their own."""
    return isinstance(error, openai.APIStatusError) and error.param == "temperature"


def holds_pictures(messages: Sequence[BaseMessage]) -> bool:
    return any(_is_picture(part) for message in messages for part in _parts(message))


def without_pictures(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The same without the pictures and the words that announce one, which stand right before it."""
    return [message.model_copy(update={"content": _words(message)}) for message in messages]


def _words(message: BaseMessage) -> Any:
    parts = _parts(message)
    if not any(map(_is_picture, parts)):
        return message.content
    after = [*parts[1:], None]
    kept = [
        part
        for place, (part, follows) in enumerate(zip(parts, after, strict=True))
        if not _is_picture(part) and not (place and _is_picture(follows))
    ]
    return "\n\n".join(part if isinstance(part, str) else str(part.get("text", "")) for part in kept)


def _parts(message: BaseMessage) -> list[Any]:
    return message.content if isinstance(message.content, list) else [message.content]


def _is_picture(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") == "image_url"
