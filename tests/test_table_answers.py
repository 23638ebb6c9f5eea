"""Questions in plain words over tables: what is answered, with which working and cells, and what is refused."""

from dataclasses import replace

import pytest

from agent.answering.tables import Computed, answer
from agent.answering.tables.joining import joined_views
from agent.answering.tables.parsing.questions import read
from agent.answering.tables.views import views_of
from retrievers.elements import WHOLE_PAGE, Element

SHIPS = (
    ("Ship", "Length (m)", "Crew", "Home port", "Launched", "Top speed (kn)"),
    ("Aurora", "142", "38", "Bergen", "12 May 1961", "17.5"),
    ("Brisk", "98", "21", "Turku", "3 March 1974", "22.0"),
    ("Cormorant", "205", "64", "Bergen", "30 August 1989", "14.2"),
    ("Dauntless", "176", "45", "Gdynia", "9 October 1955", "19.1"),
    ("Eider", "61", "9", "Turku", "21 June 2003", "11.3"),
)
BAKERY = (
    ("($ in thousands)", "2022", "2021", "2020"),
    ("Bread", "840.5", "790.0", "760.5"),
    ("Cakes", "310.0", "325.0", "298.0"),
    ("Delivery", "(25.5)", "(31.0)", "(12.0)"),
    ("Total sales", "1,125.0", "1,084.0", "1,046.5"),
    ("Gross margin %", "41%", "38%", "36%"),
)
ENGINES = (
    ("Engine", "Power (kW)", "Weight", "Fuel"),
    ("E-10", "75", "112 kg", "petrol"),
    ("E-20", "110", "160 kg[1]", "diesel"),
    ("E-40", "95", "0.4 t", "petrol"),
)


def element(rows, name="d") -> Element:
    return Element(name, name, 1, "table", "", WHOLE_PAGE, 0, rows=rows)


def asked(question, *tables) -> Computed:
    found = answer(question, [element(rows) for rows in tables])
    assert found is not None, question
    return found


TRADE = (
    ("", "More", "About the same", "Less"),
    ("Aldby", "29%", "41%", "29%"),
    ("Merton", "19", "59", "21"),
    ("Corfe", "17", "31", "50"),
)
TRADED = "% who say each village will have __ trade on the river after the great flood compared with before the flood"


def test_what_a_question_repeats_of_a_title_asks_for_nothing() -> None:
    """ "After the flood" is no row after another."""
    table = replace(element(TRADE), caption=TRADED)
    question = f"How many people of Merton say they will have more {TRADED.partition('__ ')[2]}?"
    found = answer(question, [table])
    assert found and found.values == ("19",) and found.probability > 0.5


@pytest.mark.parametrize(
    ("question", "rows", "values"),
    [
        ("What is the home port of the Dauntless?", SHIPS, ("Gdynia",)),
        ("What is the length of the Aurora?", SHIPS, ("142 m",)),
        ("When was the Cormorant launched?", SHIPS, ("30 August 1989",)),
        ("Which ship has the largest crew?", SHIPS, ("Cormorant",)),
        ("Which ship has the highest top speed?", SHIPS, ("Brisk",)),
        ("Which ship is the shortest?", SHIPS, ("Eider",)),
        ("How many ships have their home port in Bergen?", SHIPS, ("2",)),
        ("What is the total crew of Aurora and Brisk?", SHIPS, ("59",)),
        ("How much longer is Cormorant than Brisk?", SHIPS, ("107 m",)),
        ("What were bread sales in 2021?", BAKERY, ("790.0 thousand",)),
        ("What was the change in cakes from 2021 to 2022?", BAKERY, ("-15 thousand",)),
        ("What was the percentage change in bread from 2021 to 2022?", BAKERY, ("6.39%",)),
        ("In which year were cakes the highest?", BAKERY, ("2021",)),
        ("What was the average of total sales for 2020 and 2021?", BAKERY, ("1,065.25 thousand",)),
        ("Which engine has the most power?", ENGINES, ("E-20",)),
        ("How many engines run on petrol?", ENGINES, ("2",)),
    ],
)
def test_plain_questions(question, rows, values):
    assert asked(question, rows).values == values


