"""Chat models by specification: `extractive`, `gguf:<file>`, `hf:<repo or folder>`, `openai:<name>@<url>`.

Each loads on first use. A model that can call tools overrides `bind_tools`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from common.registry import Registry

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    from agent.settings import Settings

MODELS = Registry(
    "model",
    {
        "extractive": "agent.answering.quoting:load",
        "gguf": "agent.models.gguf:load",
        "hf": "agent.models.hf:load",
        "openai": "agent.models.openai:load",
    },
    extras={"gguf": "gguf", "hf": "local", "openai": "openai"},
)


def load(settings: "Settings") -> "BaseChatModel":
    """The model that `settings.model` names. Raises `UnknownName`, `MissingExtra`, or what its loader raises."""
    kind, _, _ = settings.model.partition(":")
    model: BaseChatModel = MODELS.get(kind)(settings.model, settings)
    return model


def calls_tools(model: "BaseChatModel") -> bool:
    from langchain_core.language_models import BaseChatModel

    return type(model).bind_tools is not BaseChatModel.bind_tools


def constrained(model: "BaseChatModel", schema: dict[str, Any]) -> "Runnable[LanguageModelInput, AIMessage]":
    """`model`, whose server lets it write nothing but JSON of `schema` if it can; if not, whoever reads must check."""
    bind: Callable[[dict[str, Any]], Runnable[LanguageModelInput, AIMessage]] | None
    bind = getattr(model, "constrained_to", None)
    return bind(schema) if bind else model
