"""What a served model really does with a tool, a schema, a picture, with logprobs: each tried by one short request.

A chat template that knows tools makes no model that calls them.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import Runnable

from agent.models.abilities import Abilities
from agent.models.replies.truth import LIKELIEST
from common.errors import ModelUnavailable

PATIENCE = 20.0  # seconds that a question waits for the first token of a trial
TOKENS = 64
TOOL = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Finds passages in the person's documents.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
DOT = (  # 16 x 16 red pixels
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQ"
    "VR4nGP8z0AaYCJR/aiGUQ1DSAMAQC4BH2bjRnMAAAAASUVORK5CYII="
)
ASKED = HumanMessage("Search my documents for the height of the lighthouse.")


class Trialled(Protocol):
    """What is asked of a served model here."""

    @property
    def abilities(self) -> Abilities: ...
    def bind_tools(self, tools: list[dict[str, Any]]) -> Runnable[Any, AIMessage]: ...
    def constrained_to(self, schema: dict[str, Any]) -> Runnable[Any, AIMessage]: ...
    def invoke(self, input: list[HumanMessage], **kwargs: Any) -> AIMessage: ...


def calls_tools(model: Trialled) -> bool | None:
    """Whether it calls the one tool it is given when it is told to. None when it could not be asked."""
    return _outcome(model, lambda: bool(model.bind_tools([TOOL]).invoke([ASKED], max_tokens=TOKENS).tool_calls))


def everything(model: Trialled) -> Abilities:
    """What its server says, and where that may not be so, or is nothing, what it does."""
    known = model.abilities
    return replace(
        known,
        tools=False if known.tools is False else calls_tools(model),
        schema=_keeps_schema(model) if known.schema is None else known.schema,
        images=_sees(model) if known.images is None else known.images,
        logprobs=_says_logprobs(model) if known.logprobs is None else known.logprobs,
    )


def _keeps_schema(model: Trialled) -> bool | None:
    def kept() -> bool:
        reply = model.constrained_to(SCHEMA).invoke([ASKED], max_tokens=TOKENS).text
        try:
            colour = json.loads(reply)["colour"]
        except (ValueError, KeyError, TypeError):
            return False
        return colour in ("red", "blue")

    return _outcome(model, kept)


def _says_logprobs(model: Trialled) -> bool | None:
    def said() -> bool:
        reply = model.invoke([ASKED], max_tokens=1, logprobs=True, top_logprobs=LIKELIEST)
        return bool((reply.response_metadata.get("logprobs") or {}).get("content"))

    return _outcome(model, said)


def _sees(model: Trialled) -> bool | None:
    picture = HumanMessage(
        [{"type": "text", "text": "Which colour?"}, {"type": "image_url", "image_url": {"url": DOT}}]
    )

    def seen() -> bool:
        model.invoke([picture], max_tokens=1)
        return model.abilities.images is not False

    return _outcome(model, seen)


def _outcome(model: Trialled, tried: Callable[[], bool]) -> bool | None:
    """False where the request was refused; None where nothing came back at all."""
    try:
        return tried()
    except ModelUnavailable as error:
        return False if getattr(error.__cause__, "status_code", None) in {400, 404, 415, 422, 500, 501} else None
