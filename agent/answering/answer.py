"""The answer of one request: messages for the model, its stream made safe and cited, pictures of what it leans on.

Knows nothing of routing. Every word sent to a model comes from `agent/prompts`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.answering import evidence
from agent.answering.candidates import absent
from agent.answering.citations import CitationWriter
from agent.answering.estimate import ABSENT
from agent.answering.quoting import Extractive
from agent.demonstrating import Demonstrated
from agent.events import Answer, Artifact, Citation, Token
from agent.memory import Turn
from agent.models import bounds
from agent.orders import ORDERING
from agent.pictures import Draw, parts_of
from agent.prompts import prompt
from agent.routers.tool_calling import conversation
from common.errors import BadDocument, ModelUnavailable
from retrievers.elements import Hit

MAX_ARTIFACTS = 4
SHOWN = ("figure", "table")


@dataclass(frozen=True)
class Writing:
    """What an answer is written from. `question` stands alone; `asked` is how the user put it.

    `figure` and `page` draw PNGs of an element's region and of its whole page.
    """

    question: str
    asked: str
    turns: Sequence[Turn]
    messages: Sequence[BaseMessage]
    images: Sequence[Path]
    figure: Draw
    page: Draw
    notices: tuple[str, ...] = ()
    down: str = ""
    """Why the model is not to be asked, when that is known already."""
    asks: bool = True
    """False: only things to be made were asked for. A model may still say a word to them, quotes would be none."""


@dataclass
class _Draft:
    """The text so far and who wrote it."""

    text: str = ""
    found: bool | None = None
    quotes: dict[int, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    sure: float | None = None


def answer(model: BaseChatModel, name: str, max_images: int, writing: Writing) -> Iterator[Token | Artifact | Answer]:
    """Streams the answer's tokens, then its artifacts, then the whole `Answer` (its `seconds` not yet known).

    A model that is down or slow is said so, and the embedded model answers instead.
    """
    hits = evidence.collect(writing.messages)
    writer = CitationWriter(hits)
    draft = _Draft(notices=list(writing.notices))
    problem = writing.down
    if not writing.asks and isinstance(model, Extractive):
        yield Answer("", model=name, notices=tuple(draft.notices))
        return
    results = [message for message in writing.messages if isinstance(message, ToolMessage)]
    # a model that sees the pages is asked all the same: the estimate reads words
    if not problem and not isinstance(model, Extractive) and not (max_images and hits) and absent(results, ABSENT):
        draft.notices.append(f"{name} was not asked: what was found does not seem to hold the answer.")
        model, name = Extractive(), "extractive"
    if not problem:
        try:
            yield from _stream(model, _messages(model, hits, max_images, writing, draft), writer, draft)
        except ModelUnavailable as error:
            problem = str(error)
    if problem:
        notice = f"{problem} This is the embedded answer: quotes from the documents, written by no model."
        draft.notices.append(notice)
        name = "extractive"
        yield _add(draft, writer.feed(f"{chr(10) * 2 * bool(draft.text)}{notice}\n\n"))
        embedded = Extractive()
        yield from _stream(embedded, _messages(embedded, hits, 0, writing, draft), writer, draft)
    if writer.dangling:
        draft.notices.append(f"Citations that point to no source were left out: {' '.join(writer.dangling)}")
    citations = writer.citations(draft.quotes)
    looked = any(
        isinstance(result.artifact, tuple) or (result.status == "error" and result.name != ORDERING)
        for result in results
    )
    demonstrated = [result.artifact for result in results if isinstance(result.artifact, Demonstrated)]
    found = draft.found if draft.found is not None else bool(citations or demonstrated) or not looked
    cited = tuple(_artifacts(citations, writing.figure, draft.notices)) if found else ()
    artifacts = (*(shown for one in demonstrated for shown in one.shown), *cited)
    yield from artifacts
    yield Answer(draft.text.strip(), citations, artifacts, found, name, notices=tuple(draft.notices), sure=draft.sure)


def _stream(
    model: BaseChatModel, messages: list[BaseMessage], writer: CitationWriter, draft: _Draft
) -> Iterator[Token]:
    for chunk in model.stream(messages):
        assert isinstance(chunk, AIMessageChunk)
        draft.quotes |= chunk.response_metadata.get("quotes", {})
        draft.found = chunk.response_metadata.get("found", draft.found)
        draft.sure = chunk.response_metadata.get("sure", draft.sure)
        draft.notices += bounds.notices(chunk.response_metadata)
        if text := writer.feed(chunk.text):
            yield _add(draft, text)
    if text := writer.close():
        yield _add(draft, text)


def _add(draft: _Draft, text: str) -> Token:
    draft.text += text
    return Token(text)


def _messages(
    model: BaseChatModel, hits: Sequence[Hit], max_images: int, writing: Writing, draft: _Draft
) -> list[BaseMessage]:
    if isinstance(model, Extractive):
        asked = HumanMessage(writing.question, additional_kwargs={"pictures": len(writing.images)})
        return [asked, *writing.messages]
    other = [
        message.text
        for message in writing.messages
        if isinstance(message, ToolMessage) and message.status == "success" and not isinstance(message.artifact, tuple)
    ]
    sources = "\n\n".join([evidence.fence(hits), *map(evidence.fence_words, other)])
    text = prompt("question").format(sources=sources, question=writing.asked)
    pictures = list(parts_of(hits, writing.images, max_images, writing.figure, writing.page, draft.notices))
    content: Any = [{"type": "text", "text": text}, *pictures] if pictures else text
    return [SystemMessage(prompt("answer")), *conversation(writing.turns), HumanMessage(content)]


def _artifacts(citations: Sequence[Citation], draw: Draw, notices: list[str]) -> Iterator[Artifact]:
    """Pictures of the cited figures and tables; one that cannot be drawn is noted."""
    shown = [citation for citation in citations if citation.hit.element.kind in SHOWN]
    for citation in shown[:MAX_ARTIFACTS]:
        element = citation.hit.element
        title = element.caption or f"{element.kind.capitalize()} on page {element.page} of {element.document}"
        try:
            yield Artifact(draw(element), "image/png", title, (citation,))
        except BadDocument as error:
            notices.append(str(error))
