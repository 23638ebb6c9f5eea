"""What searches found, read for what may answer: once for each search, and over all of them where it takes more."""

from collections.abc import Iterable, Sequence
from typing import Self

from langchain_core.messages import ToolMessage

from agent.answering.candidates.candidate import Candidates
from agent.answering.candidates.finding import candidates
from agent.request import hits_in
from retrievers.elements import Hit


class Found(tuple[Hit, ...]):
    """The hits of one search. `notices`: what the user is to be told of how they were chosen, `advice`: what whoever
    runs Triptych. `candidates`: what in them may answer `question`; None where nobody has read them for that."""

    notices: tuple[str, ...]
    question: str
    candidates: Candidates | None
    advice: tuple[str, ...]

    def __new__(
        cls,
        hits: Iterable[Hit],
        notices: Iterable[str] = (),
        question: str = "",
        candidates: Candidates | None = None,
        advice: Iterable[str] = (),
    ) -> Self:
        found = super().__new__(cls, hits)
        found.notices = tuple(notices)
        found.question = question
        found.candidates = candidates
        found.advice = tuple(advice)
        return found


def in_results(question: str, results: Sequence[ToolMessage]) -> Candidates:
    """What in the evidence of all `results` may answer; sources are numbered over all of them."""
    hits = hits_in(results)
    for result in results:
        found = result.artifact
        if isinstance(found, Found) and found.candidates is not None and found.question == question and found == hits:
            return found.candidates
    return candidates(question, hits)


def absent(results: Sequence[ToolMessage], least: float) -> bool:
    """Whether searches were read and none of them holds an answer with a probability of `least`."""
    read = [
        result.artifact.candidates
        for result in results
        if isinstance(result.artifact, Found) and result.artifact.candidates is not None
    ]
    return bool(read) and all(found.answerable < least for found in read)
