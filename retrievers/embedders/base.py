"""What an embedder is: it fills one named vector, from documents and from queries, which are different inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from retrievers.elements import Element
from retrievers.stores.base import Vector, VectorSpec


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """What can be known of an embedder without loading its weights. `size_mb` is the download or wheel size."""

    name: str
    vector: str
    spec: VectorSpec
    modality: str
    licence: str
    size_mb: int
    source: str


class Embedder(Protocol):
    info: EmbedderInfo

    def embed_documents(self, elements: Sequence[Element]) -> list[Vector]:
        """One vector per element, in order."""
        ...

    def embed_query(self, text: str) -> Vector: ...


@runtime_checkable
class Rescaled(Embedder, Protocol):
    """An embedder of words whose cosines lie elsewhere than those that ranks and estimates were fitted to."""

    def scaled(self, cosine: float) -> float:
        """As that embedder would have seen it."""
        ...
