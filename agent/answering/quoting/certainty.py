"""Whether the likeliest candidate is likely enough to be given as the answer; see docs/answers.md."""

from collections.abc import Sequence

from agent.answering.candidates.candidate import Candidate, Candidates
from agent.answering.candidates.estimate import FOUND, stands_in

# the least chance of an answer, and the least share of the odds of the likeliest that are for it
LIKELY = 0.12
SURE = 0.4
LIKELIEST = 8


def answers(found: Candidates, least: float = FOUND) -> bool:
    """Whether something answers with a probability of `least`."""
    return bool(found.best) and found.answerable >= least


def is_likely(found: Candidates) -> bool:
    """Whether the first of some candidates is."""
    return found.best[0].chance >= LIKELY and _share(found.best[:LIKELIEST]) >= SURE


def odds(one: Candidate) -> float:
    return one.chance / max(1 - one.chance, 1e-9)


def _share(likeliest: Sequence[Candidate]) -> float:
    """Of their odds, those of the first and of all that say the same, or more or less of it: "1977", "5 Sep 1977"."""
    first = likeliest[0].says
    alike = [one for one in likeliest if stands_in(one.says, first) or stands_in(first, one.says)]
    return sum(map(odds, alike)) / sum(map(odds, likeliest))
