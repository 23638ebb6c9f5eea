"""Chat models by specification: `extractive`, `gguf:<file>`, `hf:<repo or folder>`, `openai:<name>@<url>`, or
`ollama:<name>`, `lmstudio:<name>`, `llamacpp:<name>` on this machine; `anthropic:<name>` and other providers by
LangChain.

Each loads on first use. A model that can call tools overrides `bind_tools`.
"""

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from agent.settings import NO_MODEL
from common.registry import Registry

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    from agent.settings import Settings

# Of those that `langchain.chat_models.init_chat_model` knows; each needs the provider's package
HOSTED = (
    "anthropic", "azure_openai", "bedrock_converse", "cohere", "deepseek", "fireworks", "google_genai",
    "google_vertexai", "groq", "mistralai", "nvidia", "openrouter", "perplexity", "together", "upstage", "xai",
)  # fmt: skip
SERVED = ("openai", "ollama", "lmstudio", "llamacpp")
MODELS = Registry(
    "model",
    {
        NO_MODEL: "agent.models.unset:load",
        "gguf": "agent.models.gguf:load",
        "hf": "agent.models.hf:load",
        **dict.fromkeys(SERVED, "agent.models.served.client:load"),
        **dict.fromkeys(HOSTED, "agent.models.hosted:load"),
    },
    extras={"gguf": "gguf", "hf": "local"},
)


def load(settings: "Settings") -> "BaseChatModel":
    """The model that `settings.model` names. Raises `UnknownName`, `MissingExtra`, or what its loader raises."""
    kind, _, _ = settings.model.partition(":")
    model: BaseChatModel = MODELS.get(kind)(settings.model, settings)
    return model


def name_of(spec: str) -> str:
    """What people call the model that `spec` names: without its address or folder. Raises as `name_and_url` does."""
    from agent.models.served.places import is_served, name_and_url

    if spec == NO_MODEL:
        return "quotes only"
    name = name_and_url(spec)[0] if is_served(spec) else spec.partition(":")[2]
    return PurePath(name).name


def writes(model: "BaseChatModel") -> bool:
    """Whether there is a model at all."""
    from agent.models.unset import UnsetModel

    return not isinstance(model, UnsetModel)


def calls_tools(model: "BaseChatModel") -> bool:
    """Whether tools can be given to it, and it calls them."""
    from langchain_core.language_models import BaseChatModel

    tried: Callable[[], bool] | None = getattr(model, "calls_tools", None)
    return tried() if tried else type(model).bind_tools is not BaseChatModel.bind_tools


def constrained(model: "BaseChatModel", schema: dict[str, Any]) -> "Runnable[LanguageModelInput, AIMessage]":
    """`model`, whose server lets it write nothing but JSON of `schema` if it can; if not, whoever reads must check."""
    bind: Callable[[dict[str, Any]], Runnable[LanguageModelInput, AIMessage]] | None
    bind = getattr(model, "constrained_to", None)
    return bind(schema) if bind else model
