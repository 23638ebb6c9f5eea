"""Doubles that ship with the package: a chat model that says what it was told to say."""

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

from agent.models.replies.streamed import StreamedChatModel


class ScriptedModel(StreamedChatModel):
    """Replays `script` in order, one entry a call, word by word; an exception in it is raised.

    `calls` holds the messages of every call, and `tools` the names last bound. Raises `AssertionError` when it is
    called more often than the script is long.
    """

    script: list[Any]
    _calls: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _tools: list[str] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> list[list[BaseMessage]]:
        return self._calls

    @property
    def tools(self) -> list[str]:
        return self._tools

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        self._tools = [tool.name for tool in tools]
        return self

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        assert len(self._calls) < len(self.script), f"the script ends after {len(self.script)} calls"
        self._calls.append(messages)
        reply = self.script[len(self._calls) - 1]
        if isinstance(reply, Exception):
            raise reply
        message = reply if isinstance(reply, AIMessage) else AIMessage(reply)
        for place, word in enumerate(message.text.split(" ")):
            yield ChatGenerationChunk(message=AIMessageChunk(content=f" {word}" if place else word))
        last = AIMessageChunk(content="", tool_calls=message.tool_calls, invalid_tool_calls=message.invalid_tool_calls)
        yield ChatGenerationChunk(message=last)
