"""A model behind an OpenAI-compatible endpoint (vLLM, llama.cpp, Ollama, LM Studio, a hosted one): see `places`.

Asked once, and again only without what it refuses; never waited for longer than the settings say, and never read for
ever: what goes wrong becomes `ModelUnavailable`, whose message says what happened, and what helps.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import httpx2
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from agent.models import budget
from agent.models.abilities import Abilities
from agent.models.replies.bounds import CUT, TOLD, Bounds
from agent.models.replies.streamed import StreamedChatModel
from agent.models.replies.truth import ANOTHER, LIKELIEST, share_of_true
from agent.models.served import affinity, trials
from agent.models.served.abilities import described
from agent.models.served.failures import ADDRESS, AGAIN, explained, unavailable
from agent.models.served.json_requests import Unreachable
from agent.models.served.places import name_and_url
from agent.models.served.reading import Inbox, bounded, read_in_thread, received, written
from agent.models.served.refusals import holds_pictures, is_length, is_temperature, may_be_pictures, without_pictures
from common import wire
from common.errors import ModelUnavailable

if TYPE_CHECKING:
    from agent.settings import Settings

OPENAI = "api.openai.com"
LOOK_AGAIN = 30.0  # seconds until a server that said nothing of its model is asked again


@dataclass(frozen=True)
class _Request:
    """What a model is asked. After something was left out: `untempered`, without a temperature; what is `told` of it;
    whether the model has proved `blind` if this is answered."""

    messages: list[BaseMessage]
    options: Mapping[str, Any]
    untempered: bool = False
    told: str = ""
    blind: bool = False


def load(spec: str, settings: "Settings") -> "ServedModel":
    """Connects to nothing yet. Raises `UserError` when `spec` names no served model."""
    name, url = name_and_url(spec)
    return ServedModel.at(url, name, settings.model_api_key, settings)


class ServedModel(StreamedChatModel, ChatOpenAI):
    """`ChatOpenAI` whose every way of failing is a `ModelUnavailable`, in bounded time."""

    patience: float
    """Seconds the first token may take, for which the whole prompt has to be read."""
    pause: float
    """Seconds each next chunk may take."""
    bounds: Bounds
    context: int = 0
    """Tokens of a prompt and its reply, where they are set and not to be asked for."""
    _abilities: Abilities | None = PrivateAttr(default=None)
    _look_again: float = PrivateAttr(default=0.0)
    _calls: bool | None = PrivateAttr(default=None)

    @classmethod
    def at(cls, url: str, name: str, key: SecretStr, settings: "Settings") -> Self:
        """The model `name` of the endpoint at `url`, bounded as the settings say. Connects to nothing yet."""
        return cls(
            model=name,
            base_url=url,
            api_key=SecretStr(key.get_secret_value() or "none"),  # never one meant for another endpoint
            temperature=settings.model_temperature,
            timeout=httpx2.Timeout(None, connect=settings.model_timeout),  # what is read is waited for by `patience`
            patience=settings.model_timeout,
            pause=settings.model_pause,
            max_completion_tokens=settings.model_tokens,
            bounds=Bounds(settings.model_tokens, settings.model_total_timeout),
            context=settings.model_context,
            http_client=wire.client(follow_redirects=True),
            openai_proxy="",  # the usual variables name one; this one would not go through our client
            max_retries=0,
            streaming=True,
            stream_usage=True,
            use_responses_api=False,
        )

    @property
    def abilities(self) -> Abilities:
        """What its server says it can do; one that does not answer is asked again after a while."""
        if self._abilities is None and time.monotonic() >= self._look_again:
            try:
                self._abilities = described(str(self.openai_api_base), self.model_name, self._key)
            except Unreachable:
                self._look_again = time.monotonic() + LOOK_AGAIN
        known = self._abilities or Abilities()
        return replace(known, context=self.context or known.context)

    def calls_tools(self) -> bool:
        """Whether it does when it is told to, tried once; what cannot be tried is taken to be so."""
        if self._calls is None and self.abilities.tools is not False:
            self._calls = trials.calls_tools(self.model_copy(update={"patience": min(self.patience, trials.PATIENCE)}))
        return self.abilities.tools is not False and self._calls is not False

    @property
    def _key(self) -> str:
        return self.openai_api_key.get_secret_value() if isinstance(self.openai_api_key, SecretStr) else ""

    def constrained_to(self, schema: dict[str, Any]) -> Runnable[LanguageModelInput, AIMessage]:
        """Itself, held by the server to JSON of `schema`.

        Past the client, which would parse the reply itself and fail at one that is cut or empty; whoever asks does.
        """
        named = {"name": "reply", "schema": schema}
        return self.bind(extra_body={"response_format": {"type": "json_schema", "json_schema": named}})

    def p_true(self, messages: list[BaseMessage]) -> float:
        """See `TellsTrue`: one token, and the likeliest in its place."""
        reply = self.invoke(messages, max_tokens=1, temperature=0, logprobs=True, top_logprobs=LIKELIEST)
        try:
            first = reply.response_metadata["logprobs"]["content"][0]["top_logprobs"]
            likeliest = [(str(one["token"]), float(one["logprob"])) for one in first]
        except (KeyError, IndexError, TypeError, ValueError):  # from a stranger's JSON
            cure = "Use an endpoint that gives logprobs, such as vLLM's."
            raise self._down("does not say how probable its tokens are.", cure) from None
        chance = share_of_true(likeliest)
        if chance is None:
            raise self._down(f"said neither True nor False, but {likeliest[0][0]!r}.", ANOTHER)
        return chance

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """What is refused, pictures or a temperature, is left out, and the model asked again, once for each."""
        began = False
        request = _Request(messages, kwargs)
        while True:
            try:
                for chunk in self._asked(request.messages, stop, **request.options):
                    if not began and written(chunk):
                        began = True
                        self._remember(request)
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
                break
            except ModelUnavailable as error:
                again = None if began else self._without_refused(error.__cause__, request)
                if again is None:
                    raise
                request = again
        if request.told:
            yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata={TOLD: request.told}))

    def _without_refused(self, error: BaseException | None, request: _Request) -> _Request | None:
        """What to ask in its place; None when nothing in it can have been refused."""
        if is_temperature(error) and not request.untempered:
            self.temperature = None
            options = {name: value for name, value in request.options.items() if name != "temperature"}
            return replace(request, options=options, untempered=True)
        if may_be_pictures(error) and holds_pictures(request.messages):
            told = f"The model {self.model_name} would not take the pictures, and was asked without them."
            return replace(request, messages=without_pictures(request.messages), told=told, blind=not is_length(error))
        return None

    def _remember(self, request: _Request) -> None:
        """What a request has shown that is answered."""
        if request.blind:
            self._abilities = replace(self.abilities, images=False)

    def _get_request_payload(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the limit under the name that all but OpenAI itself read, and no more than its context has room for."""
        payload = super()._get_request_payload(*args, **kwargs)
        limit = min(payload.pop("max_completion_tokens"), budget.reply(self))
        name = "max_completion_tokens" if OPENAI in str(self.openai_api_base) else "max_tokens"
        return payload | {name: limit, "extra_headers": affinity.headers()}

    def _asked(
        self, messages: list[BaseMessage], stop: list[str] | None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        """The reply, bounded and waited for in bounded time."""
        with read_in_thread(lambda: super(ServedModel, self)._stream(messages, stop, **kwargs)) as inbox:
            yield from bounded(self._received(inbox), replace(self.bounds, tokens=budget.reply(self)))

    def _received(self, inbox: Inbox) -> Iterator[ChatGenerationChunk]:
        began = finished = False
        for chunk in received(inbox, self.patience, self.pause, self.bounds, self._down, self._unavailable):
            began = began or written(chunk) > 0
            finished = finished or CUT in chunk.message.response_metadata
            finished = finished or bool((chunk.generation_info or {}).get("finish_reason"))
            yield chunk
        if not finished:
            if began:
                raise self._down("broke off in the middle of its reply.", AGAIN)
            raise self._down("sent something that is no chat completion.", ADDRESS)

    def _unavailable(self, error: Exception) -> Exception:
        """What an endpoint's failure means to the user; a bug of ours stays what it is."""
        meaning = explained(error)
        return self._down(*meaning) if meaning else error

    def _down(self, what: str, cure: str, detail: str = "") -> ModelUnavailable:
        return unavailable(self.model_name, str(self.openai_api_base), what, cure, detail)
