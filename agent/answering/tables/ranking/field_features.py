"""How well each field of a view fits a question: its name by words, phrases and meaning; what it holds."""

import math
from collections.abc import Sequence

from agent.answering.tables.parsing.conditions import Condition
from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.ranking.meaning import similarities
from agent.answering.tables.views import View
from agent.answering.tables.words import keys_of
from generators.tables.columns import UNIT

KINDS = ("number", "time", "words")
OF_FIELD = 19 + len(KINDS)
NEAR = 0.45  # cosine from which a word counts as saying a name: "wide" and "diameter" have 0.53
ACCOUNTED = 0.5  # share of a cell that a phrase of the question must be, to say nothing of names


def said_by(question: Question, view: View, found: Sequence[Condition]) -> tuple[list[int], list[list[float]]]:
    """For each field the words of the question, as bits, that its name says; and how near in meaning [F, words] it is
    to those words that no cell and no name says.

    A word of degree counts as said by the nearest field that can be ranked, if it is near enough: "coldest" by
    "Temperature (°C)". A noun does not: a captain is near to a crew, and is not one.
    """
    names = [question.said_by(stems) for stems in view.field_stems]
    taken = sum({1 << place for one in names for place in range(len(question.words)) if one >> place & 1})
    for one in found:
        if one.form in ("is", "holds") and one.cover > ACCOUNTED:
            taken |= one.span
    free = [place for place, word in enumerate(question.words) if question.content & ~taken & 1 << place]
    free = [place for place in free if question.words[place].isalpha() and not question.names >> place & 1]
    if not free:
        return names, [[] for _ in names]
    words = [question.words[place] for place in free]
    near = similarities(words, [_bare(name) for name in view.names])  # [F, words]
    for column, place in enumerate(free):
        nearest = int(near[:, column].argmax())
        if near[nearest, column] >= NEAR and view.kind(nearest) != "words" and question.of_degree(place):
            names[nearest] |= 1 << place
    return names, near.tolist()


def _bare(name: str) -> str:
    """A name without its unit, which says little of what it means."""
    return UNIT.sub("", name) or name or "-"


def features_of_fields(
    question: Question,
    view: View,
    names: Sequence[int],
    nearness: Sequence[Sequence[float]],
    found: Sequence[Condition],
) -> list[list[float]]:
    """[F, OF_FIELD]; `names` and `nearness` are those of `said_by`."""
    shares = [_said_share(view, place, said) for place, said in enumerate(names)]
    runs = [_run(question, view.names[place]) if said else 0.0 for place, said in enumerate(names)]
    counts = [min(said.bit_count(), 6) / 4 for said in names]
    near = [max(row, default=0.0) for row in nearness]
    return [
        [
            *_of_field(question, view, place, names[place], found),
            shares[place],
            max(shares) - shares[place],
            runs[place],
            max(runs) - runs[place],
            max(counts) - counts[place],
            near[place],
            max(near) - near[place],
            *(float(view.kind(place) == kind) for kind in KINDS),
        ]
        for place in range(len(view.names))
    ]


def _said_share(view: View, place: int, said: int) -> float:
    return min(said.bit_count() / max(len(set(view.field_stems[place])), 1), 1.0)


def _run(question: Question, name: str) -> float:
    """The longest phrase of the question that stands in a name, as a share of the name."""
    own, asked = keys_of(name), question.keys
    best, previous = 0, [0] * (len(asked) + 1)
    for key in own:
        current = [0] * (len(asked) + 1)
        for place, other in enumerate(asked):
            if key == other:
                current[place + 1] = previous[place] + 1
        best, previous = max(best, *current), current
    return best / max(len(own), 1)


def _of_field(question: Question, view: View, place: int, said: int, found: Sequence[Condition]) -> list[float]:
    stems = view.field_stems[place]
    texts = view.texts[place]
    first = (said & -said).bit_length() - 1 if said else len(question.words)
    return [
        1.0,
        min(said.bit_count(), 4) / 4,
        float(said == 0),
        math.exp(-first / 3),
        _said_share(view, place, said) ** 2,
        float(said > 0 and _said_share(view, place, said) == 1.0),
        float(place == 0),
        float(place < view.heads),
        place / max(len(view.names) - 1, 1),
        float(not stems),
        len(set(filter(None, texts))) / max(len(texts), 1),
        float(any(one.field == place for one in found)),
    ]
