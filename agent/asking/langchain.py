"""The agent as a part of LangChain's: a tool for another agent's model, and a runnable in a chat model's place."""

import base64
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from agent.answering.citations import marks
from agent.events import Answer, Citation
from common.errors import UserError

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool

Ask = Callable[..., Answer]
AskLater = Callable[..., Awaitable[Answer]]
TOOL = "ask_documents"
DESCRIPTION = "Answers a question from documents, with the pages that say so. Ask in whole sentences that stand alone."
QUOTED = 300  # letters of a source


def tool_of(ask: Ask, aask: AskLater, name: str, description: str) -> "BaseTool":
    """What cannot be answered is told to the model that calls it."""
    from langchain_core.tools import StructuredTool, ToolException

    def answer(question: str) -> tuple[str, Answer]:
        try:
            said = ask(question)
        except UserError as error:
            raise ToolException(str(error)) from error
        return with_sources(said), said

    async def answer_later(question: str) -> tuple[str, Answer]:
        try:
            said = await aask(question)
        except UserError as error:
            raise ToolException(str(error)) from error
        return with_sources(said), said

    return StructuredTool.from_function(
        answer,
        answer_later,
        name=name,
        description=description or DESCRIPTION,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def runnable_of(ask: Ask, aask: AskLater) -> "Runnable[Any, AIMessage]":
    """Takes what chat models take. Raises `UserError` like `Agent.ask`."""
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableLambda

    def reply(given: Any) -> AIMessage:
        asked = _asked(given)
        return message_of(ask(asked.question, **asked.options))

    async def reply_later(given: Any) -> AIMessage:
        asked = _asked(given)
        return message_of(await aask(asked.question, **asked.options))

    return RunnableLambda(reply, reply_later, name="triptych")


def with_sources(answer: Answer) -> str:
    """Text that stands alone: the answer, then a line for each source."""
    return "\n".join([answer.text, "", *map(_line, answer.citations)]).strip()


def message_of(answer: Answer) -> "AIMessage":
    """The text with a citation for each `[n]`, then pictures and sound, as LangChain's standard content blocks."""
    from langchain_core.messages import AIMessage

    text = {"type": "text", "text": answer.text, "annotations": list(_annotations(answer))}
    used = answer.usage
    return AIMessage(
        [text, *_media(answer)],
        response_metadata={"model_name": answer.model, "found": answer.found, "notices": list(answer.notices)},
        usage_metadata={
            "input_tokens": used.input_tokens,
            "output_tokens": used.output_tokens,
            "total_tokens": used.input_tokens + used.output_tokens,
        },
    )


def _asked(given: Any) -> Any:
    from langchain_core.messages import convert_to_messages
    from langchain_core.prompt_values import PromptValue

    from agent.asking.messages import asked_in

    if isinstance(given, PromptValue):
        given = given.to_messages()
    if isinstance(given, dict):  # as graphs and agents of LangChain hand on their state
        given = given["messages"]
    return asked_in(convert_to_messages([given] if isinstance(given, str) else given))


def _line(citation: Citation) -> str:
    element = citation.hit.element
    quote = " ".join((citation.quote or element.text).split())
    quote = quote if len(quote) <= QUOTED else quote[:QUOTED].rsplit(" ", 1)[0] + "…"
    return f"[{citation.number}] {element.document}, page {element.page}: {quote}"


def _annotations(answer: Answer) -> Iterator[dict[str, Any]]:
    by_number = {citation.number: citation for citation in answer.citations}
    for start, end, number in marks(answer.text):
        if number in by_number:
            said = by_number[number].to_dict()
            yield {
                "type": "citation",
                "title": said["document"],
                "cited_text": said["quote"],
                "start_index": start,
                "end_index": end,
                "extras": {name: said[name] for name in ("number", "page", "kind", "box")},
            }


def _media(answer: Answer) -> Iterator[dict[str, Any]]:
    for artifact in answer.artifacts:
        kind = artifact.mime.partition("/")[0]
        if kind in ("image", "audio"):
            data = base64.b64encode(artifact.bytes()).decode()
            yield {"type": kind, "base64": data, "mime_type": artifact.mime, "extras": {"title": artifact.title}}
