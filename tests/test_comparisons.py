"""Numbers of sentences that say the same of several things are worked with, like cells."""

import pytest

from agent.answering.candidates.candidate import Compared
from agent.answering.candidates.comparisons import compared
from agent.answering.candidates.finding import candidates
from agent.answering.candidates.passages import cut
from agent.answering.quoting.pieces import written
from agent.answering.reader import Span
from retrievers.elements import WHOLE_PAGE, Element, Hit

CRANES = ("The red crane is 38 metres high.", "The blue crane is 57 metres high.", "Both stand in the old yard.")
FERRIES = ("The ferry Anna carries 120 cars.", "The ferry Berta carries 85 cars.", "They leave at noon.")


def hits(*texts: str) -> list[Hit]:
    return [Hit(Element("a.md", "0", 1, "text", text, WHOLE_PAGE, place), 1.0) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("question", "texts", "value", "working"),
    [
        ("How much higher is the blue crane than the red crane?", CRANES, "19 metres", "57 - 38 = 19 metres"),
        pytest.param(
            "How many cars do the ferry Anna and the ferry Berta carry together?",
            FERRIES,
            "205 cars",
            "120 + 85 = 205 cars",
            marks=pytest.mark.xfail(reason="the sum comes second, behind the first of the two sentences", strict=True),
        ),
    ],
)
def test_two_sentences_are_worked_with(question: str, texts: tuple[str, ...], value: str, working: str) -> None:
    best = candidates(question, hits(*texts)).best[0]
    assert isinstance(best, Compared)
    ((text, quotes),) = written(best)
    assert text.startswith(f"**{value}**")
    assert working in text
    assert set(quotes) == {1, 2}


def test_what_one_sentence_says_is_not_worked_out() -> None:
    best = candidates("How high is the red crane?", hits(*CRANES)).best[0]
    assert not isinstance(best, Compared)


@pytest.mark.parametrize(("words", "value"), [("38 rounds", ("95 rounds",)), ("38 rounds a day", None)])
def test_only_numbers_and_their_units_are_worked_with(words: str, value: tuple[str, ...] | None) -> None:
    texts = ("The red crane makes 38 rounds a day.", "The blue crane makes 57 rounds.")
    read = cut(hits(*texts))
    starts = [text.index(said) for text, said in zip(texts, (words, "57 rounds"), strict=True)]
    spans = [Span(0, starts[0], starts[0] + len(words), 1.0), Span(1, starts[1], starts[1] + len("57 rounds"), 1.0)]
    found = compared("How many rounds do the red crane and the blue crane make together?", spans, read)
    assert (found and found[0].values) == value
