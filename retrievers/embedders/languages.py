"""Which language a text is in, told by the stop words of the encoder's own lists, and words of scripts without spaces.

Knows the languages that the encoder has stop words and a stemmer for. Any other counts as the nearest of them or as
English: its words are still found as they are written.
"""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdrant_edge import Bm25

ENGLISH = "english"
LANGUAGES = (
    ENGLISH, "arabic", "danish", "dutch", "finnish", "french", "german", "greek", "hungarian", "italian", "norwegian",
    "portuguese", "romanian", "russian", "spanish", "swedish", "turkish",
)  # fmt: skip
READ = 4_000  # letters of a text that are looked at
LIKELY = 0.5  # of the best language's votes: short questions are often of a few words that several languages have
WORD = re.compile(r"\w[\w'-]*")
# Chinese, Japanese, Korean, Thai, Lao, Burmese, Khmer: without spaces, or (Hangul) with endings joined to words.
JOINED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f"
    r"\U00020000-\U0003ffff]+"
)


def language_of(text: str) -> str:
    """One of `LANGUAGES`."""
    return likely_languages(text)[0]


@lru_cache(2_000)
def likely_languages(text: str) -> tuple[str, ...]:
    """Those of `LANGUAGES` that it may be in, likeliest first; English alone where no other is likelier.

    A stop word speaks for each language that has it, the more the fewer they are.
    """
    votes = {ENGLISH: 0.0}
    for found in WORD.finditer(text, 0, READ):
        spoken = _spoken(found[0].lower())
        for language in spoken:
            votes[language] = votes.get(language, 0.0) + 1 / len(spoken)
    (best, most), *others = sorted(votes.items(), key=lambda vote: -vote[1])
    if best == ENGLISH:
        return (ENGLISH,)
    return best, *(language for language, count in others if count >= LIKELY * most)


def spaced(text: str) -> str:
    """`text` with every run of letters of a script without spaces as its pairs: what can be found within it."""
    return JOINED.sub(lambda run: f" {_pairs(run[0])} ", text)


def without_stop_words(text: str, language: str) -> str:
    return " ".join(word for word in WORD.findall(text) if language not in _spoken(word.lower()))


@lru_cache(100_000)
def _spoken(word: str) -> tuple[str, ...]:
    """The languages of which it is a stop word."""
    found = tuple(language for language in LANGUAGES if not _lists(language).embed_query(word).indices)
    return found if len(found) < len(LANGUAGES) else ()


@cache
def _lists(language: str) -> "Bm25":
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(language=language))


def _pairs(run: str) -> str:
    return " ".join(run[place : place + 2] for place in range(max(1, len(run) - 1)))
