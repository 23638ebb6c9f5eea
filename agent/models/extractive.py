"""`extractive`: a chat model that writes nothing of its own. It quotes the passages of the evidence that answer.

Behind LangChain's `BaseChatModel`: it reads the question from the last human message and the evidence from the
artifacts of the tool messages. The last chunk's `response_metadata` says `found`, and the `quotes` by source number.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from agent import evidence
from agent.models import tables
from agent.models.passages import Scored, passages, score
from retrievers.elements import Hit

if TYPE_CHECKING:
    from agent.settings import Settings

MOST_QUOTES = 3
NEAR_BEST = 0.88  # a further quote scores at least this share of the best one
NEAREST_PAGES = 3
MAX_FIGURE_WORDS = 40
Piece = tuple[str, dict[int, str]]  # text, and the passages it quotes by source number


def load(spec: str, settings: "Settings") -> "Extractive":
    return Extractive()


class Extractive(BaseChatModel):
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
        found, pieces = _answer(messages)
        quotes: dict[int, str] = {}
        for text, quoted in pieces:
            quotes |= quoted
            yield ChatGenerationChunk(message=AIMessageChunk(text))
        metadata = {"found": found, "quotes": quotes}
        yield ChatGenerationChunk(message=AIMessageChunk("", response_metadata=metadata, chunk_position="last"))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


def is_weak(question: str, hits: Sequence[Hit], scored: Sequence[Scored]) -> bool:
    """Whether the evidence probably does not hold the answer; `scored` is best first."""
    if not scored:
        return True
    best = scored[0]
    return best.similarity < 0.3 or best.coverage < 0.3 or best.similarity + best.coverage < 0.9


def _answer(messages: Sequence[BaseMessage]) -> tuple[bool, list[Piece]]:
    question = next(message.text for message in reversed(messages) if isinstance(message, HumanMessage))
    results = [message for message in messages if isinstance(message, ToolMessage)]
    hits = evidence.collect(results)
    told = [result.text for result in results if result.status == "success" and result.artifact is None]
    failed = [result.text for result in results if result.status == "error"]
    if told:
        return True, [(text, {}) for text in told]
    if failed and not hits:
        return False, [(f"Nothing could be looked up. {' '.join(failed)}", {})]
    if not results:
        return True, [("Ask me something about your documents, and I will quote the passages that answer.", {})]
    return _from_evidence(question, hits, figures=_wants(results, "figure"), show_tables=_wants(results, "table"))


def _wants(results: Sequence[ToolMessage], kind: str) -> bool:
    """Whether a search asked for this kind alone; the graph names such steps after the kind."""
    return any(result.tool_call_id == f"{kind}s" for result in results)


def _from_evidence(question: str, hits: Sequence[Hit], *, figures: bool, show_tables: bool) -> tuple[bool, list[Piece]]:
    from retrievers import embedders

    dense, lexical = embedders.load("minilm"), embedders.load("bm25")
    scored = score(question, passages(hits), hits, dense, lexical)
    preferred = [
        one
        for one in scored
        if (figures and one.passage.form == "figure") or (show_tables and one.passage.form == "row")
    ]
    best = preferred or scored
    if is_weak(question, hits, best):
        return False, list(_nearest(hits))
    if best[0].passage.form == "row":
        rows = tables.rows_that_answer(question, best, lexical, whole=show_tables)
        return True, [_table(rows)]
    chosen = best[:1] if best[0].passage.form == "figure" else _quotes(best)
    return True, [_quote(one, last=one is chosen[-1]) for one in chosen]


def _quotes(scored: Sequence[Scored]) -> list[Scored]:
    """The best passage, and those nearly as good that add something."""
    chosen = [scored[0]]
    for one in scored[1:]:
        if one.score < NEAR_BEST * scored[0].score or len(chosen) == MOST_QUOTES:
            break
        if one.passage.form == "sentence" and not any(_repeats(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _repeats(one: Scored, other: Scored) -> bool:
    mine, theirs = set(one.passage.text.lower().split()), set(other.passage.text.lower().split())
    return len(mine & theirs) > 0.6 * min(len(mine), len(theirs))


def _quote(one: Scored, *, last: bool) -> Piece:
    passage = one.passage
    end = "" if last else "\n\n"
    if passage.form == "figure":
        words = passage.element.caption or " ".join(passage.element.text.split()[:MAX_FIGURE_WORDS]) or "no caption"
        return f"Figure: {evidence.unbracketed(words)} [{passage.source}]{end}", {passage.source: words}
    return f"“{evidence.unbracketed(passage.text)}” [{passage.source}]{end}", {passage.source: passage.text}


def _table(rows: Sequence[Scored]) -> Piece:
    """Caption, header and the chosen rows, as Markdown."""
    element, source = rows[0].passage.element, rows[0].passage.source
    lines = tables.markdown(element.rows, sorted(one.passage.row for one in rows))
    caption = element.caption or (element.section[-1] if element.section else element.title) or "Table"
    quote = "\n".join(one.passage.text for one in rows)
    return evidence.unbracketed(f"{caption} ") + f"[{source}]\n\n" + evidence.unbracketed(lines), {source: quote}


def _nearest(hits: Sequence[Hit]) -> Iterator[Piece]:
    yield "I could not find this in the documents.", {}
    places = [
        f"{evidence.unbracketed(hit.element.document)}, page {hit.element.page} [{number}]"
        for number, hit in enumerate(hits[:NEAREST_PAGES], start=1)
    ]
    if places:
        yield f" The nearest pages are: {'; '.join(places)}.", {}
