"""Weighted reciprocal-rank fusion, the one way in which ranked lists become one: over elements in a store, over pages
in the retriever, over what words and what pixels found.

A list counts `weight / (RRF_K + rank)` for what it holds, rank from 1: Cormack, Clarke and Buettcher, "Reciprocal Rank
Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009, each list with a weight of its own.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from retrievers.stores.base import Place, Prefetch, SparseVector, Vector

RRF_K = 60
"""The constant of Cormack, Clarke and Buettcher."""

Thing = TypeVar("Thing", bound=Hashable)


class Fused(NamedTuple):
    """A point, what its ranks come to, and its places by vector name; where two lists share a name, the better one."""

    id: UUID
    score: float
    places: dict[str, Place]


def share(rank: int, weight: float = 1.0) -> float:
    """What a place in one list counts."""
    return weight / (RRF_K + rank)


def fused(lists: Iterable[tuple[float, Iterable[Thing]]]) -> dict[Thing, float]:
    """The score of everything in the lists, each given with its weight, best first."""
    scores: dict[Thing, float] = defaultdict(float)
    for weight, ranked in lists:
        for rank, thing in enumerate(ranked, start=1):
            scores[thing] += share(rank, weight)
    return scores


def searchable(prefetches: Sequence[Prefetch]) -> list[Prefetch]:
    """Without those that can find nothing: no weight, or an empty vector (a query of stop words alone)."""
    return [prefetch for prefetch in prefetches if prefetch.weight > 0 and not is_empty(prefetch.vector)]


def is_empty(vector: Vector) -> bool:
    """True for a vector that holds nothing: no terms, no tokens."""
    return len(vector.indices if isinstance(vector, SparseVector) else vector) == 0


def best(prefetches: Sequence[Prefetch], lists: Sequence[Sequence[tuple[UUID, float]]], limit: int) -> list[Fused]:
    """The first `limit` points of what the prefetches found: `lists` are theirs, ids with similarities, best first."""
    weighted = zip(prefetches, lists, strict=True)
    scores = fused((prefetch.weight, [id_ for id_, _ in scored]) for prefetch, scored in weighted)
    placed = _places(prefetches, lists)
    return [Fused(id_, scores[id_], placed[id_]) for id_ in sorted(scores, key=lambda id_: -scores[id_])[:limit]]


def _places(
    prefetches: Sequence[Prefetch], lists: Sequence[Iterable[tuple[UUID, float]]]
) -> dict[UUID, dict[str, Place]]:
    found: dict[UUID, dict[str, Place]] = {}
    for prefetch, scored in zip(prefetches, lists, strict=True):
        for rank, (id_, score) in enumerate(scored, start=1):
            of_id = found.setdefault(id_, {})
            if prefetch.name not in of_id or rank < of_id[prefetch.name].rank:
                of_id[prefetch.name] = Place(rank, score)
    return found
