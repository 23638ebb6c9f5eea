"""A question in two parts: "Which grade is the cheapest and what does it cost?". Each is read by itself. What "it" is
in the second is what answers the first, or what the first is about: whichever of the two is likelier to have an answer.
"""

import re
from collections.abc import Iterator, Sequence

from agent.answering.candidates.candidate import Candidates
from agent.answering.candidates.finding import candidates
from agent.answering.quoting.certainty import answers, is_likely
from retrievers.elements import Hit
from retrievers.embedders.languages import without_stop_words

_ASKS = "how|what|when|where|which|who|whom|whose|why"
_AND = re.compile(rf",?\s+and\s+(?=(?:{_ASKS})\b)", re.IGNORECASE)
_BEGINS = re.compile(rf"(?:\w+\s+)?(?:{_ASKS})\b", re.IGNORECASE)
_MEANT = re.compile(r"\b(?:it|they|them|he|him|she|her)\b", re.IGNORECASE)
_OWNED = re.compile(r"\b(?:its|their|his|her)\b(?=\s+\w)", re.IGNORECASE)
LEAST = 3  # words of a part


def parts(question: str) -> tuple[str, str] | None:
    """The two questions that a question joins with "and"; None where it is one."""
    found = _AND.split(question.strip())
    if len(found) != 2 or not _BEGINS.match(found[0]) or min(len(one.split()) for one in found) < LEAST:
        return None
    return f"{found[0].rstrip(' ?')}?", found[1]


def answers_of(question: str, hits: Sequence[Hit]) -> tuple[Candidates, Candidates] | None:
    """What may answer the two parts of a question; None where it has none, or not both are likely answered."""
    asked = parts(question)
    if asked is None:
        return None
    first = candidates(asked[0], hits)
    if not (answers(first) and is_likely(first)):
        return None
    read = [candidates(one, hits) for one in _said_out(asked[1], first.best[0].words, asked[0])]
    second = max(read, key=lambda one: one.best[0].chance if one.best else 0.0)
    return (first, second) if answers(second) and is_likely(second) else None


def _said_out(second: str, answer: str, first: str) -> Iterator[str]:
    """`second` with what its pronoun may mean in place of it."""
    if not (_MEANT.search(second) or _OWNED.search(second)):
        yield second
        return
    for meant in (answer, without_stop_words(first.rstrip("?"), "english")):
        named = _OWNED.sub(lambda _, meant=meant: f"{meant}'s", second)  # type: ignore[misc]
        yield _MEANT.sub(lambda _, meant=meant: meant, named)  # type: ignore[misc]
