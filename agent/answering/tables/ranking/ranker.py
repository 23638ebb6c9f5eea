"""Which of the possible programs the question means: small networks over overlap features and the question's own
phrases, trained on the programs that give known answers (`evals.tables.train`).

Score of a program = what the question's words and pairs of words say for its operation and for the kinds of its fields,
plus a network of two hidden layers over its features. Probability of an answer = the share of all programs' mass that
gives it, corrected by a logistic fit on tables left out, on foreign tables and on ones whose column was taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from agent.answering.shipped_weights import ANSWERING, verify
from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.programs.program import ON_PAIRS, ON_STEPS, OPERATIONS, Program
from agent.answering.tables.programs.result import texts_of
from agent.answering.tables.ranking.features import (
    COVERED,
    OF_PROGRAM,
    OF_SELECTION,
    Candidates,
    Features,
    said_by_title,
)
from agent.answering.tables.ranking.field_features import KINDS, OF_FIELD
from agent.answering.tables.ranking.phrases import phrases

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = ANSWERING / "tables.npz"
LAYERS = 3
FIRST = OF_SELECTION + 6  # where the features of a program say that its field is the first one
KIND = OF_SELECTION + OF_FIELD - len(KINDS)
INPUTS = OF_SELECTION + 2 * OF_FIELD + OF_PROGRAM
LEXICAL = len(OPERATIONS) + 2 * len(KINDS) + 2  # what a phrase bears on by itself
_STACKED = ("lexical", "operations", *(f"{part}{place}" for place in range(LAYERS) for part in ("weight", "bias")))


def inputs(of: Features) -> "Floats":
    """What the network reads of each program [N, INPUTS]."""
    import numpy as np

    _, selection, field, by = of.places.astype(np.int64).T
    return np.concatenate(
        [of.of_selections[selection], of.of_fields[field], of.of_fields[by], of.of_programs], axis=1, dtype=np.float32
    )


@dataclass(frozen=True)
class Network:
    """One training: `lexical` [V, LEXICAL + R], `operations` [O, E]; `layers` are weights and biases."""

    lexical: "Floats"
    operations: "Floats"
    layers: "tuple[tuple[Floats, Floats], ...]"

    def scores(self, said: "NDArray[np.intp]", x: "Floats", operation: "NDArray[np.int64]") -> "Floats":
        """One score a program [N]; `said` are the places of the question's phrases, `x` the `inputs` [N, INPUTS]."""
        import numpy as np

        own = self.lexical[said].sum(axis=0)
        kinds, at = len(KINDS), len(OPERATIONS)
        score = own[operation] + x[:, KIND : KIND + kinds] @ own[at : at + kinds]
        score += x[:, KIND + OF_FIELD : KIND + OF_FIELD + kinds] @ own[at + kinds : at + 2 * kinds]
        score += own[at + 2 * kinds] * x[:, FIRST] + own[at + 2 * kinds + 1] * x[:, FIRST + OF_FIELD]
        gist = np.broadcast_to(np.tanh(own[LEXICAL:]), (len(x), len(own) - LEXICAL))
        hidden = np.concatenate([x, self.operations[operation], gist], axis=1)
        for place, (weight, bias) in enumerate(self.layers):
            hidden = hidden @ weight.T + bias
            if place + 1 < len(self.layers):
                hidden = np.maximum(hidden, 0.0)
        return np.asarray(score + hidden[:, 0], np.float32)


@dataclass(frozen=True)
class Ranker:
    """The mean of `networks`, trained alike from other beginnings: they err in different questions. `phrases` [V] are
    sorted ids."""

    phrases: "NDArray[np.uint32]"
    networks: tuple[Network, ...]
    calibration: "Floats"

    def scores(self, question: Question, found: Candidates) -> "Floats":
        """One score a program [N]."""
        import numpy as np

        x, operation = inputs(found.features), found.features.places[:, 0].astype(np.int64)
        ids = np.array(phrases(question, found.view.title), np.uint32)
        places = np.minimum(np.searchsorted(self.phrases, ids), len(self.phrases) - 1)
        said = places[self.phrases[places] == ids]
        return np.asarray(np.mean([one.scores(said, x, operation) for one in self.networks], axis=0), np.float32)

    def probability(self, evidence: Sequence[float]) -> float:
        """How likely the best answer is right, from `evidence_of` it, 0..1."""
        import numpy as np

        logit = float(np.dot(self.calibration[:-1], np.array(evidence, np.float32)) + self.calibration[-1])
        return 1.0 / (1.0 + float(np.exp(-logit)))


@cache
def load() -> Ranker:
    """The shipped weights. Raises `UserError` unless they are the ones their record names."""
    verify(WEIGHTS)
    return load_from(WEIGHTS)


