"""How well a reader reads: the right sentence first, the right words, and "not here" told apart."""

import re
import string
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.answering.reader import Reader, Span
from evals.metrics import auroc
from evals.reader.groups import Group


@dataclass(frozen=True)
class Scores:
    """Shares 0..1 of `questions`: the best passage holds the answer; its words are the answer's; F1 of those words.

    `here` is the area under the ROC curve of the best score, with and without the passages that hold the answer.
    """

    questions: int
    holds: float
    exact: float
    f1: float
    here: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"n {self.questions}, holds {self.holds:.3f}, exact {self.exact:.3f}, F1 {self.f1:.3f}, "
            f"AUROC {self.here:.3f}, {self.seconds:.2f} CPU s a question"
        )


@dataclass(frozen=True)
class Best:
    """Of one group: the best span of all passages, and the score of the best span where the answer is not."""

    group: Group
    span: Span
    nowhere: float | None

    @property
    def holds(self) -> bool:
        return self.group.passages[self.span.passage].answer is not None


def read(reader: Reader, groups: Sequence[Group]) -> list[Best]:
    found = []
    for group in groups:
        texts, settings = [one.text for one in group.passages], [one.setting for one in group.passages]
        spans = reader.read(group.question, texts, settings)
        nowhere = next((span.score for span in spans if not group.passages[span.passage].answer), None)
        found.append(Best(group, spans[0], nowhere))
    return found


def measure(reader: Reader, groups: Sequence[Group]) -> Scores:
    started = time.process_time()
    found = read(reader, groups)
    seconds = (time.process_time() - started) / max(1, len(groups))
    asked = [one for one in found if one.group.answered]
    exact, f1 = [], []
    for one in asked:
        wanted = next(each.text[slice(*each.answer)] for each in one.group.passages if each.answer)
        words = one.group.passages[one.span.passage].text[one.span.start : one.span.end]
        exact.append(normal(words) == normal(wanted))
        f1.append(overlap(words, wanted))
    here = [one.span.score for one in asked]
    nowhere = [one.nowhere for one in found if one.nowhere is not None]
    area = auroc(here, nowhere) if here and nowhere else float("nan")
    return Scores(len(asked), _mean([one.holds for one in asked]), _mean(exact), _mean(f1), area, seconds)


def calibration(reader: Reader, groups: Sequence[Group]) -> tuple[float, float]:
    """Slope and intercept that make the best score the log-odds that its passage holds the answer (Platt, 1999): over
    the groups as they are, and over each without its answer."""
    import numpy as np

    found = read(reader, groups)
    scores = [one.span.score for one in found] + [one.nowhere for one in found if one.holds and one.nowhere is not None]
    right = [one.holds for one in found] + [False] * (len(scores) - len(found))
    rows = np.column_stack([scores, np.ones(len(scores))])
    weights = np.array([0.3, 0.0])
    for _ in range(50):  # Newton's method
        chance = 1 / (1 + np.exp(-rows @ weights))
        curve = rows.T @ (rows * (chance * (1 - chance))[:, None]) + 1e-3 * np.eye(2)
        weights -= np.linalg.solve(curve, rows.T @ (chance - right))
    slope, intercept = map(float, weights)
    return slope, intercept


def normal(text: str) -> list[str]:
    """Words as SQuAD's own script compares them: no case, punctuation or articles."""
    bare = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def overlap(one: str, other: str) -> float:
    """F1 of the words of both."""
    mine, theirs = normal(one), normal(other)
    shared = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * shared / (len(mine) + len(theirs)) if shared else float(mine == theirs)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
