"""The answer of one request: messages for the model, its stream made safe and cited, pictures of what it leans on.

Knows nothing of routing. Every word sent to a model comes from `agent/prompts`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.answering import evidence
from agent.answering.candidates.candidate import Candidates
from agent.answering.candidates.estimate import FOUND
from agent.answering.candidates.found import absent, in_results
from agent.answering.citations import CitationWriter
from agent.answering.history import conversation
from agent.answering.quoting.extractive import Extractive
from agent.answering.writing.packing import Source, packed
from agent.answering.writing.settling import NO_SOURCE, Settling
from agent.answering.writing.support import Support
from agent.converting.requests import CONVERT
from agent.demonstrations import Demonstrated
from agent.events import Answer, Artifact, Citation, Token
from agent.inputs.page_images import Draw, parts_of
from agent.memory import Turn
from agent.models import abilities
from agent.models.budget import budget
from agent.models.replies import bounds
from agent.prompts import prompt
from common.errors import BadDocument, ModelUnavailable
from retrievers.elements import WHOLE_PAGE, Element, Hit

MAX_ARTIFACTS = 4
SHOWN = ("figure", "table")
EMBEDDED = "This is the embedded answer: quotes from the documents, written by no model."


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
    """The text so far and what is known of it."""

    text: str = ""
    found: bool | None = None
    quotes: dict[int, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    sure: float | None = None


def answer(model: BaseChatModel, name: str, max_images: int, writing: Writing) -> Iterator[Token | Artifact | Answer]:
    """Streams the answer's tokens, then its artifacts, then the whole `Answer` (its `seconds` not yet known).

    A model that is down, slow or without words is said so, and the embedded model answers instead.
    """
    hits = evidence.collect(writing.messages)
    results = [message for message in writing.messages if isinstance(message, ToolMessage)]
    draft = _Draft(notices=list(writing.notices))
    writer = CitationWriter(hits)
    embedded = Extractive()
    if not writing.asks and isinstance(model, Extractive):
        yield Answer("", model=name, notices=tuple(draft.notices))
        return
    problem = writing.down
    if abilities.of(model).images is False:
        max_images = 0
    # a model that sees the pages is asked all the same: the estimate reads words
    if not problem and not isinstance(model, Extractive) and not (max_images and hits) and absent(results, FOUND):
        draft.notices.append(f"{name} was not asked: what was found does not seem to hold the answer.")
        model, name = embedded, "extractive"
    if not problem and not isinstance(model, Extractive):
        try:
            yield from _written(model, hits, max_images, writing, writer, draft)
        except ModelUnavailable as error:
            problem = str(error)
    if problem:
        known = any(notice.startswith(problem) for notice in draft.notices)  # the router has met it, too
        draft.notices.append(EMBEDDED if known else f"{problem} {EMBEDDED}")
        if text := writer.close():
            yield _add(draft, text)
        if draft.text:  # its whole sentences stay
            yield _add(draft, "\n\n")
    if problem or isinstance(model, Extractive):
        name = "extractive" if problem else name
        yield from _quoted(embedded, writing, writer, draft)
    if writer.dangling:
        draft.notices.append(f"Citations that point to no source were left out: {' '.join(writer.dangling)}")
    citations = writer.citations(draft.quotes)
    demonstrated = [result.artifact for result in results if isinstance(result.artifact, Demonstrated)]
    found = bool(demonstrated) or _found(draft, results)
    cited = tuple(_artifacts(citations, writing.figure, draft.notices)) if found else ()
    artifacts = (*(shown for one in demonstrated for shown in one.shown), *cited)
    yield from artifacts
    notices = tuple(dict.fromkeys(draft.notices))
    yield Answer(draft.text.strip(), citations, artifacts, found, name, notices=notices, sure=draft.sure)


def _found(draft: _Draft, results: Sequence[ToolMessage]) -> bool:
    """What the writer says; where it cannot tell, whether there was nothing to look up in vain."""
    if draft.found is not None:
        return draft.found
    return not any(
        isinstance(result.artifact, tuple) or (result.status == "error" and result.name != CONVERT)
        for result in results
    )


def _written(
    model: BaseChatModel, hits: Sequence[Hit], max_images: int, writing: Writing, writer: CitationWriter, draft: _Draft
) -> Iterator[Token]:
    """A model's own words, settled with its sources. Raises `ModelUnavailable`, also when it writes none."""
    results = [message for message in writing.messages if isinstance(message, ToolMessage)]
    found = in_results(writing.question, results) if hits else Candidates((), 0.0)
    history = conversation(writing.turns)
    room = budget(
        model,
        prompt("answer"),
        prompt("question"),
        writing.asked,
        *history,
        *map(evidence.fence_words, _texts(results)),
    )
    sources = packed(writing.question, hits, found, room)
    messages = _messages(hits, sources, history, max_images, writing, draft)
    settling = _settling(sources, hits, found, results, writing.question) if hits else None
    for text in _chunks(model, messages, draft):
        yield from _added(settling.feed(text) if settling else [text], writer, draft)
    if settling:
        yield from _added(settling.close(), writer, draft)
        writer.dangling += settling.dangling
        draft.found, draft.sure = settling.found, found.answerable
    if text := writer.close():
        yield _add(draft, text)
    if not draft.text.strip():
        raise ModelUnavailable("The model wrote no answer.")


