"""Charts: the numbers drawn are the table's, the picture opens, and what the data does not hold is refused."""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from converter_checks import charts_show_the_numbers_of, pixels_of, svg_of

from generators.charts.chart import SPEC, Chart
from generators.charts.choice import Options
from generators.charts.plan import CHART_KINDS, ChartPlan, plan_chart
from generators.core.base import CannotConvert, Medium, Table
from generators.tables.cells import is_missing, is_time, parse
from generators.tables.columns import columns_of, table_of, table_of_frame
from generators.tables.numbers import Numbers, rows_in

PLANETS = Path(__file__).parents[1] / "examples" / "corpus" / "planets.csv"
INCOME = [
    ["(in millions)", "", "2021", "", "2022", "", "2023", ""],
    ["Revenue", "$", "1,200", "$", "1,450", "$", "1,620", ""],
    ["Cost of revenue", "", "(640)", "", "(700)", "", "(810", ")"],
    ["Net income (1)", "", "120", "", "180", "", "(40)", ""],
    ["Margin", "", "10%", "", "12.4%", "", "—", ""],
]
SALES = [
    ["Quarter", "Region", "Sales (units)"],
    *(
        [f"Q{quarter} 2024", region, str(100 * quarter + 50 * place)]
        for quarter in range(1, 5)
        for place, region in enumerate(("Europe", "Asia", "Americas"))
    ),
]


@pytest.fixture(scope="module")
def planets() -> Table:
    with PLANETS.open() as file:
        return table_of(list(csv.reader(file)), "The planets", "planets.csv")


def plan(data: list[list[str]] | Table, request: str = "", **options: Any) -> ChartPlan:
    table = data if isinstance(data, Table) else table_of(data, "Title", "report.pdf, page 7")
    return plan_chart(table, request, Options(**options))


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("1,234", 1234, ""),
        ("1 234 567", 1234567, ""),
        ("1.234.567,5", 1234567.5, ""),
        ("1,5", 1.5, ""),
        ("$ (1,234.5)", -1234.5, "$"),
        ("(12)%", -12, "%"),
        ("−65 °C", -65, "°C"),
        ("12.5 %", 12.5, "%"),
        ("1,234*", 1234, ""),
        ("1,234 (1)", 1234, ""),
        ("12¹", 12, ""),
        ("5.97 × 10²⁴ kg", 5.97e24, "kg"),
        ("€3.4bn", 3.4, "€ bn"),
        ("~5", 5, ""),
        (".5", 0.5, ""),
    ],
)
def test_numbers_as_written(cell: str, value: float, unit: str) -> None:
    number = parse(cell)
    assert number is not None
    assert (number.value, number.unit) == (value, unit)


@pytest.mark.parametrize("cell", ["", "—", "n/a", "hello", "10-12", "2 of 3", "10:30", "25th", "12)", "1,2,3", "1e400"])
def test_no_numbers(cell: str) -> None:
    assert parse(cell) is None


def test_more_commas_than_one_stand_between_thousands() -> None:
    mixed = parse("1,100 100,000")  # two cells that were read as one
    assert mixed is not None and mixed.value == 1_100_100_000


def test_missing_and_time() -> None:
    assert all(map(is_missing, ["", "—", "-", "N/A", "n.m.", "...", "$—"]))
    assert not any(map(is_missing, ["0", "none of it", "x"]))
    assert all(map(is_time, ["2023", "FY24", "Q1 2024", "March 31, 2024", "2024-01-31", "May", "Sol 12", "Monday"]))
    assert not any(map(is_time, ["Mars", "Mass", "Market", "12"]))


def test_split_headers_and_signs_are_put_together() -> None:
    table = table_of(INCOME)
    assert table.columns == ("(in millions)", "2021", "2022", "2023")
    assert [column.role for column in columns_of(table)] == ["label", "measure", "measure", "measure"]
    header = [["", "Diameter", "Mass"], ["Planet", "", ""], ["", "(km)", "(10^24 kg)"], ["Mars", "6,792", "0.642"]]
    assert table_of(header).columns == ("Planet", "Diameter (km)", "Mass (10^24 kg)")
    assert table_of([["Mars", "2"], ["Earth", "1"]]).rows == (("Mars", "2"), ("Earth", "1"))


