"""`openai:<name>@<url>`: a model behind an OpenAI-compatible endpoint (vLLM, llama.cpp, Ollama, a hosted one).

Asked once, never retried, never waited for longer than `settings.model_timeout`, and never read for ever: what goes
wrong becomes `ModelUnavailable`, whose message says what happened where, and what helps.
"""

import queue
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Self

import httpx2
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from agent.models import wire
from agent.models.abilities import Abilities
from agent.models.bounds import CUT, LOOKING, Abandoned, Bounds, abandoned
from agent.models.served_abilities import Unreachable, described
from agent.models.streamed import StreamedChatModel
from agent.models.truth import ANOTHER, LIKELIEST, share_of_true
from common.errors import ModelUnavailable, UserError

if TYPE_CHECKING:
    from agent.settings import Settings

SPEC = re.compile(r"openai:(?P<name>.+?)@(?P<url>https?://\S+)")
Inbox = queue.SimpleQueue[ChatGenerationChunk | Exception | None]  # None ends it
SLOW = "Set TRIPTYCH_MODEL_TIMEOUT higher, or see what keeps it busy."
LOG = "See the server's log, then ask again."
ADDRESS = "Check the name and the URL, which usually ends in /v1."
MOST_DETAIL = 300  # characters of an endpoint's own message


def name_and_url(spec: str) -> tuple[str, str]:
    """What `openai:<name>@<url>` names. Raises `UserError` for anything else."""
    match = SPEC.fullmatch(spec)
    if not match:
        raise UserError(
            f"{spec!r} does not name a served model.",
            "Write openai:<name>@<url>, for example openai:my-model@http://127.0.0.1:8000/v1",
        )
    return match["name"], match["url"]


def load(spec: str, settings: "Settings") -> "ServedModel":
    """Connects to nothing yet. Raises `UserError` when `spec` is not `openai:<name>@<url>`."""
    name, url = name_and_url(spec)
    return ServedModel.at(url, name, settings.model_api_key, settings)


