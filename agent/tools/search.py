"""`search`: the page regions that may answer a question."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING
from uuid import UUID

from langchain_core.tools import BaseTool, ToolException, tool

from agent.answering.candidates.finding import candidates
from agent.answering.candidates.found import Found
from agent.tools.base import READS, Scope
from retrievers import embedders
from retrievers.elements import Hit, Kind
from retrievers.ingestion.caption_mentions import relation
from retrievers.search.long_questions import notice

if TYPE_CHECKING:
    from retrievers.library import Corpus

READ_PAGES = 4  # best pages of which an answer reads more than one region
COMPANIONS = 6  # such regions a page
SPAN = 12  # places before and after, in reading order, where they are looked for


def build(scope: Scope) -> BaseTool:
    @tool("search", response_format="content_and_artifact")
    def search(query: str, documents: list[str] | None = None, kinds: list[Kind] | None = None) -> tuple[str, Found]:
        """Search the user's documents; returns sources with document, page and text.

        query: what to look for, in words that stand alone.
        documents: names of documents to look in; leave out to look in all of them.
        kinds: only regions of these kinds: "text", "table" or "figure"; leave out for all.
        """
        names = _allowed(scope, documents or [])
        judge = scope.judge
        pictures = scope.images or (None,)
        top = max(scope.top_k, judge.most if judge else 0)
        lists = [
            scope.corpus.search(query, top=top, documents=names, kinds=kinds or (), image=picture)
            for picture in pictures
        ]
        hits = _interleaved(lists)[:top]
        opened = 0 if kinds else max(READ_PAGES, judge.most if judge else 0)
        pages: list[Sequence[Hit]] = list(with_companions(scope.corpus, query, hits, opened))
        pages, notices, advice = judge.relevant(query, pages) if judge else (pages, [], [])
        kept = [page if place < READ_PAGES else page[:1] for place, page in enumerate(pages[: scope.top_k])]
        found = tuple(chain.from_iterable(kept))
        told = filter(None, (notice(query.strip()), scope.corpus.readiness(names).notice, *notices))
        read = None if kinds else candidates(query, found)
        return f"{len(found)} regions", Found(found, told, query, read, advice)

    search.metadata = READS
    return search


def _allowed(scope: Scope, documents: list[str]) -> list[str]:
    """Raises `ToolException` when none of `documents` may be read in this request."""
    if not scope.documents or not documents:
        return documents or list(scope.documents)
    names = [name for name in documents if name in scope.documents]
    if not names:
        raise ToolException(f"Only these documents may be searched now: {', '.join(scope.documents)}.")
    return names


def with_companions(corpus: "Corpus", query: str, hits: Sequence[Hit], read: int) -> Iterator[list[Hit]]:
    """Each hit; the first `read` also with their page's other regions that share most words with the query, or stand
    nearest.

    A hit is the best region of its page, which is not always the one that holds the answer.
    """
    lexical = embedders.load("bm25")
    for place, hit in enumerate(hits):
        beside: list[Hit] = []
        for element in corpus.neighbours(hit.element, SPAN) if place < read else ():
            if element.page == hit.element.page:
                terms = lexical.shared_terms(query, element.indexed_text)
                related = relation(element, hit.element)
                beside.append(
                    replace(hit, element=element, ranks={}, terms=terms, beside=hit.element.id, relation=related)
                )
        beside.sort(key=lambda one: (-len(one.terms), abs(one.element.order - hit.element.order)))
        yield [hit, *beside[:COMPANIONS]]


def _interleaved(lists: list[list[Hit]]) -> tuple[Hit, ...]:
    """Best of each list first, each region once: as the list that ranks it best has it."""
    once: dict[UUID, Hit] = {}
    for hit in chain.from_iterable(zip_longest(*lists)):
        if hit is not None:
            once.setdefault(hit.element.id, hit)
    return tuple(once.values())
