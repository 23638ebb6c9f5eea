"""Programs over tables: what cells say, how tables are read as records, and that every operation is exact."""

import zlib

import pytest

from agent.answering.tables.answering import table_candidates
from agent.answering.tables.parsing.conditions import conditions
from agent.answering.tables.parsing.questions import read
from agent.answering.tables.programs import wording
from agent.answering.tables.programs.execution import run
from agent.answering.tables.programs.program import MOST_FIELDS, Program, fields, selections
from agent.answering.tables.ranking.phrases import phrases
from agent.answering.tables.ranking.ranker import choose
from agent.answering.tables.values import value_of
from agent.answering.tables.views import View, views_of
from evals.tables.examples import examples, gold_of
from evals.tables.questions import TableQuestion
from evals.tables.train import train
from retrievers.elements import WHOLE_PAGE, Element

PEAKS = (
    ("Peak", "Height (m)", "First climbed", "Range"),
    ("Arrock", "4,120", "12 May 1901", "Northern"),
    ("Belden", "3,876[2]", "3 July 1888", "Northern"),
    ("Corvo", "5,002", "1923-08-14", "Southern"),
    ("Dunmore", "n/a", "August 30, 1911", "Southern"),
    ("Esker", "2,950", "1899", "Southern"),
)
ACCOUNTS = (
    ("", "Years ended 30 June,", "", ""),
    ("(in thousands, except per share)", "2021", "2020", "2019"),
    ("Ferries", "$ 1,250.5", "$ 1,000.0", "$ 800.0"),
    ("Harbour dues", "(40.5)", "20.0", "30.0"),
    ("Total income", "$ 1,210.0", "$ 1,020.0", "$ 830.0"),
    ("Profit per share", "0.55", "0.50", "0.40"),
    ("Costs:", "", "", ""),
    ("Fuel", "300", "250", "200"),
    ("Crew", "500", "450", "400"),
    ("Gross costs", "800", "700", "600"),
)
LOANS = (
    ("", "30 June 2021", "", "30 June 2020", ""),
    ("($ million)", "Nominal", "Market", "Nominal", "Market"),
    ("Harbour loan", "20.5", "21.0", "22.5", "22.0"),
    ("Dredger loan", "4.5", "4.0", "5.5", "5.0"),
    ("Dividend per share (cents)", "3.5", "3.5", "2.5", "2.5"),
)


def element(rows, **more) -> Element:
    return Element("d", "s", 1, "table", "", WHOLE_PAGE, 0, rows=rows, **more)


def view(rows, turned=False, **more) -> View:
    return next(one for one in views_of(element(rows, **more), 0) if one.turned == turned)


def result(question, of, operation, field=-1, by=-1, rank=1, form=None):
    """The shown answer and working of a program over the selection of all the question's conditions that is largest."""
    chosen = selections(of, conditions(read(question), of))
    name = of.names.index
    for place, one in enumerate(chosen):
        if form is None or one.form == form:
            program = Program(
                operation,
                place,
                field if isinstance(field, int) else name(field),
                by if isinstance(by, int) else name(by),
                rank,
            )
            if (made := run(program, of, chosen)) is not None:
                return wording.values(program, of, made), wording.working(program, of, made)
    return None


def test_what_stands_before_names_under_groups_is_no_row() -> None:
    of = view(LOANS)
    assert of.names[1:] == (
        "30 June 2021 Nominal",
        "30 June 2021 Market",
        "30 June 2020 Nominal",
        "30 June 2020 Market",
    )
    assert of.texts[0] == ("Harbour loan", "Dredger loan", "Dividend per share (cents)")


def test_words_under_a_whole_header_are_a_row() -> None:
    rows = (("", "2021", "2020"), ("Harbour master", "Ida Holm", "Ole Brandt"), ("Ferries", "3", "4"))
    assert view(rows).texts[0] == ("Harbour master", "Ferries")


def test_the_scale_of_money_is_not_that_of_another_unit() -> None:
    of = view(LOANS)
    assert wording.cell(of, (1, 0)) == "20.5 million"
    assert wording.cell(of, (1, 2)) == "3.5"


