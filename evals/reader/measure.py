"""How well a reader reads: the right sentence first, the right words, and "not here" told apart."""

import re
import string
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.answering.reader import Reader
from evals.metrics import auroc
from evals.reader.groups import Group, Labelled


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


def measure(reader: Reader, groups: Sequence[Group]) -> Scores:
    holds, exact, f1 = [], [], []
    here: list[float] = []
    nowhere: list[float] = []
    started = time.process_time()
    for group in groups:
        spans = reader.read(
            group.question, [one.text for one in group.passages], [one.setting for one in group.passages]
        )
        without = [span for span in spans if not group.passages[span.passage].answer]
        if without:
            nowhere.append(without[0].score)
        if not group.answered:
            continue
        here.append(spans[0].score)
        read = group.passages[spans[0].passage]
        wanted = next(one.text[slice(*one.answer)] for one in group.passages if one.answer)
        words = read.text[spans[0].start : spans[0].end]
        holds.append(read.answer is not None)
        exact.append(normal(words) == normal(wanted))
        f1.append(overlap(words, wanted))
    seconds = (time.process_time() - started) / max(1, len(groups))
    area = auroc(here, nowhere) if here and nowhere else float("nan")
    return Scores(len(holds), _mean(holds), _mean(exact), _mean(f1), area, seconds)


def ranked(order: Callable[[str, Sequence[Labelled]], int], groups: Sequence[Group]) -> float:
    """The share of the answered groups whose passage picked by `order` holds the answer."""
    asked = [group for group in groups if group.answered]
    return _mean([group.passages[order(group.question, group.passages)].answer is not None for group in asked])


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