def test_the_working_and_its_cells():
    found = asked("How much longer is Cormorant than Brisk?", SHIPS)
    assert found.working == "205 - 98 = 107 m"
    assert [SHIPS[cell.row][cell.column] for cell in found.cells] == ["205", "98"]
    found = asked("What was the change in delivery from 2021 to 2022?", BAKERY)
    assert found.working == "(-25.5) - (-31) = 5.5 thousand"
    assert "thousand" in found.reading


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("Which ship is the fastest?", ("Brisk",)),
        ("How long is the Aurora?", ("142 m",)),
        ("Which ship is the longest?", ("Cormorant",)),
        ("How much faster is Brisk than Eider?", ("10.7 kn",)),
    ],
)
def test_words_that_mean_a_header(question, values):
    assert asked(question, SHIPS).values == values


EAST = (("Town", "Inhabitants"), ("Olm", "12,000"), ("Birk", "8,500"), ("Sund", "700"))
WEST = (("Town", "Inhabitants"), ("Rask", "4,000"), ("Dorn", "9,100"))
TOWNS = (("Town", "Mayor", "Area (km2)"), ("Olm", "Ida Holt", "40"), ("Birk", "Per Lund", "25"))


def test_a_currency_that_is_written_as_a_word_stands_apart() -> None:
    rows = (("Item", "Price (EUR)", "Sold"), ("Lamp", "39", "14"), ("Chair", "189", "7"), ("Shelf", "129", "2"))
    assert asked("What is the price of the chair?", rows).values == ("EUR 189",)
    assert asked("What is the price of the chair?", (("Item", "Price ($)"), *(row[:2] for row in rows[1:]))).values == (
        "$189",
    )


def test_what_cells_were_compared_with_is_accounted_for() -> None:
    found = asked("How many ships have a crew above 40?", SHIPS)
    assert found.values == ("2",)
    assert found.accounts == {"ships", "crew", "40"}
    assert asked("How long is the Brisk?", SHIPS).covered == 1.0


def test_a_number_from_two_tables():
    found = asked("How many more inhabitants does Olm have than Rask?", EAST, WEST)
    assert (found.values, found.working) == (("8,000",), "12,000 - 4,000 = 8,000")
    assert [(cell.table, cell.row, cell.column) for cell in found.cells] == [(0, 1, 1), (1, 1, 1)]


def test_two_tables_are_joined_by_what_they_are_about():
    views = [next(views_of(element(rows), place)) for place, rows in enumerate((EAST, TOWNS))]
    (joined, *_) = joined_views(read("How many inhabitants has the town whose mayor is Per Lund?"), views)
    assert set(joined.names) == {"Town", "Inhabitants", "Mayor", "Area (km2)"}
    at = joined.names.index("Mayor")
    assert [joined.texts[at][joined.texts[0].index(town)] for town in ("Olm", "Birk")] == ["Ida Holt", "Per Lund"]


def test_the_right_table_of_several():
    found = asked("Which ship has the highest top speed?", BAKERY, ENGINES, SHIPS)
    assert found.values == ("Brisk",) and {cell.table for cell in found.cells} == {2}


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("What is the price of the pump?", SHIPS),
        ("What is the price of the Aurora?", SHIPS),
        ("Who is the captain of the Eider?", SHIPS),
        ("How many people live in Lisbon?", ENGINES),
        ("What were biscuit sales in 1987?", BAKERY),
    ],
)
def test_what_is_not_there_is_not_likely(question, rows):
    found = answer(question, [element(rows)])
    assert found is None or found.probability < 0.5


def test_no_tables_no_answer():
    assert answer("Which ship is the fastest?", []) is None
    assert answer("Which ship is the fastest?", [element(())]) is None


def test_a_large_table_is_looked_up_and_says_so():
    rows = (("Part", "Colour", "Price"), *((f"P{n:05}", ("red", "blue")[n % 2], f"{n}.50") for n in range(5000)))
    found = asked("What is the price of P03210?", rows)
    assert found.values == ("3210.50",) and "of 5001" in found.reading
    assert [rows[cell.row][cell.column] for cell in found.cells] == ["3210.50"]
    most = answer("Which part has the highest price?", [element(rows)])
    assert most is None or most.operation == "lookup"
