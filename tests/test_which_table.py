"""Several tables may answer: each gives a candidate, and the one meant is told by how much of the question it holds."""

from dataclasses import replace

from agent.answering.candidates.candidate import Worked
from agent.answering.candidates.finding import candidates
from agent.answering.tables import answer, answers
from retrievers.elements import WHOLE_PAGE, Element, Hit, Rows

LAMPS: Rows = (
    ("Lamp", "Weight (kg)", "Price (€)"),
    ("Arc", "2.1", "80"),
    ("Bow", "4.5", "95"),
    ("Coil", "1.2", "60"),
)
PAINTS: Rows = (("Paint", "Tins", "Price (€)"), ("Chalk", "12", "31"), ("Moss", "40", "27"), ("Slate", "7", "44"))


def table(rows: Rows, document: str) -> Element:
    return Element(document, document, 1, "table", "", WHOLE_PAGE, 0, rows=rows)


def worked(question: str) -> list[Worked]:
    """What was worked out over the lamps and over the paints, likeliest first."""
    hits = [Hit(table(LAMPS, "lamps.md"), 1.0), Hit(table(PAINTS, "paints.md"), 1.0)]
    return [one for one in candidates(question, hits).best if isinstance(one, Worked)]


def test_each_table_gives_its_likeliest_answer() -> None:
    found = answers("Which one has the highest price?", [table(LAMPS, "lamps.md"), table(PAINTS, "paints.md")])
    assert {one.values for one in found} == {("Bow",), ("Slate",)}
    assert found[0] == answer("Which one has the highest price?", [table(LAMPS, "a"), table(PAINTS, "b")])


def test_all_tables_give_candidates() -> None:
    assert {one.says for one in worked("Which one has the highest price?")} == {"bow", "slate"}


def test_the_table_whose_words_are_asked_for_is_meant() -> None:
    assert worked("Which paint is the cheapest?")[0].says == "moss"
    assert worked("Which lamp is the cheapest?")[0].says == "coil"


def test_the_table_that_says_most_of_the_question_comes_first_and_no_hidden_one() -> None:
    lamps, paints = table(LAMPS, "lamps.md"), table(PAINTS, "paints.md")
    question = "What does the paint Chalk weigh?"

    def shown(*tables: Element) -> list[str]:
        return [one.element.document for one in candidates(question, [Hit(one, 1.0) for one in tables]).tables]

    assert shown(lamps, paints) == ["paints.md", "lamps.md"]
    assert shown(lamps, replace(paints, hidden=True)) == ["lamps.md"]
