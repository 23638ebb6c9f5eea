"""`extractive`: a chat model that writes nothing of its own. It quotes the passages of the evidence that answer.

Behind LangChain's `BaseChatModel`: it reads the question from the last human message and the evidence from the
artifacts of the tool messages. The last chunk's `response_metadata` says `found`, how `sure` it is (0..1, None where
that is no question), and the `quotes` by source number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk

from agent.answering import evidence
from agent.answering.candidates import Candidate, Quoted, Worked, in_results
from agent.answering.estimate import FOUND
from agent.answering.writing import Piece, picture, region, whole, written
from agent.models.streamed import StreamedChatModel
from agent.orders import Order
from agent.routers.picture_choice import subject
from retrievers.elements import Hit, Kind
from retrievers.embedders.outlines import Outlines
from retrievers.search.query_references import positions

if TYPE_CHECKING:
    from agent.settings import Settings

MOST_QUOTES = 3
NEAR_BEST = 0.7  # of the odds of the best one, at least, for a further quote
NEAREST_PAGES = 3
UNSEEN = (
    "Pictures there were read for their words alone: to count or to describe what is seen in them takes a model that "
    "sees (TRIPTYCH_MODEL)."
)


def load(spec: str, settings: "Settings") -> "Extractive":
    return Extractive()


class Extractive(StreamedChatModel):
    @property
    def _llm_type(self) -> str:
        return "extractive"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = _reply(messages)
        quotes: dict[int, str] = {}
        for text, quoted in reply.pieces:
            quotes |= quoted
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        metadata = {"found": reply.found, "quotes": quotes, "sure": reply.sure}
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata=metadata, chunk_position="last"))


@dataclass(frozen=True)
class _Reply:
    found: bool
    pieces: Sequence[Piece]
    sure: float | None = None


def _reply(messages: Sequence[BaseMessage]) -> _Reply:
    asked = next(message for message in reversed(messages) if isinstance(message, HumanMessage))
    results = [message for message in messages if isinstance(message, ToolMessage)]
    hits = evidence.collect(results)
    told = [
        result.text
        for result in results
        if result.status == "success" and not isinstance(result.artifact, tuple | Order)
    ]
    ordered = [result.text for result in results if isinstance(result.artifact, Order)]
    failed = [result.text for result in results if result.status == "error"]
    if told:
        return _Reply(True, [(text, {}) for text in told])
    if failed and not hits:
        return _Reply(False, [(f"Nothing could be looked up. {' '.join(failed)}", {})])
    if not results:
        return _Reply(True, [("Ask me something about your documents, and I will quote what answers.", {})])
    if len(ordered) == len(results):
        return _Reply(True, [(text + "\n\n", {}) for text in ordered])
    reply = _from_evidence(asked.text, hits, results)
    alike = next((place for place, hit in enumerate(hits, start=1) if hit.element.kind == "figure"), None)
    if not reply.found and alike and asked.additional_kwargs.get("pictures"):
        known = Outlines.info.vector in hits[alike - 1].ranks
        lead = "Your picture is " if known else "By the words in your picture, the closest picture here is "
        return _Reply(True, [picture(lead, hits[alike - 1].element, alike)])
    return reply


def _wants(results: Sequence[ToolMessage], kind: str) -> bool:
    """Whether a search asked for this kind alone; the graph names such steps after the kind."""
    return any(result.tool_call_id == f"{kind}s" for result in results)


def _from_evidence(question: str, hits: Sequence[Hit], results: Sequence[ToolMessage]) -> _Reply:
    if _wants(results, "figure") and (shown := _closest(subject(question), hits, "figure")):
        number, exact = shown
        lead = "" if exact else "The closest picture here is "
        return _Reply(True, [picture(lead, hits[number - 1].element, number)])
    if _wants(results, "table") and (shown := _closest(subject(question), hits, "table")):
        return _Reply(True, [whole(hits[shown[0] - 1].element, shown[0])])
    found = in_results(question, results)
    if found.best and found.answerable >= FOUND:
        return _Reply(True, written(found.best[0], _more(found.best)), found.answerable)
    if _stands_there(question, hits):
        return _Reply(True, [region(hits[0].element, 1)], found.answerable)
    return _Reply(False, list(_nearest(hits)), found.answerable)


def _stands_there(question: str, hits: Sequence[Hit]) -> bool:
    """Whether the first region stands where the question says ("slide 6", "the last page"): the search looks places up
    and puts what is there first."""
    asked = [one.number for one in positions(question) if one.kind == "page"]
    return bool(hits) and any(number < 0 or number == hits[0].element.page for number in asked)


def _more(found: Sequence[Candidate]) -> list[Quoted]:
    """What answers nearly as surely as the best and says something else."""
    best = found[0]
    if isinstance(best, Worked):
        return []
    chosen = [best]
    for one in found[1:]:
        if _odds(one) < NEAR_BEST * _odds(best) or len(chosen) == MOST_QUOTES:
            break
        if isinstance(one, Quoted) and one.passage.form == "sentence" and not any(_repeats(one, c) for c in chosen):
            chosen.append(one)
    return chosen[1:]


def _odds(one: Candidate) -> float:
    return one.chance / max(1 - one.chance, 1e-9)


def _repeats(one: Quoted, other: Quoted) -> bool:
    return one.words.lower() in other.passage.text.lower() or other.words.lower() in one.passage.text.lower()


def _closest(about: str, hits: Sequence[Hit], kind: Kind) -> tuple[int, bool] | None:
    """The source number of the figure or table with most of these words, the first of equals, and whether it has them
    all; None if none has any."""
    from retrievers import embedders

    lexical = embedders.load("bm25")
    shared = {
        number: len(lexical.shared_terms(about, hit.element.indexed_text))
        for number, hit in enumerate(hits, start=1)
        if hit.element.kind == kind
    }
    best = max(shared, key=lambda number: shared[number], default=0)
    return (best, shared[best] == len(lexical.shared_terms(about, about))) if best and shared[best] else None


def _nearest(hits: Sequence[Hit]) -> Iterator[Piece]:
    yield "I could not find this in the documents.", {}
    pages: dict[tuple[str, int], int] = {}
    for number, hit in enumerate(hits, start=1):
        pages.setdefault((hit.element.document, hit.element.page), number)
    places = [
        f"{evidence.unbracketed(document)}, page {page} [{number}]"
        for (document, page), number in list(pages.items())[:NEAREST_PAGES]
    ]
    if places:
        yield f" The nearest pages are: {'; '.join(places)}.", {}
    if any(hit.element.kind == "figure" for hit in hits[:NEAREST_PAGES]):
        yield f" {UNSEEN}", {}
