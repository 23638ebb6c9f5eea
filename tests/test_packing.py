"""Sources packed into a model's budget."""

import pytest

from agent.answering.candidates.finding import candidates
from agent.answering.evidence import fence
from agent.answering.writing.packing import packed, shortened
from agent.models.budget import tokens
from retrievers.elements import Element, Hit

FILLER = [f"The weather of day {number} was calm and the sea lay flat before the harbour wall." for number in range(60)]
FACT = "The lighthouse keeper is called Ottilie Brandt."
QUESTION = "What is the lighthouse keeper called?"


def hit(text: str, place: int, rows: tuple[tuple[str, ...], ...] = ()) -> Hit:
    element = Element("a.md", "0" * 64, 1, "table" if rows else "text", text, (0, 0, 1, 1), place, rows=rows)
    return Hit(element, 1.0 / (place + 1), relevance=0.5, answerable=0.8)


LONG = hit(" ".join([*FILLER[:40], FACT, *FILLER[40:]]), 0)
OTHERS = tuple(hit(" ".join(FILLER[at : at + 4]), at + 1) for at in range(0, 40, 4))


@pytest.mark.parametrize("room", [200, 400, 1000])
def test_what_is_packed_fits(room: int) -> None:
    hits = (*OTHERS, LONG)
    sources = packed(QUESTION, hits, candidates(QUESTION, hits), room)
    assert sources
    assert tokens(fence([one.hit for one in sources], [one.words for one in sources])) <= room


def test_the_likeliest_source_is_first_and_holds_the_answer() -> None:
    hits = (*OTHERS, LONG)
    first, *_ = packed(QUESTION, hits, candidates(QUESTION, hits), 400)
    assert first.hit is LONG
    assert FACT in first.words and "…" in first.words


def test_everything_is_shown_where_there_is_room() -> None:
    hits = (*OTHERS, LONG)
    sources = packed(QUESTION, hits, candidates(QUESTION, hits), 100_000)
    assert {one.hit.element.id for one in sources} == {one.element.id for one in hits}
    assert all(one.words == one.hit.element.text for one in sources)


def test_a_long_table_keeps_its_header_and_the_row_asked_about() -> None:
    rows = (("Town", "Mayor"), *((f"Town {number}", f"Name {number}") for number in range(200)), ("Kiel", "Ada Quint"))
    words = "\n".join(" | ".join(row) for row in rows)
    short = shortened(words, "Who is the mayor of Kiel?", 120)
    assert short.startswith("Town | Mayor") and "Kiel | Ada Quint" in short
    assert tokens(short) <= 140


def test_what_has_no_breaks_is_cut() -> None:
    assert 0 < len(shortened("x" * 10_000, QUESTION, 80)) <= 400


def test_there_may_be_no_room_at_all() -> None:
    assert packed(QUESTION, OTHERS, candidates(QUESTION, OTHERS), 0) == []
