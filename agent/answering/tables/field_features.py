"""How well each field of a view fits a question: its name by words, phrases and meaning; what it holds."""

import math
from collections.abc import Sequence

from agent.answering.tables.conditions import Condition
from agent.answering.tables.meaning import similarities
from agent.answering.tables.questions import Question
from agent.answering.tables.views import View
from agent.answering.tables.words import keys_of

KINDS = ("number", "time", "words")
OF_FIELD = 19 + len(KINDS)


def features_of_fields(
    question: Question, view: View, names: Sequence[int], found: Sequence[Condition]
) -> list[list[float]]:
    """[F, OF_FIELD]; `names` are the words of the question, as bits, that each field's name holds."""
    shares = [_said_share(view, place, said) for place, said in enumerate(names)]
    runs = [_run(question, view.names[place]) if said else 0.0 for place, said in enumerate(names)]
    counts = [min(said.bit_count(), 6) / 4 for said in names]
    near, nearest = _near(question, view, found)
    return [
        [
            *_of_field(question, view, place, names[place], found),
            shares[place],
            max(shares) - shares[place],
            runs[place],
            max(runs) - runs[place],
            max(counts) - counts[place],
            near[place],
            nearest - near[place],
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


def _near(question: Question, view: View, found: Sequence[Condition]) -> tuple[list[float], float]:
    """The nearest meaning of each field's name to a word of the question that no cell accounts for, and the best."""
    taken = 0
    for one in found:
        if one.form in ("is", "holds") and one.cover > 0.5:
            taken |= one.span
    words = [word for place, word in enumerate(question.words) if (question.content & ~taken) >> place & 1]
    words = [word for word in dict.fromkeys(words) if word.isalpha()]
    if not words:
        return [0.0] * len(view.names), 0.0
    near = similarities(words, [name or "-" for name in view.names]).max(axis=1).tolist()
    return near, max(near)


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
