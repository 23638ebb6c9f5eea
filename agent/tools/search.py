"""`search`: the page regions that may answer a question."""

from itertools import chain, zip_longest

from langchain_core.tools import BaseTool, ToolException, tool

from agent.evidence import fence
from agent.tools.base import Scope
from retrievers.elements import Hit, Kind


def build(scope: Scope) -> BaseTool:
    @tool("search", response_format="content_and_artifact")
    def search(
        query: str, documents: list[str] | None = None, kinds: list[Kind] | None = None
    ) -> tuple[str, tuple[Hit, ...]]:
        """Search the user's documents; returns numbered sources with document, page and text.

        query: what to look for, in words that stand alone.
        documents: names of documents to look in; leave out to look in all of them.
        kinds: only regions of these kinds: "text", "table" or "figure"; leave out for all.
        """
        names = _allowed(scope, documents or [])
        pictures = scope.images or (None,)
        lists = [
            scope.corpus.search(query, top=scope.top_k, documents=names, kinds=kinds or (), image=picture)
            for picture in pictures
        ]
        hits = _interleaved(lists)[: scope.top_k]
        return fence(hits), hits

    return search


def _allowed(scope: Scope, documents: list[str]) -> list[str]:
    """Raises `ToolException` when none of `documents` may be read in this request."""
    if not scope.documents or not documents:
        return documents or list(scope.documents)
    names = [name for name in documents if name in scope.documents]
    if not names:
        raise ToolException(f"Only these documents may be searched now: {', '.join(scope.documents)}.")
    return names


def _interleaved(lists: list[list[Hit]]) -> tuple[Hit, ...]:
    """Best of each list first, each region once."""
    hits = chain.from_iterable(zip_longest(*lists))
    return tuple({hit.element.id: hit for hit in hits if hit is not None}.values())