def test_a_column_of_several_scales_is_brought_to_one() -> None:
    drawn = plan([["Body", "People"], ["A", "900 thousand"], ["B", "1.2 million"], ["C", "3 million"]])
    assert [point.value for point in drawn.points] == [900_000, 1_200_000, 3_000_000]


def test_the_numbers_drawn_are_the_tables(planets: Table) -> None:
    for column in columns_of(planets):
        if column.role == "measure":
            drawn = plan(planets, y=column.name)
            cells = dict(zip((row[0] for row in planets.rows), column.cells, strict=True))
            assert {point.label: point.value for point in drawn.points} == {
                name: float(cell) for name, cell in cells.items()
            }


def test_a_row_in_another_unit_is_left_out_and_named() -> None:
    drawn = plan(INCOME)
    assert drawn.kind == "grouped"
    assert {(point.label, point.series): point.value for point in drawn.points} == {
        ("Revenue", "2021"): 1200, ("Revenue", "2022"): 1450, ("Revenue", "2023"): 1620,
        ("Cost of revenue", "2021"): -640, ("Cost of revenue", "2022"): -700, ("Cost of revenue", "2023"): -810,
        ("Net income (1)", "2021"): 120, ("Net income (1)", "2022"): 180, ("Net income (1)", "2023"): -40,
    }  # fmt: skip
    assert drawn.left_out == ("Margin: 10%", "Margin: 12.4%", "Margin: —")
    assert drawn.y_title == "$ millions"


@pytest.mark.parametrize(
    ("request_", "kind", "y_title"),
    [
        ("chart moons by planet as a line", "line", "moons"),
        ("a bar chart of the temperature of each planet", "bar", "temperature"),
        ("histogram of density", "histogram", "Count"),
        ("plot gravity against mass", "scatter", "gravity"),
        ("area chart of the tilt", "area", "tilt"),
        ("show the distance as a pie", "pie", "distance"),
        ("compare the mass of Jupiter and Saturn", "bar", "mass"),
    ],
)
def test_a_request_in_words(planets: Table, request_: str, kind: str, y_title: str) -> None:
    drawn = plan(planets, request_)
    assert (drawn.kind, drawn.y_title) == (kind, y_title)
    assert drawn.source == "planets.csv"


@pytest.mark.parametrize(("asked", "along"), [("horizontal bars", "y"), ("vertical bars", "x"), ("bars", "x")])
def test_bars_lie_or_stand_as_asked(planets: Table, asked: str, along: str) -> None:
    made = Chart().convert(Medium.of_table(planets), f"{asked} of the density of the planets")
    spec = json.loads(made.others[SPEC])
    assert spec["vconcat"][0]["encoding"][along]["field"] == "label"


def test_a_unit_may_be_named_in_words() -> None:
    rows = [["Mission", "KG"], ["Apollo 11", "21.6"], ["Apollo 12", "34.3"]]
    assert [point.value for point in plan(rows, "a chart of the kilograms of rock").points] == [21.6, 34.3]
    rows[0][1] = "Size (km)"
    assert plan(rows, "bars of the kilometres per mission").y_title == "Size (km)"


def test_rows_that_are_named_and_the_largest(planets: Table) -> None:
    assert plan(planets, "compare the mass of Jupiter and Saturn").labels == ["Jupiter", "Saturn"]
    assert plan(planets, "the top 3 planets by moons").labels == ["Saturn", "Jupiter", "Uranus"]
    assert plan(planets, y="moons", sort="ascending").labels[-1] == "Saturn"
    assert plan(planets, y="moons", rows="Mars; Earth").labels == ["Earth", "Mars"]


DAMS = [
    ["Dam", "Dam height (m)", "Volume (million m³)"],
    ["Arlen", "52", "12"],
    ["Boro", "130", "95"],
    ["Cays", "88", "3"],
]
YEARS = [["Year", "Dam", "Dam volume", "Volume lost"], ["1990", "Arlen", "12", "3"], ["1991", "Boro", "13", "4"]]