def _settling(
    sources: Sequence[Source], hits: Sequence[Hit], found: Candidates, results: Sequence[ToolMessage], question: str
) -> Settling:
    """What tools told beside the sources bears a sentence out as well, without a number to cite."""
    places = {hit.element.id: number for number, hit in enumerate(hits, start=1)}
    told = [Hit(Element("", "", 0, "text", text, WHOLE_PAGE, 0), 0.0) for text in _texts(results)]
    support = Support(question, [*(one.hit for one in sources), *told], found)
    numbers = [*(places[one.hit.element.id] for one in sources), *(NO_SOURCE for _ in told)]
    return Settling(support, numbers, answers=found.answerable >= FOUND)


def _chunks(model: BaseChatModel, messages: list[BaseMessage], draft: _Draft) -> Iterator[str]:
    for chunk in model.stream(messages):
        assert isinstance(chunk, AIMessageChunk)
        draft.quotes |= chunk.response_metadata.get("quotes", {})
        draft.found = chunk.response_metadata.get("found", draft.found)
        draft.sure = chunk.response_metadata.get("sure", draft.sure)
        draft.notices += bounds.notices(chunk.response_metadata)
        yield chunk.text


def _quoted(model: Extractive, writing: Writing, writer: CitationWriter, draft: _Draft) -> Iterator[Token]:
    asked = HumanMessage(writing.question, additional_kwargs={"pictures": len(writing.images)})
    yield from _added(_chunks(model, [asked, *writing.messages], draft), writer, draft)
    if text := writer.close():
        yield _add(draft, text)


def _added(texts: Iterable[str], writer: CitationWriter, draft: _Draft) -> Iterator[Token]:
    for text in texts:
        if safe := writer.feed(text):
            yield _add(draft, safe)


def _add(draft: _Draft, text: str) -> Token:
    draft.text += text
    return Token(text)


def _texts(results: Sequence[ToolMessage]) -> list[str]:
    """What tools said that found no sources."""
    return [result.text for result in results if result.status == "success" and not isinstance(result.artifact, tuple)]


def _messages(
    hits: Sequence[Hit],
    sources: Sequence[Source],
    history: Sequence[BaseMessage],
    max_images: int,
    writing: Writing,
    draft: _Draft,
) -> list[BaseMessage]:
    """What a model reads. Where nothing was looked up there is nothing to answer from either."""
    results = [message for message in writing.messages if isinstance(message, ToolMessage)]
    if not results:
        return [SystemMessage(prompt("talk")), *history, HumanMessage(writing.asked)]
    fenced = evidence.fence([one.hit for one in sources], [one.words for one in sources])
    looked = any(isinstance(result.artifact, tuple) for result in results)
    parts = [*([fenced] if looked else []), *map(evidence.fence_words, _texts(results))]
    text = prompt("question").format(sources="\n\n".join(parts), question=writing.asked)
    pictures = list(parts_of(hits, writing.images, max_images, writing.figure, writing.page, draft.notices))
    content: Any = [{"type": "text", "text": text}, *pictures] if pictures else text
    return [SystemMessage(prompt("answer")), *history, HumanMessage(content)]


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