@pytest.mark.parametrize(
    ("cell", "number", "unit", "scale"),
    [
        ("1,234", 1234, "", 1),
        ("(56.5)", -56.5, "", 1),
        ("$ 3.2 million", 3_200_000, "$", 1e6),
        ("12.5%", 12.5, "%", 1),
        ("7,169[3]", 7169, "", 1),
        ("88*", 88, "", 1),
        ("450 km", 450, "km", 1),
        ("€ 4 bn", 4e9, "€", 1e9),
        ("−5.2", -5.2, "", 1),
    ],
)
def test_cells_with_numbers(cell, number, unit, scale):
    value = value_of(cell)
    assert (value.number, value.unit, value.scale, value.exact) == (number, unit, scale, True)


def test_days_are_ordered_however_they_are_written():
    days = ["3 July 1888", "1899", "12 May 1901", "August 30, 1911", "1923-08-14", "Sept 2, 1923"]
    orders = [value_of(day).order for day in days]
    assert orders == sorted(orders) and len(set(orders)) == len(days)


@pytest.mark.parametrize("cell", ["n/a", "—", "", "not available", "several"])
def test_cells_without_a_value(cell):
    assert value_of(cell).number is None


def test_clock_times_are_ordered():
    assert value_of("9:58.7").order < value_of("1:02:03").order


def test_a_statement_is_read_both_ways():
    upright, turned = view(ACCOUNTS), view(ACCOUNTS, turned=True)
    assert upright.names[1:] == ("Years ended 30 June, 2021", "2020", "2019") or "2021" in upright.names[1]
    assert turned.records == 3
    assert turned.texts[turned.names.index("Ferries")] == ("$ 1,250.5", "$ 1,000.0", "$ 800.0")
    assert upright.scale == 1000
    assert upright.settings[-1] == "Costs"


def test_totals_are_known_by_name_and_by_sum():
    upright = view(ACCOUNTS)
    totals = [upright.texts[0][place] for place in range(upright.records) if upright.totals >> place & 1]
    assert totals == ["Total income", "Gross costs"]


def test_what_is_per_share_is_not_in_thousands():
    of = view(ACCOUNTS, turned=True)
    answer, _ = result("profit per share in 2021", of, "lookup", "Profit per share", form="one")
    assert answer == ("0.55",)
    answer, _ = result("ferries in 2021", of, "lookup", "Ferries", form="one")
    assert answer == ("$ 1,250.5 thousand",)


def test_cells_keep_their_places():
    of = view(ACCOUNTS, turned=True)
    cell = of.cells[of.names.index("Fuel")][1]
    assert ACCOUNTS[cell.row][cell.column] == "250"


@pytest.mark.parametrize(
    ("question", "operation", "field", "by", "rank", "form", "answer"),
    [
        ("the range of Corvo", "lookup", "Range", -1, 1, "one", ("Southern",)),
        ("how high is Corvo", "lookup", "Height (m)", -1, 1, "one", ("5,002 m",)),
        ("the highest", "most", "Peak", "Height (m)", 1, "all", ("Corvo",)),
        ("the second highest", "most", "Peak", "Height (m)", 2, "all", ("Arrock",)),
        ("the lowest", "least", "Peak", "Height (m)", 1, "all", ("Esker",)),
        ("the first to be climbed", "least", "Peak", "First climbed", 1, "all", ("Belden",)),
        ("the first in the list", "first", "Peak", -1, 1, "all", ("Arrock",)),
        ("the last in the list", "last", "Peak", -1, 1, "all", ("Esker",)),
        ("the third", "nth", "Peak", -1, 3, "all", ("Corvo",)),
        ("after Corvo", "next", "Peak", -1, 1, "one", ("Dunmore",)),
        ("before Corvo", "previous", "Peak", -1, 1, "one", ("Belden",)),
        ("how many Southern", "count", -1, -1, 1, "one", ("3",)),
        ("how many ranges", "distinct", "Range", -1, 1, "all", ("2",)),
        ("height of Arrock and Corvo", "sum", "Height (m)", -1, 1, "either", ("9,122 m",)),
        ("average of Arrock and Corvo", "average", "Height (m)", -1, 1, "either", ("4,561 m",)),
        ("Arrock and Corvo", "difference", "Height (m)", -1, 1, "either", ("882 m",)),
        ("the commonest range", "commonest", "Range", -1, 1, "all", ("Southern",)),
        ("the rarest range", "rarest", "Range", -1, 1, "all", ("Northern",)),
        ("the same range as Arrock", "same", "Peak", "Range", 1, "one", ("Belden",)),
        ("from highest to lowest", "spread", "Height (m)", -1, 1, "all", ("2,052 m",)),
        ("more Southern than Northern", "count difference", -1, -1, 1, "either", ("1",)),
        ("peaks over 4,000 m", "count", -1, -1, 1, "one", ("2",)),
        ("climbed before 1900", "count", -1, -1, 1, "one", ("2",)),
    ],
)
def test_operations_over_records(question, operation, field, by, rank, form, answer):
    assert result(question, view(PEAKS), operation, field, by, rank, form)[0] == answer