@pytest.mark.parametrize(
    ("rows", "request_", "measure", "label"),
    [
        (DAMS, "plot the volume by dam", "Volume (million m³)", "Dam"),
        (DAMS, "the dam height per dam as bars", "Dam height (m)", "Dam"),
        (DAMS, "chart the volume of each dam", "Volume (million m³)", "Dam"),
        (YEARS, "plot the volume by dam", "Dam volume", "Dam"),
        (YEARS, "plot the dam volume by year", "Dam volume", "Year"),
        (YEARS, "draw the volume lost for each dam", "Volume lost", "Dam"),
    ],
)
def test_what_is_measured_and_what_names_the_marks(
    rows: list[list[str]], request_: str, measure: str, label: str
) -> None:
    drawn = plan(rows, request_)
    assert (drawn.y_title, drawn.x_title) == (measure, label)
    place = rows[0].index(measure)
    assert [point.value for point in drawn.points] == [float(row[place]) for row in rows[1:]]


@pytest.mark.parametrize(
    ("request_", "labels"),
    [
        ("only the two largest dams by volume", ["Boro", "Arlen"]),
        ("just the 2 smallest, volume by dam", ["Cays", "Arlen"]),
        ("the top two by volume", ["Boro", "Arlen"]),
        ("volume by dam", ["Arlen", "Boro", "Cays"]),
    ],
)
def test_so_many_of_the_largest_or_smallest(request_: str, labels: list[str]) -> None:
    assert plan(DAMS, request_).labels == labels


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.234.567", "12,5", "1.234"], [1234567, 12.5, 1234]),
        (["1.234", "300,25", "12,500"], [1234, 300.25, 12.5]),
        (["0,75", "2.000", "(3.500)"], [0.75, 2000, -3500]),
        (["1,234", "12.5", "3.456"], [1234, 12.5, 3.456]),
        (["1.234", "2.5", "3,5"], [1.234, 2.5, 3.5]),
        (["1.234", "5.678", "9.012"], [1.234, 5.678, 9.012]),
    ],
    ids=["commas", "a long decimal", "brackets", "points", "both, so unsure", "nothing to tell by"],
)
def test_a_point_beside_decimal_commas_stands_between_thousands(cells: list[str], numbers: list[float]) -> None:
    rows = [["Name", "Volume"], *([name, cell] for name, cell in zip("abc", cells, strict=True))]
    assert columns_of(table_of(rows))[1].numbers == tuple(numbers)
    beside = [
        ["Name", "Volume", "Share"],
        *([name, "1.250", cell] for name, cell in zip("ab", ["12,5", "7,25"], strict=True)),
    ]
    assert columns_of(table_of(beside))[1].numbers == (1250, 1250)


def test_scatter_takes_y_first(planets: Table) -> None:
    drawn = plan(planets, "plot gravity against mass")
    assert drawn.x_title == "mass"
    assert [(point.x, point.value) for point in drawn.points if point.label == "Mars"] == [(0.642, 3.7)]
    drawn = plan(planets, kind="scatter", x="moons", y="mass")
    assert (drawn.x_title, drawn.y_title) == ("moons", "mass")


def test_time_along_the_columns() -> None:
    drawn = plan(INCOME, "a line chart over time")
    assert drawn.labels == ["2021", "2022", "2023"]
    assert drawn.series == ["Revenue", "Cost of revenue", "Net income (1)"]
    one = plan(INCOME, "chart revenue by year")
    assert one.kind == "bar"
    assert [(point.label, point.value) for point in one.points] == [("2021", 1200), ("2022", 1450), ("2023", 1620)]
    assert one.y_title == "Revenue ($ millions)"


def test_a_second_column_of_words_is_the_colour() -> None:
    drawn = plan(SALES, "stacked bars")
    assert drawn.kind == "stacked"
    assert drawn.series == ["Europe", "Asia", "Americas"]
    assert drawn.series_title == "Region"
    assert plan(SALES).kind == "line"  # quarters are time


def test_totals_are_no_part_of_a_whole() -> None:
    rows = [["Planet", "Share"], ["Jupiter", "71%"], ["Others", "29%"], ["Total", "100%"]]
    assert plan(rows, "pie").labels == ["Jupiter", "Others"]
    assert plan(rows, "bars").labels == ["Jupiter", "Others", "Total"]


