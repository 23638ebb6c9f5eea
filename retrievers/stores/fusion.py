"""Reciprocal-rank fusion as every store does it: the engine's formula, its constant, and the ranks behind a result."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from retrievers.stores.base import Place, Prefetch, SparseVector, Vector

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


def fused(prefetches: Sequence[Prefetch], lists: Sequence[Iterable[tuple[UUID, float]]]) -> dict[UUID, float]:
    """Score of each id in the lists, as the engine scores it."""
    scores: dict[UUID, float] = defaultdict(float)
    for prefetch, scored in zip(prefetches, lists, strict=True):
        for rank, (id_, _) in enumerate(scored, start=1):
            scores[id_] += 1 / (rank / prefetch.weight + RRF_K)
    return scores


def places(
    prefetches: Sequence[Prefetch], lists: Sequence[Iterable[tuple[UUID, float]]]
) -> dict[UUID, dict[str, Place]]:
    """Place of each id in the lists, by vector name; where two prefetches share a name, the better one."""
    found: dict[UUID, dict[str, Place]] = {}
    for prefetch, scored in zip(prefetches, lists, strict=True):
        for rank, (id_, score) in enumerate(scored, start=1):
            of_id = found.setdefault(id_, {})
            if prefetch.name not in of_id or rank < of_id[prefetch.name].rank:
                of_id[prefetch.name] = Place(rank, score)
    return found
