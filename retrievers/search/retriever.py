"""A question -> the page regions that may answer it.

Dense and lexical lists over regions and over whole pages are fetched in one query; fusion by rank over their pages
gives the candidates, `rerank` orders them, and a page is shown by its best region.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from retrievers.elements import Element, Hit, Kind
from retrievers.embedders.base import Rescaled
from retrievers.search.positions import Lengths, Positions, Printed, no_lengths, nothing_printed
from retrievers.search.query_references import references
from retrievers.search.relevance import FITTED, FITTED_BY_WORDS, Estimate, relevance
from retrievers.search.rerank import WEIGHTS, WEIGHTS_BY_WORDS, Candidate, Ranked, rerank
from retrievers.stores.base import Filter, Match, Place, Prefetch, Vector, VectorStore
from retrievers.stores.fusion import fused

PageKey = tuple[str, int]  # document, page

REGIONS: tuple[Kind, ...] = ("text", "table", "figure")
CANDIDATES = 100  # per list; fewer lose pages where documents are alike
RERANKED = 100  # pages
LOOKED_AT = 5  # pages, for their language
NAMED = 40  # per page number or "Figure 3" in the question
# Weights in the fusion, by vector and by what it is searched over; chosen with `triptych eval retrieval`. Whole pages
# lead for words (a question's words lie scattered over a page), and meaning is a lesser guide where names matter.
REGION_WEIGHTS = {"text": 0.5, "lexical": 1.0}
PAGE_WEIGHTS = {"text": 0.5, "lexical": 2.0}


class Retriever:
    """Searches one store. `dense` and `lexical` are embedders, `dense` None where meaning is not to be asked for;
    `lengths` gives the pages of each document, and `printed` the numbers that stand on those of one."""

    def __init__(
        self,
        store: VectorStore,
        dense: Any,
        lexical: Any,
        lengths: Lengths = no_lengths,
        printed: Printed = nothing_printed,
    ) -> None:
        self._positions = Positions(store, lengths, printed)
        self._store = store
        self._dense = dense
        self._rescale = dense.scaled if isinstance(dense, Rescaled) else None
        self._lexical = lexical

    def search(
        self, query: str, *, top: int = 8, documents: Sequence[str] = (), kinds: Sequence[Kind] = ()
    ) -> list[Hit]:
        """At most one hit per page, best first, `top` at most. `kinds` keeps only regions of those kinds."""
        found = self.candidates(query, documents=documents, kinds=kinds)
        stems = self._lexical.stems_for(query, [one.text for one in found[:LOOKED_AT]])
        by_words = self._dense is None
        ranked = rerank(query, found, stems, WEIGHTS_BY_WORDS if by_words else WEIGHTS)
        estimate = relevance(query, ranked, top, stems, FITTED_BY_WORDS if by_words else FITTED)
        return [self._hit(query, one, place, estimate) for place, one in enumerate(ranked[:top])]

    def candidates(self, query: str, *, documents: Sequence[str] = (), kinds: Sequence[Kind] = ()) -> list[Candidate]:
        """The pages worth a closer look, best first by fusion, and those that the question names by number or place."""
        prefetches = self._prefetches(query, tuple(documents), tuple(kinds))
        matches = self._store.search(prefetches, CANDIDATES * len(prefetches))
        scores = page_scores(matches)
        groups: dict[PageKey, list[Match]] = defaultdict(list)
        for match in matches:
            groups[page_of(match)].append(match)
        best = sorted(groups, key=lambda page: -scores[page])[:RERANKED]
        named = [] if kinds else self._named(query, tuple(documents))
        placed = self._positions.find(query, _meaning(prefetches), tuple(documents))
        placed = [match for match in placed if not kinds or match.element.kind in kinds]
        for match in named:
            groups[page_of(match)] = groups[page_of(match)] or [match]
        for match in placed:  # what is asked about is shown first
            groups[page_of(match)] = [match, *(one for one in groups[page_of(match)] if one.element != match.element)]
        there = set(map(page_of, placed))
        pages = dict.fromkeys([*best, *map(page_of, named), *there])
        return [Candidate(*page, tuple(map(self._scaled, groups[page])), page in there) for page in pages]

    def _scaled(self, match: Match) -> Match:
        """With the similarity of meaning on the scale that pages are ranked by."""
        if self._rescale is None or "text" not in match.places:
            return match
        place = match.places["text"]
        return replace(match, places={**match.places, "text": Place(place.rank, self._rescale(place.score))})

    def _named(self, query: str, documents: tuple[str, ...]) -> list[Match]:
        """Regions that hold the "Figure 3" that the query names."""
        wanted = []
        for kind, number in references(query):
            label = self._lexical.embed_query(f"{kind} {number}")
            wanted.append(Prefetch("lexical", label, NAMED, 1.0, Filter(documents=documents, kinds=REGIONS)))
        return self._store.search(wanted, NAMED * len(wanted)) if wanted else []

    def _prefetches(self, query: str, documents: tuple[str, ...], kinds: tuple[Kind, ...]) -> list[Prefetch]:
        vectors = {"lexical": self._lexical.embed_query(query)}
        if self._dense is not None:
            vectors["text"] = self._dense.embed_query(query)
        scopes = [(REGION_WEIGHTS, Filter(documents=documents, kinds=kinds or REGIONS))]
        if not kinds:
            scopes.append((PAGE_WEIGHTS, Filter(documents=documents, kinds=("page",))))
        return [
            Prefetch(name, vectors[name], CANDIDATES, weight, where)
            for weights, where in scopes
            for name, weight in weights.items()
            if name in vectors
        ]

    def _hit(self, query: str, ranked: Ranked, place: int, estimate: Estimate) -> Hit:
        """The page's best region, or the page itself when only the whole page was found."""
        group = ranked.candidate.matches
        regions = [match for match in group if match.element.kind != "page"]
        best = (regions or list(group))[0]
        ranks = {f"page {name}": r for match in group if match not in regions for name, r in match.ranks.items()}
        if regions:
            ranks |= best.ranks
        terms = self._lexical.shared_terms(query, best.element.indexed_text)
        return Hit(
            best.element,
            ranked.score,
            ranks,
            terms,
            estimate.pages[place],
            answerable=estimate.answerable,
            missing=estimate.missing[ranked.candidate.document],
            placed=ranked.candidate.placed,
        )

    def neighbours(self, element: Element, span: int = 1) -> list[Element]:
        """The regions of the same document up to `span` places before and after, in reading order."""
        where = Filter(documents=(element.document,), orders=(element.order - span, element.order + span))
        found = [other for other in self._store.scroll(where) if other.id != element.id and other.kind != "page"]
        return sorted(found, key=lambda other: other.order)


def _meaning(prefetches: Sequence[Prefetch]) -> Vector | None:
    """That of the question, where it is asked for."""
    return next((one.vector for one in prefetches if one.name == "text"), None)


def page_of(match: Match) -> PageKey:
    return match.element.document, match.element.page


def page_scores(matches: Sequence[Match]) -> dict[PageKey, float]:
    """Weighted reciprocal-rank fusion over pages: in each list a page has the rank of its best region among pages.

    Without this a long page that fills a list with regions would push other pages down.
    """
    return fused(
        (weight, _pages_of([m for m in matches if (m.element.kind == "page") == whole and name in m.places], name))
        for whole, weights in ((False, REGION_WEIGHTS), (True, PAGE_WEIGHTS))
        for name, weight in weights.items()
    )


def _pages_of(matches: Sequence[Match], name: str) -> dict[PageKey, None]:
    """The pages in the order in which the list `name` first holds one of their regions."""
    return dict.fromkeys(page_of(match) for match in sorted(matches, key=lambda match: match.places[name].rank))
