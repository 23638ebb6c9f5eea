"""A question in two parts is answered in both, and one that only holds an "and" stays whole."""

import pytest

from agent.answering.quoting.two_parts import answers_of, parts
from retrievers.elements import WHOLE_PAGE, Element, Hit

ROWS = (("Kite", "Span (m)", "Price (EUR)"), ("Tern", "2.4", "310"), ("Skua", "1.9", "185"), ("Gannet", "3.1", "420"))
TEXT = "The kite shop opens at 9 am. Its manager is Ada Brink. Kites may be hired for 25 euros a day."


def element(**fields: object) -> Element:
    base = {"document": "kites.md", "sha256": "0", "page": 1, "kind": "text", "text": "", "box": WHOLE_PAGE, "order": 0}
    return Element(**base | fields)  # type: ignore[arg-type]


HITS = (Hit(element(kind="table", rows=ROWS), 1.0), Hit(element(text=TEXT, order=1), 0.9))


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Which kite is the cheapest and what does it cost?", ("Which kite is the cheapest?", "what does it cost?")),
        ("Who is the manager, and when does the shop open?", ("Who is the manager?", "when does the shop open?")),
        ("What is the span of the Tern and the Skua?", None),
        ("How much do the Tern and the Skua cost together?", None),
        ("Show me the kites and what they cost", None),
        ("Who and when?", None),
    ],
)
def test_where_a_question_has_two_parts(question: str, found: tuple[str, str] | None) -> None:
    assert parts(question) == found


def says(question: str) -> list[str]:
    return [one.best[0].says for one in answers_of(question, HITS) or ()]


def test_it_is_what_the_first_part_found() -> None:
    assert says("Which kite has the largest span and what does the kite cost?")[0] == "gannet"
    first, second = says("Which kite has the largest span and what is its price?")
    assert first == "gannet" and "420" in second


def test_a_question_of_one_part_is_not_taken_apart() -> None:
    assert answers_of("Which kite has the largest span?", HITS) is None


def test_nothing_is_said_of_two_parts_where_one_is_not_there() -> None:
    assert answers_of("Which kite has the largest span and who won the chess match in Oslo?", HITS) is None
