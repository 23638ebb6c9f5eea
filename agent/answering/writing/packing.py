"""Sources packed into what a model can read: those likeliest to answer first, long ones cut to what is asked about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent.answering.candidates.candidate import Candidate, Candidates
from agent.answering.evidence import fence, words_of
from agent.models.budget import tokens
from common.sentences import sentences
from retrievers import embedders
from retrievers.elements import Hit

BESIDE = 20  # tokens that say what a source stands beside
LEAST = 60  # tokens of a source that is worth cutting to size
SHARE = 0.5  # of the room, for one source that is not alone
NEEDED = 3  # likeliest passages of a source that are kept when it is cut
ENOUGH = 200  # tokens that one may take all the same


@dataclass(frozen=True)
class Source:
    """A hit with as many of its words as are shown."""

    hit: Hit
    words: str


def packed(question: str, hits: Sequence[Hit], found: Candidates, room: int) -> list[Source]:
    """The hits that fit in `room` tokens, likeliest to answer first. `found` numbers its sources over `hits`."""
    kept: list[Source] = []
    most = room if len(hits) == 1 else max(ENOUGH, int(room * SHARE))
    for number in _best_first(hits, found):
        hit = hits[number - 1]
        tags = tokens(fence([hit], [""])) + BESIDE
        allowed = min(room, most) - tags
        if allowed < LEAST:
            break
        words = shortened(words_of(hit.element), question, allowed, _passages(number, found.best))
        kept.append(Source(hit, words))
        room -= tokens(words) + tags
    return kept


def shortened(words: str, question: str, room: int, needed: Iterable[str] = ()) -> str:
    """`words` if they fit in `room` tokens; else their first line, the `needed` sentences, and those that share most
    with the question, in their order. What is left out between them is an ellipsis."""
    if tokens(words) <= room:
        return words
    lexical = embedders.load("bm25")
    wanted = frozenset(needed)
    pieces = [piece for line in words.splitlines() for piece in sentences(line)]
    weight = [(piece in wanted, len(lexical.shared_terms(question, piece))) for piece in pieces]
    kept = set[int]()
    for place in sorted(range(len(pieces)), key=lambda one: (one > 0, not weight[one][0], -weight[one][1], one)):
        cost = tokens(pieces[place]) + 2
        if cost <= room:
            kept.add(place)
            room -= cost
    return "\n".join(_with_gaps(pieces, kept)) or words[:room]


def _with_gaps(pieces: Sequence[str], kept: set[int]) -> Iterator[str]:
    for place in sorted(kept):
        if place and place - 1 not in kept:
            yield "…"
        yield pieces[place]


def _best_first(hits: Sequence[Hit], found: Candidates) -> list[int]:
    chances = dict.fromkeys(range(1, len(hits) + 1), 0.0)
    for one in found.best:
        for source in one.numbers:
            chances[source] = max(chances[source], one.chance)
    return sorted(chances, key=lambda source: -chances[source])


def _passages(source: int, found: Iterable[Candidate]) -> list[str]:
    quotes = (quoted for one in found for quoted in one.quotes)
    return [one.passage.text for one in quotes if one.passage.source == source][:NEEDED]
