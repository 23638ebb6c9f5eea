"""Lexical vectors: BM25 term weights from Qdrant's own encoder, so that a server reads them as its own.

IDF is applied by the store. k1, b: Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009.
Chinese, Japanese and the like are indexed by pairs of letters, as Lucene's CJKAnalyzer does.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from retrievers.elements import Element
from retrievers.embedders.base import EmbedderInfo
from retrievers.embedders.languages import (
    ENGLISH,
    WORD,
    language_of,
    likely_languages,
    spaced,
    without_stop_words,
)
from retrievers.stores.base import SparseVector, VectorSpec

if TYPE_CHECKING:
    from qdrant_edge import Bm25

Stems = Callable[[str], tuple[int, ...]]

AVERAGE_LENGTH = 120.0  # tokens; measured over the elements and pages of reports, papers and slides
TEXTS_KEPT = 2_000  # pages; about 10 kB each
PIECES_KEPT = 200_000  # of text, whose stems are remembered


class BM25:
    """Stemming and stop words of the text's language, beside those of English: names and numbers, which are written
    alike everywhere, are found by a question in another language."""

    info: ClassVar[EmbedderInfo] = EmbedderInfo(
        name="bm25",
        vector="lexical",
        spec=VectorSpec("sparse"),
        modality="text",
        licence="Apache-2.0",
        size_mb=0,
        source="Qdrant BM25",
    )

    def embed_documents(self, elements: Sequence[Element]) -> list[SparseVector]:
        """The language is told from all that `elements` hold of a page."""
        pages: dict[tuple[str, int], list[str]] = {}
        for element in elements:
            pages.setdefault((element.document, element.page), []).append(element.text)
        languages = {page: language_of("\n".join(texts)) for page, texts in pages.items()}
        return [_weighed(element.indexed_text, languages[element.document, element.page]) for element in elements]

    def embed_query(self, text: str) -> SparseVector:
        terms = sorted(_terms(text, likely_languages(text)))
        return SparseVector(terms, [1.0] * len(terms))

    @property
    def stems(self) -> Stems:
        """Ids of a text's word stems in reading order, as of English, stop words left out."""
        return _stems(ENGLISH)

    def stems_for(self, question: str, texts: Sequence[str]) -> Stems:
        """`stems` in the likeliest language of the question that some of the `texts` are in too."""
        there = set(map(language_of, texts))
        return _stems(next((one for one in likely_languages(question) if one in there), ENGLISH))

    def asked_stems(self, question: str) -> tuple[frozenset[int], Stems]:
        """The stems of a question, stop words left out, and what gives those of any text, in reading order, in each of
        the languages that the question may be in."""
        languages = tuple(dict.fromkeys((*likely_languages(question), ENGLISH)))

        def of(text: str) -> tuple[int, ...]:
            return tuple(chain.from_iterable(_stems(one)(text) for one in languages))

        return frozenset(_terms(question, languages)), of

    def page_stems(self, text: str) -> tuple[int, ...]:
        """In the language of the page, then as of English: for questions in either."""
        own = language_of(text)
        return tuple(chain.from_iterable(_stems(one)(text) for one in dict.fromkeys((own, ENGLISH))))

    def shared_terms(self, query: str, text: str) -> tuple[str, ...]:
        """The query's words, as written, that `text` also holds after stemming; stop words never count."""
        languages = likely_languages(query)
        held = _terms(text, languages)
        words = dict.fromkeys(WORD.findall(spaced(query)))
        return tuple(word for word in words if held.intersection(_terms(word, languages)))


@cache
def _stems(language: str) -> Stems:
    """Remembered: questions about one document look at the same pages."""
    of_piece = _StemsOfPieces(_encoder(language)).__getitem__
    return lru_cache(TEXTS_KEPT)(lambda text: tuple(chain.from_iterable(map(of_piece, spaced(text).split()))))


@cache
def _encoder(language: str) -> "Bm25":
    from qdrant_edge import Bm25, Bm25Config

    # Letters are folded in English alone: other languages' stop words and endings are spelt with their accents.
    return Bm25(Bm25Config(avg_len=AVERAGE_LENGTH, language=language, ascii_folding=language == ENGLISH))


def _weighed(text: str, language: str) -> SparseVector:
    """The weights of a document's terms, of its own language and of English."""
    readable = spaced(text)
    weights: dict[int, float] = {}
    for one in dict.fromkeys((language, ENGLISH)):
        vector = _encoder(one).embed_document(readable)
        weights = dict(zip(vector.indices, vector.values, strict=True)) | weights
    return SparseVector(list(weights), list(weights.values()))


def _terms(text: str, languages: Iterable[str]) -> set[int]:
    """Those of a query that may be in any of `languages`, without the stop words of the likeliest."""
    readable = spaced(text)
    first, *_ = languages
    plain = readable if first == ENGLISH else without_stop_words(readable, first)
    return set(chain.from_iterable(_encoder(one).embed_query(plain).indices for one in {*languages, ENGLISH}))


class _StemsOfPieces(dict[str, tuple[int, ...]]):
    """Stems of what stands between spaces: finding its words costs more than remembering it."""

    def __init__(self, model: "Bm25") -> None:
        self._model = model

    def __missing__(self, piece: str) -> tuple[int, ...]:
        if len(self) == PIECES_KEPT:
            self.clear()
        self[piece] = tuple(stem for word in WORD.findall(piece) for stem in self._model.embed_query(word).indices)
        return self[piece]
