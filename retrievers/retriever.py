"""A question -> the page regions that may answer it.

Dense and lexical lists over regions and over whole pages, fused by rank in one engine query; then one hit per page:
its best region, scored together with the page it stands on.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from retrievers.elements import Element, Hit, Kind
from retrievers.stores.base import Filter, Match, Prefetch, VectorStore

REGIONS: tuple[Kind, ...] = ("text", "table", "figure")
CANDIDATES = 100  # per list


class Retriever:
    """Searches one store. `dense` and `lexical` are embedders."""

    def __init__(self, store: VectorStore, dense: Any, lexical: Any) -> None:
        self._store = store
        self._dense = dense
        self._lexical = lexical

    def search(
        self, query: str, *, top: int = 8, documents: Sequence[str] = (), kinds: Sequence[Kind] = ()
    ) -> list[Hit]:
        """At most one hit per page, best first, `top` at most. `kinds` keeps only regions of those kinds."""
        matches = self._store.search(self._prefetches(query, tuple(documents), tuple(kinds)), 3 * CANDIDATES)
        pages: dict[tuple[str, int], list[Match]] = defaultdict(list)
        for match in matches:
            pages[match.element.document, match.element.page].append(match)
        ranked = sorted((self._page_hit(query, group) for group in pages.values()), key=lambda hit: -hit.score)
        return ranked[:top]

    def _prefetches(self, query: str, documents: tuple[str, ...], kinds: tuple[Kind, ...]) -> list[Prefetch]:
        dense, lexical = self._dense.embed_query(query), self._lexical.embed_query(query)
        regions = Filter(documents=documents, kinds=kinds or REGIONS)
        lists = [
            Prefetch("text", dense, CANDIDATES, 1.0, regions),
            Prefetch("lexical", lexical, CANDIDATES, 1.0, regions),
        ]
        if not kinds:
            pages = Filter(documents=documents, kinds=("page",))
            lists += [
                Prefetch("text", dense, CANDIDATES, 1.0, pages),
                Prefetch("lexical", lexical, CANDIDATES, 1.0, pages),
            ]
        return lists

    def _page_hit(self, query: str, group: Sequence[Match]) -> Hit:
        """The page's best region, or the page itself when only it was found; scores of page and region add up."""
        regions = [match for match in group if match.element.kind != "page"]
        whole = [match for match in group if match.element.kind == "page"]
        best = (regions or whole)[0]
        score = sum(match.score for match in [*regions[:1], *whole])
        ranks = {f"page {name}": rank for match in whole for name, rank in match.ranks.items()} | best.ranks
        return Hit(best.element, score, ranks, self._lexical.shared_terms(query, best.element.indexed_text))

    def neighbours(self, element: Element, span: int = 1) -> list[Element]:
        """The regions of the same document up to `span` places before and after, in reading order."""
        where = Filter(documents=(element.document,), orders=(element.order - span, element.order + span))
        found = [other for other in self._store.scroll(where) if other.id != element.id and other.kind != "page"]
        return sorted(found, key=lambda other: other.order)
