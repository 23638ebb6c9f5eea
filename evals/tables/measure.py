"""How often the ranker's answer is the gold one, and the fit that makes its probability one."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.answering.tables.answering import table_candidates
from agent.answering.tables.parsing.questions import read
from agent.answering.tables.programs.result import texts_of
from agent.answering.tables.ranking.ranker import Ranker, choose, evidence_of
from common.errors import UserError
from evals.tables.examples import foreign, without_column
from evals.tables.made import made_questions
from evals.tables.questions import TableQuestion, is_gold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SMOOTH = 0.1  # inverse strength of the logistic fit's penalty
LACKING = 60  # made tables without the column that is asked for
UNANSWERED = 0.5  # questions that nothing answers, for each question of either sort that something answers


@dataclass(frozen=True)
class Outcome:
    """What the ranker answers to a question; `kind` is "foreign" or "cut" where the table does not answer it."""

    kind: str
    right: bool
    evidence: tuple[float, ...]
    operation: str
    said: str
    asked: TableQuestion


def outcomes(ranker: Ranker, asked: Iterable[TableQuestion], kind: str = "") -> Iterator[Outcome]:
    """One for each question whose table can be read at all."""
    for one in asked:
        question = read(one.question)
        found = table_candidates(question, one.table, 0, one.beside)
        if not found:
            yield Outcome(kind or one.kind, False, (), "", "", one)
            continue
        chosen = choose(found, [ranker.scores(question, view) for view in found])
        own = found[chosen.best[0]]
        result = own.results[chosen.best[1]]
        right = bool(one.gold) and is_gold(result, own.view, one.gold, one.kind == "arithmetic")
        said = str(result.number) if result.number is not None else "; ".join(texts_of(result, own.view))
        operation = own.programs[chosen.best[1]].operation
        yield Outcome(kind or one.kind, right, tuple(evidence_of(question, own, chosen)), operation, said, one)


def unanswered(ranker: Ranker, asked: Sequence[TableQuestion], seed: int) -> list[Outcome]:
    """Questions over tables that do not answer them: another's table, and their own without the column."""
    some = random.Random(seed).sample(list(asked), round(UNANSWERED * len(asked)))
    return [
        *outcomes(ranker, foreign(some, seed), "foreign"),
        *outcomes(ranker, without_column(some, seed), "cut"),
        *outcomes(ranker, made_questions(LACKING, seed + len(asked), lacking=True), "cut"),
    ]


def calibrated(ranker: Ranker, found: Sequence[Outcome]) -> Ranker:
    """The ranker with the logistic fit of right to evidence. Raises `UserError` where all are right or all wrong."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    seen = [one for one in found if one.evidence]
    if len({one.right for one in seen}) < 2:
        raise UserError(
            "The questions left out are all right or all wrong: no probability can be fitted.", "Give more."
        )
    x = np.array([one.evidence for one in seen])
    middle, spread = x.mean(0), x.std(0) + 1e-6
    fit = LogisticRegression(C=SMOOTH, max_iter=2000).fit((x - middle) / spread, [one.right for one in seen])
    weights = fit.coef_[0] / spread
    return replace(ranker, calibration=np.array([*weights, fit.intercept_[0] - weights @ middle], np.float32))


def shares(found: Sequence[Outcome]) -> dict[str, tuple[float, int]]:
    """The share that is right of each kind of question, and their number."""
    every, right = Counter(one.kind for one in found), Counter(one.kind for one in found if one.right)
    return {kind: (right[kind] / count, count) for kind, count in sorted(every.items())}


def curve(ranker: Ranker, found: Sequence[Outcome], least: Sequence[float]) -> list[tuple[float, float, float]]:
    """For each least probability: it, the share of questions answered, the share of those answered that is right."""
    chances = [(ranker.probability(one.evidence) if one.evidence else 0.0, one.right) for one in found]
    rows = []
    for one in least:
        said = [right for chance, right in chances if chance >= one]
        rows.append((one, len(said) / max(len(chances), 1), sum(said) / max(len(said), 1)))
    return rows


def wrong_by(ranker: Ranker, found: Sequence[Outcome], bins: int = 10) -> float:
    """The expected calibration error: how far probabilities are from shares, over `bins` of equal width."""
    chances = [(ranker.probability(one.evidence), one.right) for one in found if one.evidence]
    error = 0.0
    for place in range(bins):
        own = [pair for pair in chances if min(int(pair[0] * bins), bins - 1) == place]
        if own:
            error += abs(sum(chance for chance, _ in own) - sum(right for _, right in own)) / len(chances)
    return error
