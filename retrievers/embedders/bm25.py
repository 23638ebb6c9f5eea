"""Lexical vectors: BM25 term weights from Qdrant's own encoder, so that a server reads them as its own.

IDF is applied by the store. k1, b: Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from retrievers.elements import Element
from retrievers.embedders.base import EmbedderInfo
from retrievers.stores.base import SparseVector, VectorSpec

if TYPE_CHECKING:
    from qdrant_edge import Bm25

AVERAGE_LENGTH = 120.0  # tokens; measured over the elements and pages of reports, papers and slides
TEXTS_KEPT = 2_000  # pages; about 10 kB each
PIECES_KEPT = 200_000  # of text, whose stems are remembered
WORD = re.compile(r"\w[\w'-]*")


class BM25:
    """English stemming and stop words; other languages still match by their whole words."""

    info: ClassVar[EmbedderInfo] = EmbedderInfo(
        name="bm25",
        vector="lexical",
        spec=VectorSpec("sparse"),
        modality="text",
        licence="Apache-2.0",
        size_mb=0,
        source="Qdrant BM25",
    )

    @cached_property
    def _model(self) -> "Bm25":
        from qdrant_edge import Bm25, Bm25Config

        return Bm25(Bm25Config(avg_len=AVERAGE_LENGTH, language="english", ascii_folding=True))

    def embed_documents(self, elements: Sequence[Element]) -> list[SparseVector]:
        return [self._sparse(self._model.embed_document(element.indexed_text)) for element in elements]

    def embed_query(self, text: str) -> SparseVector:
        return self._sparse(self._model.embed_query(text))

    @cached_property
    def stems(self) -> "Callable[[str], tuple[int, ...]]":
        """Ids of a text's word stems in reading order, stop words left out. Remembered: questions about one document
        look at the same pages."""
        of_piece = _Stems(self._model).__getitem__
        return lru_cache(TEXTS_KEPT)(lambda text: tuple(chain.from_iterable(map(of_piece, text.split()))))

    def shared_terms(self, query: str, text: str) -> tuple[str, ...]:
        """The query's words, as written, that `text` also holds after stemming; stop words never count."""
        held = set(self._model.embed_query(text).indices)
        words = dict.fromkeys(WORD.findall(query))
        return tuple(word for word in words if held.intersection(self._model.embed_query(word).indices))

    @staticmethod
    def _sparse(vector: object) -> SparseVector:
        return SparseVector(list(vector.indices), list(vector.values))  # type: ignore[attr-defined]


class _Stems(dict[str, tuple[int, ...]]):
    """Stems of what stands between spaces: finding its words costs more than remembering it."""

    def __init__(self, model: "Bm25") -> None:
        self._model = model

    def __missing__(self, piece: str) -> tuple[int, ...]:
        if len(self) == PIECES_KEPT:
            self.clear()
        self[piece] = tuple(stem for word in WORD.findall(piece) for stem in self._model.embed_query(word).indices)
        return self[piece]