REFUSED = {
    "nothing": ([["a", "b"]], "", "no rows"),
    "no numbers": ([["a", "b"], ["x", "y"]], "", "no column of numbers"),
    "missing column": ([["Planet", "Moons"], ["Mars", "2"], ["Earth", "1"]], "chart density by planet", "density"),
    "one point": ([["Year", "Sales"], ["2023", "5"]], "line", "two points"),
    "one point, area": ([["Year", "Sales"], ["2023", "5"]], "area chart", "two points"),
    "one number": ([["a", "b"], ["x", "5"]], "histogram", "two different numbers"),
    "no second column": ([["a", "b"], ["x", "5"], ["y", "6"]], "scatter", "two columns"),
    "negative shares": ([["a", "b"], ["x", "5"], ["y", "-6"]], "pie", "shares"),
    "one slice": ([["a", "b"], ["x", "5"]], "pie", "slices"),
    "up and down": ([["a", "2021", "2022"], ["x", "5", "-5"]], "stacked", "do not stack"),
    "two units": ([["a", "Mass (kg)", "Length (m)"], ["x", "5", "6"]], "bars of mass and length", "different units"),
    "too many": ([["a", "b"], *([f"row {n}", str(n)] for n in range(200))], "bars", "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_data_does_not_hold_is_refused(name: str) -> None:
    rows, request, said = REFUSED[name]
    with pytest.raises(CannotConvert, match=said) as caught:
        plan(rows, request)
    assert caught.value.cure


def test_wrong_options_are_refused(planets: Table) -> None:
    for options, said in (
        ({"kind": "radar"}, "no chart called"),
        ({"y": "colour"}, "no column 'colour'"),
        ({"y": "air"}, "holds no numbers"),
        ({"x": "colour"}, "no column 'colour'"),
        ({"rows": "Pluto"}, "no row"),
    ):
        with pytest.raises(CannotConvert, match=said):
            plan(planets, **options)
    with pytest.raises(CannotConvert, match="no option 'colour'"):
        Chart().convert(Medium.of_table(planets), "", {"colour": "red"})
    with pytest.raises(CannotConvert, match="no table"):
        Chart().convert(Medium.of_text("hello"))
    with pytest.raises(CannotConvert, match="empty"):
        table_of([])


@pytest.mark.parametrize("kind", CHART_KINDS)
def test_every_kind_is_drawn(kind: str, planets: Table) -> None:
    by_region = kind in {"stacked", "grouped"}
    table = table_of(SALES, "Sales by region", "sales.csv") if by_region else planets
    columns = "Sales" if by_region else "moons;mass" if kind == "scatter" else "moons"
    made = Chart().convert(Medium.of_table(table), "", {"kind": kind, "y": columns})
    assert made.facts["chart"] == kind
    height, width, _ = pixels_of(made.data).shape
    assert width > 900
    assert height > 500
    words = " ".join(svg_of(made.others["image/svg+xml"]).itertext())
    assert f"Source: {table.source}" in words
    assert table.title in words
    spec = json.loads(made.others[SPEC])
    (values,) = spec["datasets"].values()
    assert [value["value"] for value in values] == [point["value"] for point in made.facts["points"]]
    assert kind == "pie" or ("Sales (units)" if by_region else "moons") in words


def test_gaps_between_years_are_drawn_as_gaps() -> None:
    rows = [["Year", "Craft"], ["1990", "1"], ["2000", "2"], ["2001", "3"]]
    made = Chart().convert(Medium.of_table(table_of(rows)), "line")
    assert '"field": "year"' in made.others[SPEC].decode()
    rows[-1][0] = "2010"
    made = Chart().convert(Medium.of_table(table_of(rows)), "line")
    assert '"field": "year"' not in made.others[SPEC].decode()


@pytest.mark.parametrize("kind", ["bar", "pie", "line", "scatter"])
def test_odd_characters_do_no_harm(kind: str) -> None:
    odd = "a\0b\x0b\udc80\uffff<b>&amp;\"'{}"
    rows = [[odd, f"{odd} 1", f"{odd} 2"], [odd, "1", "2"], [f"{odd}{odd}", "3", "4"]]
    table = Table(tuple(rows[0]), tuple(map(tuple, rows[1:])), odd, odd)
    options = {"kind": kind} if kind == "scatter" else {"kind": kind, "y": f"{odd} 1"}
    made = Chart().convert(Medium.of_table(table), "", options)
    assert "ab<b>&amp;\"'{}" in " ".join(svg_of(made.others["image/svg+xml"]).itertext())
    pixels_of(made.data)


def test_a_chart_is_described_and_can_be_made_again() -> None:
    table = table_of([["Planet", "Moons"], ["Mars", "2"], ["Earth", "1"]], "Moons.")
    made = Chart().convert(Medium.of_table(table), "bars please", {"sort": "ascending"})
    assert made.text == "Moons. Bar chart of Moons by Planet: Earth 1; Mars 2."
    again = Chart().convert(Medium.of_table(table), made.facts["request"], made.facts["options"])
    assert again.data == made.data
    json.dumps(made.facts)


def test_row_numbers_are_no_measure() -> None:
    rows = [["#", "Size"], ["1", "5"], ["2", "9"], ["3", "7"]]
    assert [(point.label, point.value) for point in plan(rows).points] == [("1", 5), ("2", 9), ("3", 7)]


def test_a_data_frame() -> None:
    pd: Any = pytest.importorskip("pandas")
    frame = pd.DataFrame({"planet": ["Mars", "Earth"], "moons": [2, None], "mass": [0.642, 5.97]})
    table = table_of_frame(frame, "Planets")
    assert table == Table(("planet", "moons", "mass"), (("Mars", "2.0", "0.642"), ("Earth", "", "5.97")), "Planets")
    assert table_of_frame(frame.set_index("planet")) == Table(table.columns, table.rows)
    assert [point.value for point in plan(table, "moons").points] == [2.0]
    with pytest.raises(CannotConvert, match="empty"):
        table_of_frame(frame[:0])


def test_labels_are_not_clipped() -> None:
    names = [f"A rather long name of a thing, number {number}" for number in range(5)]
    made = Chart().convert(Medium.of_table(table_of([["Thing", "Size"], *([name, "5"] for name in names)])))
    words = " ".join(svg_of(made.others["image/svg+xml"]).itertext())
    assert all(name in words for name in names)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("chart a: 3, b: 5", [["a", "3"], ["b", "5"]]),
        ("pie of rent: $1,200, food: 450 and fun: 90 as a pie", [["rent", "$1,200"], ["food", "450"], ["fun", "90"]]),
        ("Plot 2021: 5, 2022: 7.5, 2023: 9", [["2021", "5"], ["2022", "7.5"], ["2023", "9"]]),
        ("Draw a chart of Q1: 10%, Q2: 12%.", [["Q1", "10%"], ["Q2", "12%"]]),
        ("draw apples 3, pears 5, plums 7", [["apples", "3"], ["pears", "5"], ["plums", "7"]]),
        ("a = 3\nb = -4", [["a", "3"], ["b", "-4"]]),
    ],
)
def test_numbers_in_a_request(text: str, pairs: list[list[str]]) -> None:
    assert rows_in(text)[1:] == pairs


