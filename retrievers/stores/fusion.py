"""Reciprocal-rank fusion as every store does it: the engine's formula, its constant, and the ranks behind a result."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from retrievers.stores.base import Prefetch, SparseVector, Vector

RRF_K = 60
"""The constant of Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
Learning Methods", SIGIR 2009."""

ENGINE_K = RRF_K + 1
"""Qdrant counts ranks from 0. With this constant it scores 1 / (rank / weight + RRF_K) per prefetch, rank from 1."""


def searchable(prefetches: Sequence[Prefetch]) -> list[Prefetch]:
    """Without those that can find nothing: no weight, or an empty vector (a query of stop words alone)."""
    return [prefetch for prefetch in prefetches if prefetch.weight > 0 and not is_empty(prefetch.vector)]


def is_empty(vector: Vector) -> bool:
    """True for a vector that holds nothing: no terms, no tokens."""
    return len(vector.indices if isinstance(vector, SparseVector) else vector) == 0


def best_ranks(prefetches: Sequence[Prefetch], lists: Sequence[Iterable[UUID]]) -> dict[UUID, dict[str, int]]:
    """Rank (from 1) of each id by vector name; where two prefetches share a name, the better one."""
    ranks: dict[UUID, dict[str, int]] = {}
    for prefetch, ids in zip(prefetches, lists, strict=True):
        for rank, id_ in enumerate(ids, start=1):
            of_id = ranks.setdefault(id_, {})
            of_id[prefetch.name] = min(rank, of_id.get(prefetch.name, rank))
    return ranks
