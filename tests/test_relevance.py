"""How sure the retriever is of a page: names and numbers of the question that are not there make it less so."""

from dataclasses import replace

import pytest

from evals.datasets.questions import Question
from evals.retrieval.asked import elsewhere
from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.search.names import names
from retrievers.search.relevance import features, lacks, relevance
from retrievers.search.rerank import Candidate, rerank
from retrievers.stores.base import Match, Place

TEXTS = {
    ("sales.pdf", 1): "In 2021 the shop in Lisbon sold 300 lamps and 20 chairs.",
    ("sales.pdf", 2): "The shop in Porto opened a second floor; lamps are sold there.",
    ("birds.pdf", 1): "The heron of the marsh sleeps on one leg.",
}


def found() -> list[Candidate]:
    """The three pages, alike but for their words."""
    places = {"text": Place(1, 0.5), "lexical": Place(1, 5.0)}
    return [
        Candidate(name, page, [Match(Element(name, "0", page, "page", text, WHOLE_PAGE, page), 1.0, places)])
        for (name, page), text in TEXTS.items()
    ]


def sure(question: str) -> float:
    stems = embedders.load("bm25").stems
    return relevance(question, rerank(question, found(), stems), 3, stems).pages[0]


def answerable(question: str) -> float:
    stems = embedders.load("bm25").stems
    return relevance(question, rerank(question, found(), stems), 3, stems).answerable


def test_a_name_or_number_that_is_nowhere_lowers_the_best_page() -> None:
    there = sure("How many lamps did the shop in Lisbon sell in 2021?")
    assert sure("How many lamps did the shop in Ankara sell in 2021?") < there - 0.1
    assert sure("How many lamps did the shop in Lisbon sell in 1999?") < there - 0.1


def test_a_name_on_another_page_of_the_document_counts_for_something() -> None:
    elsewhere_in_it = sure("How many chairs did the shop in Porto sell, and how many lamps in 2021?")
    nowhere = sure("How many chairs did the shop in Ankara sell, and how many lamps in 1999?")
    assert elsewhere_in_it > nowhere


def test_a_question_that_names_nothing_is_neither_way() -> None:
    stems = embedders.load("bm25").stems
    question = "Who sleeps on one leg?"
    ranked = rerank(question, found(), stems)
    rows = features(question, ranked, 3, stems, lacks(question, ranked, 3, stems))
    assert {row["names"] for row in rows} == {row["nowhere"] for row in rows} == {0.0}


def nowhere(question: str) -> float:
    """Of the best page's document."""
    stems = embedders.load("bm25").stems
    ranked = rerank(question, found(), stems)
    return features(question, ranked, 3, stems, lacks(question, ranked, 3, stems))[0]["nowhere"]


def test_a_name_in_another_form_is_there() -> None:
    for there in ("in Lisbon", "in Lisbonn", "in FY2021"):
        assert nowhere(f"How many lamps did the shop sell {there}?") > 0, there
    for missing in ("in Lisburn", "in FY2020", "in Ankara"):
        assert nowhere(f"How many lamps did the shop sell {missing}?") < 0, missing


def test_names_are_of_what_is_asked_not_of_where_or_how() -> None:
    question = "In Figure 3 on page 7, how many lamps did Ada sell in 2021? Write the answer as JSON, e.g. [Lamp, 12]."
    assert names(question) == ["Ada", "2021"]
    assert names("What is the sum? ") == []


def test_a_question_of_other_documents_has_no_answer() -> None:
    question = Question("a", ("d",), frozenset({("d", 1)}))
    away = elsewhere(question)
    assert (away.answerable, away.pages, away.documents) == (False, frozenset(), ("d",))


def test_a_question_with_a_name_that_is_nowhere_is_hardly_answerable() -> None:
    there = answerable("How many lamps did the shop in Lisbon sell in 2021?")
    assert 0.5 < there < 1
    for missing in ("in Ankara in 2021", "in Lisbon in 1999"):
        assert answerable(f"How many lamps did the shop sell {missing}?") < there - 0.2, missing
    assert answerable("Which violin concerto was performed at the opera of Ankara?") < 0.3


def test_what_is_nowhere_is_named() -> None:
    stems = embedders.load("bm25").stems
    question = "How many lamps did the shop in Ankara sell in 1999?"
    estimate = relevance(question, rerank(question, found(), stems), 3, stems)
    assert estimate.missing["sales.pdf"] == ("Ankara", "1999")
    assert relevance("How many lamps?", [], 3, stems).answerable == 0.0


def test_the_likeness_of_a_page_and_that_of_its_regions_are_told_apart() -> None:
    stems, place = embedders.load("bm25").stems, {"text": Place(1, 0.4)}
    region = Match(Element("sales.pdf", "0", 1, "text", "lamps", WHOLE_PAGE, 9), 1.0, {"text": Place(1, 0.7)})
    whole = Match(Element("sales.pdf", "0", 1, "page", "lamps", WHOLE_PAGE, 1), 1.0, place)
    question = "Who sells lamps?"
    ranked = rerank(question, [Candidate("sales.pdf", 1, [region, whole])], stems)
    (row,) = features(question, ranked, 3, stems, lacks(question, ranked, 3, stems))
    assert (row["cosine"], row["page_cosine"]) == (0.7, 0.4)


def test_the_best_page_stands_out_from_the_next_and_every_other_from_the_best() -> None:
    stems = embedders.load("bm25").stems
    question = "Who sells lamps?"
    ranked = rerank(question, found(), stems)
    ranked = [replace(one, score=score) for one, score in zip(ranked, (1.5, 1.0, -2.0), strict=True)]
    rows = features(question, ranked, 3, stems, lacks(question, ranked, 3, stems))
    assert [row["margin"] for row in rows] == [0.5, -0.5, -2.0]
    shares = [row["share"] for row in rows]
    assert sum(shares) == pytest.approx(1.0) and shares == sorted(shares, reverse=True)
    alone = ranked[:1]
    (row,) = features(question, alone, 3, stems, lacks(question, alone, 3, stems))
    assert (row["margin"], row["share"]) == (0.0, 1.0), "there is none to stand out from"