def load_from(file: Path) -> Ranker:
    """Weights as `save` writes them."""
    import numpy as np

    with np.load(file) as held:
        stacks = {name: held[name].astype(np.float32) for name in _STACKED}  # each [networks, ...]
        networks = tuple(
            Network(
                stacks["lexical"][one],
                stacks["operations"][one],
                tuple((stacks[f"weight{place}"][one], stacks[f"bias{place}"][one]) for place in range(LAYERS)),
            )
            for one in range(len(stacks["lexical"]))
        )
        return Ranker(held["phrases"], networks, held["calibration"].astype(np.float32))


def save(ranker: Ranker, file: Path) -> None:
    """Half precision but for the calibration, the same bytes for the same numbers."""
    import numpy as np

    held = {
        "lexical": [one.lexical for one in ranker.networks],
        "operations": [one.operations for one in ranker.networks],
    }
    for place in range(LAYERS):
        held[f"weight{place}"] = [one.layers[place][0] for one in ranker.networks]
        held[f"bias{place}"] = [one.layers[place][1] for one in ranker.networks]
    half = {name: np.stack(held[name]).astype(np.float16) for name in _STACKED}
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, phrases=ranker.phrases, calibration=ranker.calibration, **half)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Answer:
    """The answer of one table: the view and place of the best program that gives it, and its share of the mass, 0..1;
    `other` is the best program of the next answer, None if there is none. `high` is the best program's score and
    `whole` the logarithm of all programs' mass beside it."""

    best: tuple[int, int]
    share: float
    other: tuple[int, int] | None
    other_share: float
    high: float
    whole: float


def choose(found: Sequence[Candidates], scores: "Sequence[Floats]") -> Answer:
    """The answer with the largest mass of programs over all views of a table."""
    import numpy as np

    high = max(float(one.max()) for one in scores)
    share = [np.exp(one - high) for one in scores]
    total = sum(float(one.sum()) for one in share)
    mass: dict[object, float] = {}
    top: dict[object, tuple[int, int]] = {}
    for view, one in enumerate(found):
        for place in range(len(one.programs)):
            key = _same_answer(one, place)
            mass[key] = mass.get(key, 0.0) + float(share[view][place]) / total
            if key not in top or share[view][place] > share[top[key][0]][top[key][1]]:
                top[key] = view, place
    first, *rest = sorted(mass, key=lambda key: -mass[key])[:2]
    other = rest[0] if rest else None
    return Answer(top[first], mass[first], top.get(other), mass.get(other, 0.0), high, float(np.log(total)))


def _same_answer(found: Candidates, place: int) -> object:
    result = found.results[place]
    return round(result.number, 6) if result.number is not None else texts_of(result, found.view)


def evidence_of(question: Question, found: Candidates, answer: Answer) -> list[float]:
    """What the probability rests on: the mass, how much of the question the program accounts for, its operation."""
    import numpy as np

    place, of = answer.best[1], found.features
    program = found.programs[place]
    chosen = found.selections[program.selection]
    of_program, of_selection = of.of_programs[place], of.of_selections[program.selection]
    of_field, of_by = of.of_fields[program.field], of.of_fields[program.by]
    share = min(max(answer.share, 1e-4), 1 - 1e-4)
    computed = program.operation in (*ON_PAIRS, *ON_STEPS, "sum", "average", "spread", "share of total")
    counted = program.operation in ("count", "distinct", "count difference")
    return [
        float(np.log(share / (1 - share))),
        answer.other_share,
        answer.high / 10,
        answer.whole,
        float(of_program[COVERED]),
        float(of_program[4]),
        float(of_selection[6]),
        float(of_selection[4]) * (chosen.form != "all"),
        float(of_field[12]),
        float(of_by[12]),
        float(of_field[17]),
        float(of_by[17]),
        float(of_field[2] and not counted),
        float(of_by[2]),
        float(chosen.form == "all"),
        float(any(one.form in ("is", "holds") for one in chosen.conditions)),
        float(any(one.form == "like" for one in chosen.conditions)),
        float(computed),
        float(counted),
        float(program.operation in ("most", "least")),
        float(found.view.turned),
        _missing(question, found, program) / 3,
        len(question.words) / 20,
        float(program.operation == "lookup"),
    ]


def _missing(question: Question, found: Candidates, program: Program) -> int:
    """How many names and numbers of the question the program has no use for, and the table's title does not say."""
    known = question.said_by(stem for stems in found.view.field_stems for stem in stems)
    known |= said_by_title(question, found.view)
    asked = question.names
    for amount in question.amounts:
        asked |= 1 << amount.first
    return (asked & question.content & ~found.selections[program.selection].span & ~known).bit_count()