@pytest.mark.parametrize(
    ("question", "operation", "field", "rank", "form", "answer", "working"),
    [
        ("from 2019 to 2021", "change", "Ferries", 1, "either", "$450.5 thousand", "1,250.5 - 800 = $450.5 thousand"),
        ("from 2020 to 2021", "change", "Harbour dues", 1, "either", "-60.5 thousand", "(-40.5) - 20 = -60.5 thousand"),
        ("from 2020 to 2021", "percent change", "Fuel", 1, "either", "20%", "(300 - 250) / 250 × 100 = 20%"),
        ("in 2021", "step", "Crew", 1, "one", "50 thousand", "500 - 450 = 50 thousand"),
        ("in 2021", "percent step", "Profit per share", 1, "one", "10%", "(0.55 - 0.5) / 0.5 × 100 = 10%"),
        ("in 2021", "average step", "Crew", 1, "one", "475 thousand", "(500 + 450) / 2 = 475 thousand"),
    ],
)
def test_operations_over_periods(question, operation, field, rank, form, answer, working):
    of = view(ACCOUNTS, turned=True)
    assert result(question, of, operation, field, rank=rank, form=form) == ((answer,), working)


def test_shares_and_ratios():
    of = view(ACCOUNTS)
    fuel = result("share of fuel", of, "share of total", of.names[1], form="one")
    assert fuel == (("37.5%",), "300 / 800 × 100 = 37.5%")
    ratio = result("fuel to crew", of, "ratio", of.names[1], form="either")
    assert ratio == (("0.6",), "300 / 500 = 0.6")


def test_operations_refuse_words_and_units_that_differ():
    lakes = (("Lake", "Depth", "Colour"), ("Ann", "40 m", "green"), ("Bea", "12 km", "blue"), ("Cis", "7 m", "grey"))
    of = view(lakes)
    assert result("Ann and Bea", of, "difference", "Depth", form="either") is None
    assert result("the depth", of, "sum", "Depth", form="all") is None
    assert result("the deepest", of, "most", "Lake", "Depth", form="all") is None
    assert result("Ann and Cis", of, "difference", "Depth", form="either")[0] == ("33 m",)
    assert result("the colours", of, "sum", "Colour", form="all") is None


def test_nothing_is_divided_by_nothing():
    of = view((("Shop", "2001", "2002"), ("North", "0", "5"), ("South", "4", "6")), turned=True)
    assert result("from 2001 to 2002", of, "percent change", "North", form="either") is None
    assert result("from 2001 to 2002", of, "percent change", "South", form="either")[0] == ("50%",)


@pytest.mark.parametrize("rows", [(), ((),), (("A", "B"),), (("", ""), ("", ""))])
def test_tables_without_rows_are_no_views(rows):
    assert list(views_of(element(rows), 0)) == []


def test_rows_of_unequal_length():
    of = view((("A", "B", "C"), ("x", "1"), ("y",), ("z", "2", "3")))
    assert of.records >= 2 and of.texts[2][0] == ""


def test_scale_is_taken_from_the_text_beside():
    rows = (("", "2020", "2021"), ("Sales", "5", "6"), ("Costs", "3", "4"))
    of = next(views_of(element(rows), 0, "All amounts are in millions of euros."))
    assert of.scale == 1e6


