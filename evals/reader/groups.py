"""What the reader learns from and is measured on: a question with passages, of which some hold the answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from common.sentences import sentences
from retrievers import embedders


@dataclass(frozen=True)
class Labelled:
    """`answer` is the first character of the answer in `text` and the one after its last; None: it is not here."""

    text: str
    setting: str = ""
    answer: tuple[int, int] | None = None


@dataclass(frozen=True)
class Group:
    """`source` names the collection, `name` the article, paper or table, whose questions stay together in a fold."""

    source: str
    name: str
    question: str
    passages: tuple[Labelled, ...]

    @property
    def answered(self) -> bool:
        return any(one.answer for one in self.passages)


def cut(text: str, heading: str = "") -> list[tuple[int, Labelled]]:
    """The sentences of `text` and where each begins; the setting of each is the heading and the sentence before."""
    found: list[tuple[int, Labelled]] = []
    cursor, before = 0, ""
    for sentence in sentences(text):
        match = re.compile(r"\s+".join(map(re.escape, sentence.split()))).search(text, cursor)
        if match:
            setting = ". ".join(part for part in (heading, before) if part)
            found.append((match.start(), Labelled(text[match.start() : match.end()], setting)))
            cursor, before = match.end(), match.group()
    return found


def marked(found: Sequence[tuple[int, Labelled]], start: int, answer: str) -> tuple[Labelled, ...]:
    """`found` with the answer marked that begins at `start`, in the sentence that holds most of it. Other sentences
    that hold the same words are left out: they may answer as well."""
    end = start + len(answer)

    def shared(place: int, one: Labelled) -> int:
        return min(end, place + len(one.text)) - max(start, place)

    best = max(found, key=lambda pair: shared(*pair), default=None)
    if best is None or shared(*best) <= 0:
        return ()
    bare = answer.strip()
    kept = []
    for place, one in found:
        if (place, one) == best:
            first, last = max(start - place, 0), min(end - place, len(one.text))
            inside = one.text[first:last]
            first += len(inside) - len(inside.lstrip())
            kept.append(Labelled(one.text, one.setting, (first, first + len(inside.strip()))))
        elif bare.casefold() not in one.text.casefold():
            kept.append(one)
    return tuple(kept)


def nearest(question: str, passages: Sequence[Labelled], most: int) -> tuple[Labelled, ...]:
    """Those that share most words with the question, a word weighing its rarity among them, in their old order."""
    import math
    from collections import Counter

    stems = embedders.load("bm25").stems
    held = [Counter(stems(one.text)) for one in passages]
    counts = Counter(stem for one in held for stem in one)
    average = sum(one.total() for one in held) / max(1, len(held)) or 1.0
    asked = set(stems(question))

    def score(one: Counter[int]) -> float:
        length = 1.2 * (0.25 + 0.75 * one.total() / average)
        return sum(
            math.log(1 + (len(held) - counts[stem] + 0.5) / (counts[stem] + 0.5))
            * one[stem] * 2.2 / (one[stem] + length)
            for stem in asked
            if one[stem]
        )  # fmt: skip

    best = sorted(range(len(passages)), key=lambda place: -score(held[place]))[:most]
    return tuple(passages[place] for place in sorted(best))
