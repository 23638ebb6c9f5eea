"""Counts the tokens of every call of a language model in a context, by what LangChain tells of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.tracers.context import register_configure_hook

from agent.events import Usage


class UsageCounter(BaseCallbackHandler):
    """LangChain's own counts only replies that name their model."""

    def __init__(self) -> None:
        self.usage = Usage()
        self._one = Lock()  # nodes of the graph run in threads

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        for generation in (one for several in response.generations for one in several):
            message = generation.message if isinstance(generation, ChatGeneration) else None
            if isinstance(message, AIMessage) and (told := message.usage_metadata):
                with self._one:
                    read, wrote = self.usage.input_tokens, self.usage.output_tokens
                    self.usage = Usage(read + told["input_tokens"], wrote + told["output_tokens"])


_counter: ContextVar[UsageCounter | None] = ContextVar("triptych_usage", default=None)
register_configure_hook(_counter, inheritable=True)


@contextmanager
def counting() -> Iterator[UsageCounter]:
    """Counts the calls made within, also in threads that copy the context."""
    counter = UsageCounter()
    before = _counter.set(counter)
    try:
        yield counter
    finally:
        _counter.reset(before)
