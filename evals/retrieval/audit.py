"""Which index found the page that answers, and which of them a question could not have done without.

After the modality importance score (arXiv 2408.12763): what is found with everything, less what is found without one
part. The candidates of each question are found once; a part is then taken out of them, and the rest ranked again.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evals.datasets.questions import PageKey, Question
from evals.metrics import CUTS, success
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.search.rerank import Candidate, rerank
from retrievers.search.retriever import page_of, page_scores
from retrievers.stores.base import Match

Takes = Callable[[Match, str], bool]  # whether a part holds this match, as found by the vector of this name
NEAR = 10


@dataclass(frozen=True)
class Need:
    """A part of the index: share of questions with a right page among the first `NEAR` of its own list, and the share
    of questions lost at each of `CUTS` without it (negative where it does harm)."""

    part: str
    found: float
    lost: tuple[float, ...]


def _index(whole: bool, vector: str) -> Takes:
    return lambda match, name: (match.element.kind == "page") == whole and name == vector


PARTS: dict[str, Takes] = {
    "words of pages": _index(True, "lexical"),
    "words of regions": _index(False, "lexical"),
    "meaning of pages": _index(True, "text"),
    "meaning of regions": _index(False, "text"),
    "tables": lambda match, name: match.element.kind == "table",
    "figures": lambda match, name: match.element.kind == "figure",
    "OCR": lambda match, name: match.element.origin == "ocr",
}


def audit(corpus: Corpus, questions: Sequence[Question], inside: bool) -> list[Need]:
    """One for each of `PARTS`; every question must have pages."""
    asked = [
        (question, corpus.retriever.candidates(question.text, documents=question.documents if inside else ()))
        for question in questions
    ]
    whole = _shares(asked)
    needs = []
    for name, takes in PARTS.items():
        less = _shares([(question, without(candidates, takes)) for question, candidates in asked])
        found = sum(_found(question, candidates, takes) for question, candidates in asked) / len(asked)
        needs.append(Need(name, found, tuple(a - b for a, b in zip(whole, less, strict=True))))
    return needs


def without(candidates: Sequence[Candidate], takes: Takes) -> list[Candidate]:
    """What is left of `candidates` when a part of the index is taken out, in the order of fusion."""
    kept = [_less(match, takes) for candidate in candidates for match in candidate.matches]
    matches = [match for match in kept if match.places]
    scores = page_scores(matches)
    groups: dict[PageKey, list[Match]] = defaultdict(list)
    for match in matches:
        groups[page_of(match)].append(match)
    return [Candidate(*page, tuple(groups[page])) for page in sorted(groups, key=lambda page: -scores[page])]


def _less(match: Match, takes: Takes) -> Match:
    return replace(match, places={name: place for name, place in match.places.items() if not takes(match, name)})


def _shares(asked: Sequence[tuple[Question, Sequence[Candidate]]]) -> list[float]:
    """Share of questions with a right page among the first of each of `CUTS`, after reranking."""
    stems = embedders.load("bm25").stems
    rankings = []
    for question, candidates in asked:
        ranked = rerank(question.text, candidates, stems)
        rankings.append((question, [(one.candidate.document, one.candidate.page) for one in ranked]))
    return [sum(success(pages, question.pages, cut) for question, pages in rankings) / len(asked) for cut in CUTS]


def _found(question: Question, candidates: Sequence[Candidate], takes: Takes) -> bool:
    return any(
        takes(match, name) and place.rank <= NEAR
        for candidate in candidates
        if (candidate.document, candidate.page) in question.pages
        for match in candidate.matches
        for name, place in match.places.items()
    )
