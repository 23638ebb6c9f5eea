"""Words and their stems, as they are compared between a question, headers and cells."""

import re
from functools import cache, lru_cache

from generators.tables.cells import MINUSES
from retrievers import embedders

Stems = tuple[int, ...]

WORD = re.compile(r"(?:(?<![^\s(])-)?\d[\d,]*(?:\.\d+)?|[^\W\d_]+(?:'[a-z]+)?|\d+|[%$#]")
KEPT = 200_000
_PLAIN = MINUSES | {ord("’"): "'"}


@lru_cache(KEPT)
def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers in reading order; thousands separators and a possessive are dropped."""
    return tuple(one.replace(",", "").removesuffix("'s") for one in WORD.findall(text.lower().translate(_PLAIN)))


@lru_cache(KEPT)
def stem(word: str) -> int | None:
    """The id of a word's stem; None for a stop word."""
    found = _stems()(word)
    return found[0] if found else None


@lru_cache(KEPT)
def stems_of(text: str) -> Stems:
    """The stems of a text's words in reading order, stop words left out."""
    return tuple(one for one in map(stem, words_of(text)) if one is not None)


@lru_cache(KEPT)
def keys_of(text: str) -> Stems:
    """What a text is matched by: stems, and for stop words an id of their own, so that phrases stay whole."""
    return tuple(map(key, words_of(text)))


def key(word: str) -> int:
    """The id of a word's stem, or of the word itself where it is a stop word."""
    found = stem(word)
    return found if found is not None else -1 - (hash(word) % (1 << 40))


@cache
def _stems():  # type: ignore[no-untyped-def]
    return embedders.load("bm25").stems
