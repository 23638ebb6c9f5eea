"""What a model reads to write an answer. Every word of it comes from `agent/prompts`, or is fenced."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.answering import evidence
from agent.answering.writing.packing import Source
from agent.inputs.page_images import parts_of
from agent.prompts import prompt
from agent.request import Request, Work


def messages_of(
    request: Request,
    work: Work,
    sources: Sequence[Source],
    history: Sequence[BaseMessage],
    max_images: int,
    notices: list[str],
) -> list[BaseMessage]:
    """`sources` with the question; pictures that cannot be drawn are noted in `notices`.

    Where nothing was looked up there is nothing to answer from either.
    """
    if not work.results:
        return [SystemMessage(prompt("talk")), *history, HumanMessage(request.question)]
    fenced = evidence.fence([one.hit for one in sources], [one.words for one in sources])
    looked = any(isinstance(result.artifact, tuple) for result in work.results)
    parts = [*([fenced] if looked else []), *map(evidence.fence_words, told(work.results))]
    text = prompt("question").format(sources="\n\n".join(parts), question=request.question)
    pictures = list(parts_of(work.hits, request.images, max_images, request.figure, request.page, notices))
    content: Any = [{"type": "text", "text": text}, *pictures] if pictures else text
    return [SystemMessage(prompt("answer")), *history, HumanMessage(content)]


def told(results: Sequence[ToolMessage]) -> list[str]:
    """What tools said that found no sources."""
    return [result.text for result in results if result.status == "success" and not isinstance(result.artifact, tuple)]
