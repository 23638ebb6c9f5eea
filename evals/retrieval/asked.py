"""Questions asked of a corpus in every way that a fit learns from, with what search knows of the pages found.

Besides as they are, answerable questions are asked where they have no answer: of all documents but their own, of one
other document, and of their own with one name or number changed to another.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from evals.datasets.questions import PageKey, Question
from evals.retrieval.arms import DEPTH
from retrievers import embedders
from retrievers.library import Corpus
from retrievers.search.names import names
from retrievers.search.relevance import FITTED, features, lacks
from retrievers.search.rerank import WEIGHTS, rerank
from retrievers.search.retriever import Retriever

if TYPE_CHECKING:
    import torch

Way = Literal["all documents", "right document", "other documents", "wrong document", "changed"]
MADE: tuple[Way, ...] = ("other documents", "wrong document", "changed")
YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Case:
    """One question asked in one way: its candidate pages best first, what the reranker weighs of them [candidates, F]
    and which are gold, and what relevance weighs of the first, with a 1 appended [DEPTH at most, G + 1]."""

    question: Question
    way: Way
    pages: Sequence[PageKey]
    ranking: "torch.Tensor"
    gold: "torch.Tensor"
    features: "torch.Tensor"


def cases(
    corpus: Corpus, questions: Sequence[Question], inside_only: bool = False, by_words: bool = False
) -> list[Case]:
    """Questions in every way; of one document only with `inside_only`, and without meaning `by_words`."""
    retriever = corpus.retriever_by_words if by_words else corpus.retriever
    known = [record.name for record in corpus.documents()]
    asked = list(_ways(questions, known))
    kept = [one for one in asked if not inside_only or one[1] not in ("all documents", "other documents")]
    return [_case(retriever, question, way, documents) for question, way, documents in kept]


def _ways(questions: Sequence[Question], known: Sequence[str]) -> Iterator[tuple[Question, Way, tuple[str, ...]]]:
    """Each question, the way it is asked, and the documents it is asked of."""
    draw = random.Random(0)
    rivals: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        for name in names(question.text):
            rivals[_form(name)].append(question)
    for question in questions:
        yield question, "all documents", ()
        if question.documents:
            yield question, "right document", question.documents
        others = tuple(name for name in known if name not in question.documents)
        if question.answerable and question.documents and others:
            yield elsewhere(question), "other documents", others
            yield elsewhere(question), "wrong document", (draw.choice(others),)
            if text := _changed(question, rivals, draw):
                yield replace(elsewhere(question), text=text), "changed", question.documents


def elsewhere(question: Question) -> Question:
    """`question` where its documents are not."""
    return replace(question, pages=frozenset(), answerable=False)


def _changed(question: Question, rivals: dict[str, list[Question]], draw: random.Random) -> str:
    """The question with one name changed to that of a question about other documents, or one number to another; ""
    where it names nothing."""
    named = names(question.text)
    if not named:
        return ""
    name = draw.choice(named)
    if _form(name) == "number":
        new = str(int(name) + draw.randint(3, 9))
    else:
        strangers = [one for one in rivals[_form(name)] if not set(one.documents) & set(question.documents)]
        others = [one for stranger in strangers for one in names(stranger.text) if _form(one) == _form(name)]
        others = [one for one in others if one.lower() not in question.text.lower()]
        new = draw.choice(others) if others else name
    text = re.sub(rf"\b{re.escape(name)}\b", new, question.text)
    return "" if text == question.text else text


def _form(name: str) -> str:
    if name.isascii() and name.isdigit():
        return "number"
    return "code" if any(letter.isdigit() for letter in name) else "name"


def _case(retriever: Retriever, question: Question, way: Way, documents: tuple[str, ...]) -> Case:
    import torch

    stems = embedders.load("bm25").stems
    ranked = rerank(question.text, retriever.candidates(question.text, documents=documents), stems)
    pages = [(one.candidate.document, one.candidate.page) for one in ranked]
    rows = features(question.text, ranked, DEPTH, stems, lacks(question.text, ranked, DEPTH, stems))
    return Case(
        question=question,
        way=way,
        pages=pages,
        ranking=torch.tensor([list(one.features.values()) for one in ranked]).reshape(-1, len(WEIGHTS)),
        gold=torch.tensor([page in question.pages for page in pages]),
        features=torch.tensor([[*row.values(), 1.0] for row in rows]).reshape(-1, len(FITTED.page)),
    )


def by_documents(found: Sequence[Case]) -> Iterator[tuple[list[Case], list[Case]]]:
    """The cases about one document (or set of them), and those about none of it, until all are through."""
    for documents in sorted({case.question.documents for case in found}):
        its = [case for case in found if case.question.documents == documents]
        yield its, [case for case in found if not set(documents) & set(case.question.documents)]
