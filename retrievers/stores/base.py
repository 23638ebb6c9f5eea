"""What a vector store is: points with named vectors, one collection per corpus.

A missing vector is normal (a profile says which are filled). Dense vectors are compared by cosine, `lexical` is
sparse with IDF applied by the store, multi-vectors by MaxSim.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from retrievers.elements import Element, Kind


class SparseVector(NamedTuple):
    """Term ids and their weights, same length."""

    indices: list[int]
    values: list[float]


Dense = list[float]  # [d]
Multi = list[list[float]]  # [n, d]
Vector = Dense | SparseVector | Multi


@dataclass(frozen=True, slots=True)
class VectorSpec:
    """Shape of one named vector: `dense` [dim], `sparse`, or `multi` [n, dim]."""

    form: str
    dim: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """An element and its vectors by name."""

    element: Element
    vectors: Mapping[str, Vector]


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that all hold. `orders` is an inclusive range of reading order; `not_sha256` excludes one version."""

    documents: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    pages: tuple[int, ...] = ()
    orders: tuple[int, int] | None = None
    not_sha256: str = ""


ANYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Prefetch:
    """One ranked list to fuse: the nearest `limit` points by the vector called `name`, weighted in the fusion."""

    name: str
    vector: Vector
    limit: int = 100
    weight: float = 1.0
    filter: Filter = ANYTHING


class Place(NamedTuple):
    """Where a prefetch's own list has a point: rank from 1, and the vectors' similarity (cosine, BM25 or MaxSim)."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """A fused result: the element, its fused score, and its place in each prefetch that found it, by vector name."""

    element: Element
    score: float
    places: dict[str, Place]

    @property
    def ranks(self) -> dict[str, int]:
        return {name: place.rank for name, place in self.places.items()}


class VectorStore(Protocol):
    """One corpus. Writes are durable once `flush` returns."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert, or replace by element id."""
        ...

    def add_vectors(self, vectors: Sequence[tuple[UUID, Mapping[str, Vector]]]) -> None:
        """Set these vectors of elements that are there; they keep their others."""
        ...

    def search(self, prefetches: Sequence[Prefetch], limit: int) -> list[Match]:
        """The best `limit` by weighted reciprocal-rank fusion of `prefetches`, see `fusion`."""
        ...

    def scroll(self, where: Filter = ANYTHING) -> Iterator[Element]:
        """Every element that matches, in no promised order, without holding all of them in memory."""
        ...

    def count(self, where: Filter = ANYTHING) -> int: ...

    def delete(self, where: Filter) -> None:
        """Delete what matches. Raises `ValueError` for the empty filter: dropping a corpus is `destroy`."""
        ...

    def vectors(self, ids: Sequence[UUID], name: str) -> dict[UUID, Vector]:
        """The stored vector called `name` of each element that has one."""
        ...

    def optimize(self) -> None:
        """Build indexes for what was written; called once after a bulk load."""
        ...

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def destroy(self) -> None:
        """Delete the corpus and everything in it."""
        ...

    def elsewhere(self) -> "Callable[[], VectorStore] | None":
        """What opens it in another process, or on another machine, at the same time; None where one at a time may."""
        ...
