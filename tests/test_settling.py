"""A model's sentences and the sources that bear them out. The readers and estimates are the real ones."""

import pytest

from agent.answering import evidence
from agent.answering.candidates.finding import candidates
from agent.answering.writing.settling import UNSUPPORTED, Settling, pieces_of
from agent.answering.writing.support import Support, numbers
from retrievers.elements import Element, Hit

ROWS = (("Planet", "Known moons", "Largest moon"), ("Jupiter", "95", "Ganymede"), ("Saturn", "146", "Titan"))
VENUS = (
    "Venus is the hottest planet, with a mean of 464 °C. Its thick air of carbon dioxide holds the heat in, because "
    "little of it can escape. A day on Venus lasts 243 Earth days."
)
MARS = (
    "Mars is named after the Roman god of war. The mean temperature of Mars is -65 °C. Mars has two small moons, "
    "Phobos and Deimos, which Asaph Hall discovered in 1877."
)
BUDGET = "The new library cost 1,234,567 euros. It was opened by the mayor, Ada Quint, in the spring of 2019."


def hit(text: str, place: int, **more: object) -> Hit:
    element = Element("a.md", "0" * 64, 1, "table" if "rows" in more else "text", text, (0, 0, 1, 1), place, **more)
    return Hit(element, 1.0, relevance=0.9, answerable=0.9)


HITS = (hit(VENUS, 0), hit(MARS, 1), hit("", 2, rows=ROWS, caption="Moons"), hit(BUDGET, 3))
HOT, WHY, NAMED = "How hot is Venus?", "Why is Venus so hot?", "Which moons has Mars?"
COST, OPENED = "What did the new library cost?", "Who opened the library?"


def settled(question: str, text: str, size: int = 7, hits: tuple[Hit, ...] = HITS) -> tuple[str, Settling]:
    support = Support(question, hits, candidates(question, hits))
    settling = Settling(support, range(1, len(hits) + 1), answers=True)
    pieces = [piece for at in range(0, len(text), size) for piece in settling.feed(text[at : at + size])]
    return "".join([*pieces, *settling.close()]), settling


@pytest.mark.parametrize(
    ("question", "text", "wanted"),
    [
        (HOT, "It is 464 °C.", "It is 464 °C. [1]"),
        (HOT, "464 °C", "464 °C [1]"),
        (HOT, "Venus has an average temperature of 464 °C [2].", "Venus has an average temperature of 464 °C. [1]"),
        (WHY, "The heat stays trapped as its dense atmosphere lets hardly any get out.", None),
        (NAMED, "Mars has two:\n\n1. Phobos\n2. Deimos", "Mars has two: [2]\n\n1. Phobos [2]\n2. Deimos [2]"),
        (COST, "It cost 1.2 million euros.", "It cost 1.2 million euros. [4]"),
        (COST, "1234567 euros", "1234567 euros [4]"),
        (OPENED, "The mayor, Ada Quint.", "The mayor, Ada Quint. [4]"),
        ("Was the library opened by the mayor?", "Yes.", "Yes. [4]"),
        (HOT, "It is 464 °C [1].", "It is 464 °C [1]."),
    ],
)
def test_a_right_answer_is_found_and_cited(question: str, text: str, wanted: str | None) -> None:
    given, settling = settled(question, text)
    assert settling.found, given
    assert given == (wanted or f"{text} [1]")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (HOT, "I could not find the temperature of Venus in the documents."),
        (HOT, "The sources do not say how hot Venus is [1]."),
        (HOT, "The temperature of Venus is not mentioned in the provided sources. It is unknown."),
        (HOT, "Unfortunately, none of the given texts tells how hot it gets on Venus [2]."),
        (OPENED, "There is no information about who opened the library [4]."),
        (OPENED, "It remains unclear from what I was given who opened the library."),
        (WHY, "I am unable to determine why Venus is so hot."),
        ("Wie heiß ist die Venus?", "Das steht nicht in den Unterlagen."),
        (HOT, ""),
    ],
)
def test_no_answer_is_not_found_in_whatever_words(question: str, text: str) -> None:
    given, settling = settled(question, text)
    assert not settling.found
    assert given == text, "and it is left as it was written"


@pytest.mark.parametrize("text", ["[1]", " [1][2]\n", "[3].", "**[1]**", "..."])
def test_marks_alone_are_no_answer(text: str) -> None:
    """The first is what Qwen2.5-Coder-1.5B-Instruct wrote to a question on a slide."""
    given, settling = settled(HOT, text)
    assert given == "" and not settling.found and not settling.words


def test_what_no_source_bears_out_is_marked() -> None:
    given, settling = settled(HOT, "Venus has a temperature of 475 °C [1].")
    assert given.endswith(UNSUPPORTED) and not settling.found
    given, settling = settled(OPENED, "It was opened by the mayor, Ada Quint. The library was designed by John Smith.")
    assert given == f"It was opened by the mayor, Ada Quint. [4] The library was designed by John Smith. {UNSUPPORTED}"
    assert settling.found


def test_a_polite_word_is_no_claim() -> None:
    given, _ = settled(HOT, "Here is what I found:\n\nVenus has a mean of 464 °C. I hope this helps!")
    assert UNSUPPORTED not in given


def test_a_table_is_cited_row_by_row() -> None:
    table = "| Planet | Moons |\n|---|---|\n| Jupiter | 95 |\n| Saturn | 146 |\n| Mars | 77 |\n"
    given, settling = settled("How many moons have the planets?", table)
    assert given == (
        f"| Planet | Moons |\n|---|---|\n| Jupiter | 95 [3] |\n| Saturn | 146 [3] |\n| Mars | 77 {UNSUPPORTED} |\n"
    )
    assert settling.found


def test_in_another_language_the_models_own_citation_stands() -> None:
    given, settling = settled("Wie heiß ist die Venus?", "Die Venus ist 464 °C heiß [1].")
    assert given == "Die Venus ist 464 °C heiß [1]." and settling.found


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_however_it_arrives_it_comes_out_the_same(size: int) -> None:
    text = "So. Venus has 464 °C. [2]\n\n- Mars has `-65` °C [9].\n\n```\nx = [1]\n```\nDone! [77]"
    given, settling = settled("How hot are the planets?", text, size)
    assert given == settled("How hot are the planets?", text, 13)[0]
    assert settling.dangling == ["[9]", "[77]"]


@pytest.mark.parametrize(
    "text", ["", "One. Two! Three? [1] [2]\n\nFour", "a [1].\n| b | c |\n\n", "3.5 is e.g. a number."]
)
def test_pieces_add_up(text: str) -> None:
    assert "".join(pieces_of(text)) == text


def test_numbers_are_read_as_values() -> None:
    assert (1234567.0, 0) in numbers("1,234,567 and 5") and (1234.5, 1) in numbers("1.234,5")
    assert numbers("a 7 b") == ()


def test_special_letters_reach_the_model_as_they_are() -> None:
    """Models copy what they read: an escaped letter would come back in the answer."""
    shown = evidence.fence([hit('R&D > "sales" of A & B, 3 < 4', 0)])
    assert 'R&D > "sales" of A & B, 3 < 4' in shown
    assert "&gt;" not in shown and "&amp;" not in shown


@pytest.mark.parametrize("end", [":", ":\n", ": "])
def test_what_leads_to_a_list_is_no_claim(end: str) -> None:
    given, _ = settled(NAMED, f"Mars has two. The largest volcanoes of the planet have these names{end}")
    assert UNSUPPORTED not in given
