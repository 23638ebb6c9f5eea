"""`<provider>:<model>`: a model of a provider that LangChain knows ("anthropic:claude-sonnet-5"), by its own package.

What LangChain and the provider's SDK do is theirs: the messages in its form, its errors, its key from its variable.
Here a reply is waited for in bounded time, and what goes wrong becomes `ModelUnavailable`, as for a served model.
"""

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.tools import BaseTool

from agent.models.abilities import Abilities
from agent.models.replies.bounds import Bounds
from agent.models.replies.streamed import StreamedChatModel
from agent.models.served.failures import AGAIN, unavailable
from agent.models.served.reading import bounded, read_in_thread, received
from common.errors import MissingExtra, ModelUnavailable, UserError

if TYPE_CHECKING:
    from agent.settings import Settings

KEY = "Set TRIPTYCH_MODEL_API_KEY, or the variable that the provider's own package reads."


def load(spec: str, settings: "Settings") -> "HostedModel":
    """Connects to nothing yet. Raises `MissingExtra` without the package, `UserError` for what the provider refuses."""
    from langchain.chat_models import init_chat_model

    provider, _, name = spec.partition(":")
    if not name:
        raise UserError(f"{spec!r} does not name a model.", f"Write {provider}:<model>.")
    options: dict[str, Any] = {
        "temperature": settings.model_temperature,
        "max_tokens": settings.model_tokens,
        "timeout": settings.model_timeout + settings.model_total_timeout,  # what is awaited here is less
        "max_retries": 0,
    }
    if key := settings.model_api_key.get_secret_value():
        options["api_key"] = key
    try:
        inner = init_chat_model(name, model_provider=provider, **options)
        if (inner.profile or {}).get("temperature") is False:  # models that reason have one of their own
            inner = init_chat_model(name, model_provider=provider, **options | {"temperature": None})
    except ImportError as error:
        package = f"langchain-{provider.replace('_', '-')}"
        raise MissingExtra(
            f"{provider}: its package is not installed ({error}).", command=f"pip install {package}"
        ) from error
    except ValueError as error:
        raise UserError(f"{spec} cannot be used: {str(error).strip().partition(chr(10))[0]}", command=KEY) from error
    return HostedModel(
        inner=inner,
        called=name,
        provider=provider,
        patience=settings.model_timeout,
        pause=settings.model_pause,
        bounds=Bounds(settings.model_tokens, settings.model_total_timeout),
        known_context=settings.model_context,
    )


class HostedModel(StreamedChatModel):
    """A chat model of LangChain's, bounded."""

    inner: BaseChatModel
    called: str
    provider: str
    patience: float
    """Seconds the first token may take."""
    pause: float
    """Seconds each next chunk may take."""
    bounds: Bounds
    known_context: int = 0
    """Tokens of a prompt and its reply, where they are set."""

    @property
    def _llm_type(self) -> str:
        return self.provider

    @property
    def abilities(self) -> Abilities:
        """What LangChain's profile of the model says."""
        profile: dict[str, Any] = {**(self.inner.profile or {})}
        return Abilities(
            tools=profile.get("tool_calling"),
            schema=profile.get("structured_output"),
            images=profile.get("image_inputs"),
            context=self.known_context or profile.get("max_input_tokens"),
        )

    def calls_tools(self) -> bool:
        return self.abilities.tools is not False and type(self.inner).bind_tools is not BaseChatModel.bind_tools

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """In the form of its provider."""
        bound = self.inner.bind_tools(tools, **kwargs)
        assert isinstance(bound, RunnableBinding)
        return self.bind(**bound.kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        unheard = Event()

        def written() -> Iterator[ChatGenerationChunk]:
            for chunk in self.inner.stream(messages, stop=stop, **kwargs):
                if unheard.is_set():
                    return
                yield ChatGenerationChunk(message=_plain(chunk))

        try:
            with read_in_thread(written) as inbox:
                waited = received(inbox, self.patience, self.pause, self.bounds, self._down, self._unavailable)
                for chunk in bounded(waited, self.bounds):
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
        finally:
            unheard.set()

    def _unavailable(self, error: Exception) -> ModelUnavailable:
        """Each SDK has errors of its own; most carry the status."""
        status = getattr(error, "status_code", None)
        what = f"answered with an error ({status})." if status else f"failed ({type(error).__name__})."
        return self._down(what, KEY if status in (401, 403) else AGAIN, str(error))

    def _down(self, what: str, cure: str, detail: str = "") -> ModelUnavailable:
        return unavailable(self.called, self.provider, what, cure, detail)


def _plain(chunk: AIMessageChunk) -> AIMessageChunk:
    """With its words as a text: providers send parts."""
    return chunk if isinstance(chunk.content, str) else chunk.model_copy(update={"content": chunk.text})
