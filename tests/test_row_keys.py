"""A row is quoted only when it is the one that the question names by its key."""

import pytest

from agent.answering.candidates.candidate import Worked
from agent.answering.candidates.finding import candidates
from agent.answering.candidates.row_keys import is_of_another
from retrievers.elements import WHOLE_PAGE, Element, Hit
from retrievers.parsers.layout.tables.table import to_text

HEADER = ("id", "sensor", "reading")
RIGHT, WRONG = ("46", "sensor-000046", "274"), ("49234", "sensor-049234", "46")


@pytest.mark.parametrize(
    ("question", "header", "row", "another"),
    [
        ("reading of the sensor with id 46", HEADER, WRONG, True),
        ("reading of the sensor with id 46", HEADER, RIGHT, False),
        ("What did ID: 46 read?", HEADER, WRONG, True),
        ("What is the depth of pier 7?", ("Pier", "Depth"), ("Pier 7", "12 m"), False),
        ("What is the depth of pier 7?", ("Pier", "Depth"), ("Pier 17", "7 m"), True),
        ("What does gauge 0046 show?", ("Gauge", "Level"), ("KX-46", "3"), False),
        ("Who won in year 1,999?", ("Year", "Winner"), ("1999", "Ada"), False),
        ("What was the revenue 2023?", ("Region", "Revenue"), ("North", "500"), False),
        ("What is the idea 46?", HEADER, WRONG, False),
        ("How many moons has planet 4?", ("Planet", "Moons"), ("Mars", "2"), False),
        ("Sales in 2023?", ("", "2022", "2023"), ("1 north", "3", "4"), False),
    ],
)
def test_rows_of_another_key(question: str, header: tuple[str, ...], row: tuple[str, ...], another: bool) -> None:
    assert is_of_another(question, header, row) is another


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ((HEADER, WRONG, RIGHT), "274"),
        ((HEADER, WRONG), ""),
    ],
)
def test_another_row_that_holds_the_number_is_no_answer(rows: tuple[tuple[str, ...], ...], value: str) -> None:
    table = Element("a.csv", "0" * 64, 1, "table", to_text(rows), WHOLE_PAGE, 0, "a", rows=rows)
    found = candidates("reading of the sensor with id 46", [Hit(table, 1.0)]).best
    values = [", ".join(one.computed.values) for one in found if isinstance(one, Worked)]
    assert values == [value] * bool(value)
