"""What says the same counts together: parts of a date, tables that agree, candidates that hold one another."""

import pytest

from agent.answering.reader.spans import Span, named
from agent.answering.tables import answer
from retrievers.elements import WHOLE_PAGE, Element, Rows


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("It sailed on 5 Sep 1977 at noon.", "Sep 1977", "5 Sep 1977"),
        ("It sailed on 5 Sep 1977 at noon.", "1977", "5 Sep 1977"),
        ("It sailed on March 3rd, 1902.", "1902", "March 3rd, 1902"),
        ("The fair of May 2011 was cold.", "2011", "May 2011"),
        ("The 2012 games were warm.", "2012", "2012"),
        ("From 1 May 1999 to 3 June 2000", "1 May 1999 to 3 June 2000", "1 May 1999 to 3 June 2000"),
        ("Keep it above -12 °C.", "12 °C", "-12 °C"),
        ("It fell by −0.4 a year.", "0.4", "−0.4"),
        ("Rooms 3-12 are shut, not room - 12.", "12", "12"),
    ],
)
def test_a_part_of_a_date_or_number_is_said_with_all_of_it(text: str, words: str, whole: str) -> None:
    start = text.index(words)
    span = named(text, Span(0, start, start + len(words), 0.0))
    assert text[span.start : span.end] == whole


def table(rows: Rows) -> Element:
    return Element("a.md", "0", 1, "table", "", WHOLE_PAGE, 0, rows=rows)


def test_an_answer_that_more_tables_give_is_likelier() -> None:
    question = "Which pump has the highest flow?"
    rows: Rows = (("Pump", "Flow (l/min)"), ("K-2", "30"), ("K-4", "45"), ("K-7", "12"))
    other: Rows = (("Pump", "Flow (l/min)"), ("R-1", "61"), ("R-5", "50"), ("R-6", "8"))
    alone = answer(question, [table(other), table(rows)])
    assert alone
    assert alone.values == ("R-1",)
    agreeing = answer(question, [table(other), table(rows), table(rows)])
    assert agreeing
    assert agreeing.values == ("K-4",)
    single = answer(question, [table(rows)])
    assert single
    assert agreeing.probability == pytest.approx(single.probability) == pytest.approx(single.agreed)
    assert agreeing.agreed == pytest.approx(1 - (1 - single.probability) ** 2)
