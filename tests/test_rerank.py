"""Which of the found pages comes first: alike reports are told apart by what they are called."""

import pytest

from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.search.rerank import Candidate, rerank
from retrievers.stores.base import Match, Place

REPORTS = {
    "2022 Q3 ACME.pdf": "Acme Corporation",
    "2023_q2_acme.pdf": "Acme Corporation",
    "2023-Q3-ACME.pdf": "Acme Corporation",
    "2023 Q3 BOLT.pdf": "Bolt Inc.",
}


def alike() -> list[Candidate]:
    """A page of each report; their words are the same, and so is all else that a store knows of them."""
    places = {"text": Place(1, 0.5), "lexical": Place(1, 5.0)}
    text = "Net sales rose; inventories and the cost of sales are shown by segment."
    return [
        Candidate(name, 4, [Match(Element(name, "0", 4, "page", text, WHOLE_PAGE, 9, title), 1.0, places)])
        for name, title in REPORTS.items()
    ]


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What were Acme's net sales in Q3 2023?", "2023-Q3-ACME.pdf"),
        ("What were Acme's net sales in Q2 of 2023?", "2023_q2_acme.pdf"),
        ("In Q3 2022, how did inventories of Acme change?", "2022 Q3 ACME.pdf"),
        ("How did net sales of Bolt develop?", "2023 Q3 BOLT.pdf"),
    ],
)
def test_the_report_that_is_named_comes_first(question: str, document: str) -> None:
    stems = embedders.load("bm25").stems
    first, second, *_ = rerank(question, alike(), stems)
    assert first.candidate.document == document
    assert first.score > second.score


def test_a_question_that_names_no_report_prefers_none() -> None:
    ranked = rerank("How did the segments do?", alike(), embedders.load("bm25").stems)
    assert len({one.score for one in ranked}) == 1