def test_tables_in_a_text() -> None:
    assert rows_in("Here:\n| a | b |\n|---|---|\n| x | 1 |") == [["a", "b"], ["x", "1"]]
    assert rows_in("name,value\nx,1\ny,2") == [["name", "value"], ["x", "1"], ["y", "2"]]
    for text in ("no numbers here", "it was on March 3, 2024", "7"):
        with pytest.raises(CannotConvert, match="no numbers with names"):
            Numbers().convert(Medium.of_text(text))


def test_filings() -> None:
    """Thirty tables of real filings. Needs the development data."""
    folder = os.environ.get("TRIPTYCH_TEST_FILINGS")
    if not folder:
        pytest.skip("set TRIPTYCH_TEST_FILINGS to a folder of PDF filings")
    tables = (table for path in sorted(Path(folder).rglob("*.pdf")) for table in _tables_in(path))
    drawn = (table for table in tables if charts_show_the_numbers_of(table))
    assert len(list(islice(drawn, 30))) == 30


def _tables_in(path: Path) -> Iterator[Table]:
    """The tables of a document that have rows under a header."""
    from retrievers.ingestion.assemble import Assembler
    from retrievers.parsers import open_document

    with open_document(path) as document:
        assembler = Assembler(path.name, "", document.title)
        for number in range(1, document.page_count + 1):
            for element in assembler.place(document.page(number)):
                if element.rows:
                    with suppress(CannotConvert):
                        yield table_of(element.rows, element.caption, f"{path.name}, page {number}")
