"""`extractive`: a chat model that writes nothing of its own. It quotes the passages of the evidence that answer.

Behind LangChain's `BaseChatModel`: it reads the question from the last human message and the evidence from the
artifacts of the tool messages. The last chunk's `response_metadata` says `found`, and the `quotes` by source number.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk

from agent.answering import evidence, table_answers
from agent.answering.passages import Scored, expected_form, score
from agent.models.streamed import StreamedChatModel
from agent.orders import Order
from agent.routers.picture_choice import subject
from retrievers.elements import Element, Hit
from retrievers.embedders.outlines import Outlines

if TYPE_CHECKING:
    from agent.settings import Settings

MOST_QUOTES = 3
NEAR_BEST = 0.92  # a further quote scores at least this share of the best one
NEAREST_PAGES = 3
FIGURE_WORDS = 12
Piece = tuple[str, dict[int, str]]  # text, and the passages it quotes by source number


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
        found, pieces = _answer(messages)
        quotes: dict[int, str] = {}
        for text, quoted in pieces:
            quotes |= quoted
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        metadata = {"found": found, "quotes": quotes}
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata=metadata, chunk_position="last"))


def is_weak(question: str, hits: Sequence[Hit], scored: Sequence[Scored]) -> bool:
    """Whether the evidence probably does not hold the answer; `scored` is best first."""
    if not scored:
        return True
    best = scored[0]
    fit = {True: 0.1, False: -0.15, None: 0.05}[best.expected]
    return best.similarity + 0.5 * best.coverage + fit < 0.74


def _answer(messages: Sequence[BaseMessage]) -> tuple[bool, list[Piece]]:
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
        return True, [(text, {}) for text in told]
    if failed and not hits:
        return False, [(f"Nothing could be looked up. {' '.join(failed)}", {})]
    if not results:
        return True, [("Ask me something about your documents, and I will quote the passages that answer.", {})]
    if len(ordered) == len(results):
        return True, [(text + "\n\n", {}) for text in ordered]
    found, pieces = _from_evidence(
        asked.text, hits, figures=_wants(results, "figure"), show_tables=_wants(results, "table")
    )
    alike = next((place for place, hit in enumerate(hits, start=1) if hit.element.kind == "figure"), None)
    if not found and alike and asked.additional_kwargs.get("pictures"):
        known = Outlines.info.vector in hits[alike - 1].ranks
        lead = "Your picture is" if known else "By the words in your picture, the closest picture here is"
        return True, [_picture(lead, alike, hits[alike - 1].element)]
    return found, pieces


def _wants(results: Sequence[ToolMessage], kind: str) -> bool:
    """Whether a search asked for this kind alone; the graph names such steps after the kind."""
    return any(result.tool_call_id == f"{kind}s" for result in results)


def _from_evidence(question: str, hits: Sequence[Hit], *, figures: bool, show_tables: bool) -> tuple[bool, list[Piece]]:
    from retrievers import embedders

    dense, lexical = embedders.load("minilm"), embedders.load("bm25")
    scored = score(question, hits, dense, lexical)
    preferred = [
        one
        for one in scored
        if (figures and one.passage.form == "figure") or (show_tables and one.passage.form == "row")
    ]
    best = preferred or scored
    if is_weak(question, hits, best):
        if figures and (closest := _sharing_most(subject(question), hits, lexical)):
            return True, [_picture("The closest picture here is", closest, hits[closest - 1].element)]
        return False, list(_nearest(hits))
    extreme = table_answers.extreme(question, best, lexical)
    if extreme:
        return True, [_table([extreme])]
    if best[0].passage.form == "row":
        rows = table_answers.rows_that_answer(question, best, lexical, whole=show_tables)
        return True, [_table(rows)]
    chosen = best[:1] if best[0].passage.form == "figure" else _quotes(best)
    return True, [_quote(question, one, last=one is chosen[-1]) for one in chosen]


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


def _quote(question: str, one: Scored, *, last: bool) -> Piece:
    passage = one.passage
    end = "" if last else "\n\n"
    if passage.form == "figure":
        return f"{_figure(question, passage.element)} [{passage.source}]{end}", {passage.source: passage.text}
    return f"“{evidence.unbracketed(passage.text)}” [{passage.source}]{end}", {passage.source: passage.text}


def _figure(question: str, element: Element) -> str:
    """The caption; and the words in the figure that the question is about, when it asks for a number, date or name."""
    words = element.text.split()
    caption = element.caption or " ".join(words[:FIGURE_WORDS]) or "no caption"
    label = caption if caption.lower().startswith("fig") else f"Figure: {caption}"
    wanted = expected_form(question)
    if wanted and not wanted.search(element.caption) and wanted.search(element.text):
        label += f", which reads: “{_window(question, element)}”"
    return evidence.unbracketed(label)


def _window(question: str, element: Element) -> str:
    """The run of the figure's words that holds most of those which the caption leaves open, from the first on."""
    from retrievers import embedders

    lexical = embedders.load("bm25")
    asked = set(lexical.embed_query(question).indices) - set(lexical.embed_query(element.caption).indices)
    words = element.text.split()
    shared = [bool(asked & set(lexical.embed_query(word).indices)) for word in words]
    starts = range(max(1, len(words) - FIGURE_WORDS + 1))
    best = max(starts, key=lambda start: sum(shared[start : start + FIGURE_WORDS]) + shared[start] / 2)
    return " ".join(words[best : best + FIGURE_WORDS])


def _table(rows: Sequence[Scored]) -> Piece:
    """Caption, header and the chosen rows, as Markdown."""
    element, source = rows[0].passage.element, rows[0].passage.source
    lines = table_answers.excerpt(element.rows, sorted(one.passage.row for one in rows))
    caption = element.caption or (element.section[-1] if element.section else element.title) or "Table"
    quote = "\n".join(one.passage.text for one in rows)
    return evidence.unbracketed(f"{caption} ") + f"[{source}]\n\n" + evidence.unbracketed(lines), {source: quote}


def _sharing_most(about: str, hits: Sequence[Hit], lexical: Any) -> int:
    """The source number of the figure with most of these words, the first of equals; 0 if none has any."""
    shared = {
        number: len(lexical.shared_terms(about, hit.element.indexed_text))
        for number, hit in enumerate(hits, start=1)
        if hit.element.kind == "figure"
    }
    return max((number for number in shared if shared[number]), key=lambda number: shared[number], default=0)


def _picture(lead: str, source: int, figure: Element) -> Piece:
    """For what no passage answers: a question asked with a picture, or for one."""
    name = evidence.unbracketed(figure.caption or figure.context or figure.document)
    place = f"{evidence.unbracketed(figure.document)}, page {figure.page}"
    return f"{lead} “{name}”: {place} [{source}].", {source: name}


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
