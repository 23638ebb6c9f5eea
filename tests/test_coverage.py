"""How much of a question is there: what passages hold of it, and what nothing holds."""

import pytest

from agent.answering.candidates.coverage import Lacking, weighed
from agent.answering.candidates.passages import cut
from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element, Hit

TEXTS = ("The north tower was built in 1961 by the Hale company.", "The south tower has 36 floors.")


def asked(question: str) -> tuple[list[float], Lacking]:
    hits = [Hit(Element("a.pdf", "0", 1, "text", text, WHOLE_PAGE, place), 1.0) for place, text in enumerate(TEXTS)]
    passages, lacking = weighed(question, cut(hits), embedders.load("bm25"), embedders.load("minilm"))
    return [one.covered for one in passages], lacking


def test_the_passage_that_holds_more_of_the_question_covers_more_of_it() -> None:
    north, south = asked("Who built the north tower?")[0]
    assert north > south > 0


def test_what_stands_somewhere_is_not_missing() -> None:
    assert asked("Which company built the north tower?")[1] == Lacking(asked=4)


def test_words_that_stand_nowhere_are_counted() -> None:
    lacking = asked("How heavy is the bell of the west tower?")[1]
    assert (lacking.asked, lacking.missing) == (4, 3)


@pytest.mark.parametrize(("near", "strange"), [("constructed", "painted"), ("storeys", "parrots")])
def test_a_word_of_like_meaning_is_less_strange_than_another(near: str, strange: str) -> None:
    question = "The north tower and its {}?"
    assert 0 < asked(question.format(near))[1].strangest < asked(question.format(strange))[1].strangest


def test_nothing_found_is_as_strange_as_can_be() -> None:
    assert weighed("How high?", [], embedders.load("bm25"), embedders.load("minilm"))[1].strangest == 1.0


def test_what_stands_in_place_of_a_word_that_is_not_there_is_its_rival() -> None:
    west, north, wide = (asked(f"Who built the {word} tower?")[1].rival for word in ("west", "north", "hungry"))
    assert north == 0.0
    assert west > wide >= 0.0
    assert asked("Which tower has 48 floors?")[1].rival == 1.0
    assert asked("Which tower has 36 floors?")[1].rival == 0.0