@pytest.mark.parametrize(
    ("question", "comparison", "number"),
    [
        ("ships with at least 40 crew", ">=", 40),
        ("more than 5 million visitors", ">", 5_000_000),
        ("colder than -100 degrees", "<", -100),
        ("12 or fewer masts", "<=", 12),
        ("after 1990", ">", 1990),
        ("with 7 masts", "=", 7),
    ],
)
def test_numbers_of_questions_and_what_compares_them(question, comparison, number):
    assert [(one.comparison, one.number) for one in read(question).amounts] == [(comparison, number)]


def test_tables_of_different_measures_are_not_turned():
    ships = (("Ship", "Length (m)", "Speed (kn)"), ("A", "10", "20"), ("B", "30", "15"))
    assert [one.turned for one in views_of(element(ships), 0)] == [False]
    sales = (("Ship", "Year to June 30, 2001", "Year to June 30, 2002"), ("A", "10", "20"), ("B", "30", "15"))
    assert [one.turned for one in views_of(element(sales), 0)] == [False, True]


def test_phrases_are_those_that_no_title_has() -> None:
    asked = read("How many tolls were paid after the great flood in May?")
    own, rest = set(phrases(asked)), set(phrases(asked, "Tolls after the great flood, by quarter"))
    assert rest < own
    assert own - rest == {zlib.crc32(one.encode()) for one in (
        "after", "the", "great", "flood", "paid after", "after the", "the great", "great flood", "flood in"
    )}  # fmt: skip
    assert set(phrases(asked, "Tolls paid in May")) == own, "two words in a row are no title repeated"


def test_the_trained_network_and_the_shipped_one_agree():
    """What torch trains is what numpy computes."""
    example = next(examples([TableQuestion("q", "How high is Corvo?", element(PEAKS), "", ("5,002",), "wtq")]))
    ranker = train([example] * 24, epochs=30, seed=1, say=lambda line: None)
    found = table_candidates(read("How high is Corvo?"), element(PEAKS), 0)
    scores = [ranker.scores(read("How high is Corvo?"), one) for one in found]
    best = choose(found, scores).best
    assert gold_of(example.asked, found[best[0]])[best[1]]


def test_of_a_wide_table_the_fields_that_are_named_are_read() -> None:
    names = ("Well", *(f"Layer {number}" for number in range(20)), "Salt content", "Depth of the water")
    wide = view((names, *((f"W{row}", *(str(row + place) for place in range(22))) for row in range(3))))
    chosen = [wide.names[place] for place in fields(read("What is the salt content of the water in W2?"), wide)]
    assert chosen[0] == "Well"
    assert {"Salt content", "Depth of the water"} <= set(chosen)
    assert len(chosen) == MOST_FIELDS


def test_a_label_that_is_said_whole_is_meant_before_longer_ones_that_share_more() -> None:
    longer = [f"Upper lock gate, {side} pier winch, rope" for side in ("east", "west", "north", "south", "middle")]
    table = view(
        (("Part", "Weight (t)"), *((label, str(place)) for place, label in enumerate([*longer, "Upper lock"])))
    )
    found = conditions(read("Which gate of the lock that is the upper one is old?"), table)
    like = [table.texts[0][one.records.bit_length() - 1] for one in found if one.form == "like"]
    assert "Upper lock" in like
    assert len(like) == 4


@pytest.mark.parametrize(
    ("words", "number", "comparison"),
    [
        ("more than fifteen", 15, ">"),
        ("at least twelve", 12, ">="),
        ("the third", 3, "="),
        ("below two million", 2e6, "<"),
    ],
)
def test_numbers_that_are_words_are_read(words: str, number: float, comparison: str) -> None:
    (amount,) = read(f"Which of the peaks has {words}?").amounts
    assert (amount.number, amount.comparison) == (number, comparison)


def test_a_row_that_sums_up_the_ones_above_is_a_total_whatever_it_is_called() -> None:
    """To the last digit that is printed: 0.1 + 0.2 is not 0.3 in binary."""
    rows = (("Part", "East (t)", "West (t)"), ("Keel", "0.1", "0.7"), ("Mast", "0.2", "0.1"), ("Boat", "0.3", "0.8"))
    assert view(rows).totals == 0b100
    assert view((*rows[:3], ("Boat", "0.3", "0.9"))).totals == 0