class ServedModel(StreamedChatModel, ChatOpenAI):
    """`ChatOpenAI` whose every way of failing is a `ModelUnavailable`, in bounded time."""

    patience: float
    """Seconds the first token, and then each next chunk, may take."""
    bounds: Bounds
    _abilities: Abilities | None = PrivateAttr(default=None)

    @classmethod
    def at(cls, url: str, name: str, key: SecretStr, settings: "Settings") -> Self:
        """The model `name` of the endpoint at `url`, bounded as the settings say. Connects to nothing yet."""
        return cls(
            model=name,
            base_url=url,
            api_key=SecretStr(key.get_secret_value() or "none"),  # never one meant for another endpoint
            timeout=settings.model_timeout,
            patience=settings.model_timeout,
            max_completion_tokens=settings.model_tokens,
            bounds=Bounds(settings.model_tokens, settings.model_total_timeout),
            http_client=wire.client(),
            openai_proxy="",  # the usual variables name one; this one would not go through our client
            max_retries=0,
            streaming=True,
            stream_usage=True,
            use_responses_api=False,
        )

    @property
    def abilities(self) -> Abilities:
        """What its server says it can do; asked again as long as the server does not answer."""
        if self._abilities is None:
            try:
                self._abilities = described(str(self.openai_api_base), self.model_name, self._key)
            except Unreachable:
                return Abilities()
        return self._abilities

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
        """Read in a thread: any byte, even a keep-alive without a token, would put off a socket's own timeout."""
        inbox: Inbox = queue.SimpleQueue()
        line = wire.Wire()

        def read() -> None:
            try:
                with line.carrying():
                    for chunk in super(ServedModel, self)._stream(messages, stop, **kwargs):
                        inbox.put(chunk)
                inbox.put(None)
            except Exception as error:  # noqa: BLE001 - raised in the caller's thread
                inbox.put(error)

        threading.Thread(target=copy_context().run, args=(read,), daemon=True).start()
        try:
            for chunk in self._bounded(self._received(inbox)):
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        finally:
            line.cut()

    def _bounded(self, chunks: Iterator[ChatGenerationChunk]) -> Iterator[ChatGenerationChunk]:
        """As many as the bounds allow, and in place of the rest one that says so."""
        tokens, characters = self.bounds.tokens, self.bounds.characters
        for chunk in chunks:
            written = _written(chunk)
            tokens -= written > 0
            if tokens < 0 or written > characters:
                yield _last(self.bounds.after_tokens, chunk.text[:characters] if tokens >= 0 else "")
                return
            characters -= written
            yield chunk
            if (chunk.generation_info or {}).get("finish_reason") == "length":
                yield _last(self.bounds.after_tokens)

    def _received(self, inbox: Inbox) -> Iterator[ChatGenerationChunk]:
        silent = time.monotonic() + self.patience
        ends = time.monotonic() + self.bounds.seconds
        began = finished = False
        while True:
            try:
                item = _awaited(inbox, min(silent, ends))
            except queue.Empty:
                if not began or time.monotonic() < ends:
                    wait = f"{'fell silent' if began else 'sent no token'} for {self.patience:g} s."
                    raise self._down(wait, SLOW) from None
                item = wire.TooMuch(self.bounds.after_seconds)
            if isinstance(item, wire.TooMuch) and began:
                yield _last(str(item))
                return
            if isinstance(item, Exception):
                raise self._unavailable(item) from item
            if item is None:
                break
            began = began or _written(item) > 0
            finished = finished or bool((item.generation_info or {}).get("finish_reason"))
            if began:
                silent = time.monotonic() + self.patience
            yield item
        if not finished:
            if began:
                raise self._down("broke off in the middle of its reply.", LOG)
            raise self._down("sent something that is no chat completion.", ADDRESS)

    def _unavailable(self, error: Exception) -> Exception:
        """What an endpoint's failure means to the user; a bug of ours stays what it is."""
        match error:
            case openai.APIStatusError():
                what, cure = f"answered {error.status_code}: {_detail(error)}", _cure(error)
            case openai.APITimeoutError() | httpx2.TimeoutException():
                what, cure = "did not answer in time.", SLOW
            case openai.APIConnectionError():
                what, cure = "cannot be reached.", f"Start the server. {ADDRESS}"
            case httpx2.HTTPError():
                what, cure = f"broke off: {error}.", LOG
            case openai.APIError():
                what, cure = f"reported an error: {_detail(error)}", LOG
            case wire.TooMuch() | ValueError() | TypeError() | KeyError() | AttributeError():  # a stranger's JSON
                what, cure = "sent something that is no chat completion.", ADDRESS
            case _:
                return error
        return self._down(what, cure)

    def _down(self, what: str, cure: str) -> ModelUnavailable:
        return ModelUnavailable(f"The model {self.model_name} at {self.openai_api_base} {what}", cure)


def _awaited(inbox: Inbox, deadline: float) -> ChatGenerationChunk | Exception | None:
    """The next item. Raises `queue.Empty` at the deadline, and `Abandoned` when nobody waits for it any more."""
    while not abandoned():
        now = time.monotonic()
        if now >= deadline:
            raise queue.Empty
        with suppress(queue.Empty):
            return inbox.get(timeout=min(LOOKING, deadline - now))
    raise Abandoned


def _last(cut: str, text: str = "") -> ChatGenerationChunk:
    """The end of a reply that was cut after this much."""
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata={CUT: cut}))


def _written(chunk: ChatGenerationChunk) -> int:
    """Characters of text and of tool calls. Many servers send a chunk without any, which only names the role, long
    before the first token."""
    called = chunk.message.tool_call_chunks if isinstance(chunk.message, AIMessageChunk) else []
    return len(chunk.text) + sum(len(one["args"] or "") + len(one["name"] or "") for one in called)


def _detail(error: openai.APIError) -> str:
    """The endpoint's own words on one line, cut short."""
    body = error.body
    words = body["message"] if isinstance(body, dict) and isinstance(body.get("message"), str) else error.message
    line = " ".join(words.split()).rstrip(".")
    return f"{line}." if len(line) <= MOST_DETAIL else f"{line[:MOST_DETAIL]} ..."


def _cure(error: openai.APIStatusError) -> str:
    if error.status_code in (401, 403):
        return "Set TRIPTYCH_MODEL_API_KEY."
    if error.status_code == 404:
        return ADDRESS
    if error.status_code == 400 and "tool choice" in error.message:
        return "Start the server with tool calling enabled, or set TRIPTYCH_ROUTER=switch."
    if error.status_code in (400, 413, 422):
        return (
            "If the question is too large for the model, set TRIPTYCH_MODEL_IMAGES, TRIPTYCH_TOP_K or "
            "TRIPTYCH_MODEL_TOKENS lower."
        )
    return LOG
