"""Tables whose cells are bounded by drawn rules."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from retrievers.elements import Block
from retrievers.parsers import open_document
from retrievers.parsers.layout.tables.ruled import find_grids

GRID = ("GRID", (0, 0), (-1, -1), 0.5, "black")


def tables_of(path: Path, *parts: Flowable) -> list[Block]:
    SimpleDocTemplate(str(path)).build(list(parts))
    with open_document(path) as document:
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
    return [block for page in pages for block in page.blocks if block.kind == "table"]


def drawn(rows: Sequence[Sequence[object]], *styles: tuple[object, ...], **fields: object) -> Table:
    return Table([list(row) for row in rows], style=TableStyle(list(styles)), **fields)


@pytest.mark.parametrize("rules", [GRID, ("INNERGRID", (0, 0), (-1, -1), 0.5, "black")])
def test_a_wrapped_cell_stays_one(tmp_path: Path, rules: tuple[object, ...]) -> None:
    style = getSampleStyleSheet()["Normal"]
    plant = Paragraph("Grows on wet meadows near the river and flowers from May until the first days of July", style)
    rows = [["Plant", "Habitat"], ["Marsh orchid", plant], ["Sundew", Paragraph("Bogs", style)]]
    (table,) = tables_of(tmp_path / "wrapped.pdf", drawn(rows, rules, colWidths=[100, 180]))
    assert table.rows[1] == ("Marsh orchid", plant.text)
    assert table.rows[2] == ("Sundew", "Bogs")


@pytest.mark.parametrize("years", [("2023", "2024"), ("Before the flood", "After the flood")])
def test_a_header_of_two_rows_becomes_one_per_column(tmp_path: Path, years: tuple[str, str]) -> None:
    rows = [
        ["Mill", years[0], "", years[1], ""],
        ["", "Rye", "Oats", "Rye", "Oats"],
        ["Upper", "11", "12", "13", "14"],
        ["Lower", "21", "22", "23", "24"],
    ]
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0)), ("SPAN", (3, 0), (4, 0))]
    (table,) = tables_of(tmp_path / "header.pdf", drawn(rows, GRID, *spans, colWidths=90))
    assert table.rows[0] == ("Mill", *(f"{year} {crop}" for year in years for crop in ("Rye", "Oats")))
    assert table.rows[1:] == (("Upper", "11", "12", "13", "14"), ("Lower", "21", "22", "23", "24"))


@pytest.mark.parametrize("span", [((0, 1), (0, 2)), ((0, 2), (0, 3))])
def test_what_spans_rows_is_repeated_in_each(tmp_path: Path, span: tuple[tuple[int, int], tuple[int, int]]) -> None:
    rows = [["Region", "Site", "Wells"], ["North", "Ash", "3"], ["North", "Elm", "5"], ["North", "Fir", "8"]]
    shown = [list(row) for row in rows]
    shown[span[1][1]][0] = ""
    (table,) = tables_of(tmp_path / "spans.pdf", drawn(shown, GRID, ("SPAN", *span)))
    assert table.rows == tuple(map(tuple, rows))


def test_a_row_over_all_columns_is_the_caption(tmp_path: Path) -> None:
    rows = [["Wells of the valley", ""], ["Site", "Depth"], ["Ash", "31 m"], ["Elm", "44 m"]]
    (table,) = tables_of(tmp_path / "title.pdf", drawn(rows, GRID, ("SPAN", (0, 0), (1, 0)), colWidths=120))
    assert table.caption == "Wells of the valley"
    assert table.rows == (("Site", "Depth"), ("Ash", "31 m"), ("Elm", "44 m"))


@pytest.mark.parametrize("count", [60, 100])
def test_a_table_over_several_pages_keeps_its_last_rows(tmp_path: Path, count: int) -> None:
    rows = [["Barge", "Tons"], *([f"No. {n}", f"{n * 7}"] for n in range(count))]
    tables = tables_of(tmp_path / "barges.pdf", drawn(rows, GRID))
    assert [row for table in tables for row in table.rows] == [tuple(row) for row in rows]


@pytest.mark.parametrize("width", [34, 40])
def test_narrow_cells_are_parted_by_their_rule(tmp_path: Path, width: int) -> None:
    rows = [["Lot 1", "11"], ["Lot 2", "12"], ["Lot 3", "13"]]
    (table,) = tables_of(tmp_path / "narrow.pdf", drawn(rows, GRID, colWidths=[width, 30]))
    assert table.rows == tuple(map(tuple, rows))


def test_sideways_rules_bound_cells_too(tmp_path: Path) -> None:
    c = Canvas(str(tmp_path / "sideways.pdf"), pagesize=(600, 800))
    c.translate(300, 200)
    c.rotate(90)
    table = drawn([["Kiln", "Bricks"], ["North", "74"], ["South", "80"]], GRID)
    table.wrapOn(c, 400, 400)
    table.drawOn(c, 0, 0)
    c.save()
    with open_document(tmp_path / "sideways.pdf") as document:
        (block,) = [block for block in document.page(1).blocks if block.kind == "table"]
    assert block.rows == (("Kiln", "Bricks"), ("North", "74"), ("South", "80"))


@pytest.mark.parametrize("cells", [(1, 1), (4, 4)])
def test_frames_and_nets_are_no_tables(tmp_path: Path, cells: tuple[int, int]) -> None:
    c = Canvas(str(tmp_path / "frame.pdf"), pagesize=(600, 800))
    c.grid(
        [60 + 480 / cells[0] * n for n in range(cells[0] + 1)], [500 + 200 / cells[1] * n for n in range(cells[1] + 1)]
    )
    c.drawString(70, 690, "The surveyor walked the whole of the bank and back.")
    c.save()
    with open_document(tmp_path / "frame.pdf") as document:
        assert [block.kind for block in document.page(1).blocks] == ["text"]


@pytest.mark.parametrize("columns", [0, 1])
def test_no_lattice_without_two_rows_and_two_columns(columns: int) -> None:
    from retrievers.elements import Box

    rules = [Box(0.1, y, 0.9, y) for y in (0.1, 0.2, 0.3)] + [Box(0.1, 0.1, 0.1, 0.3)] * columns
    assert find_grids(rules) == []


@pytest.mark.parametrize(
    "marks", ["-----", ("1.", "2.", "3.", "4.", "5."), ("(a)", "(b)", "(c)", "(d)", "(e)"), "12345"]
)
def test_marks_of_a_list_and_numbers_of_lines_make_no_table(tmp_path: Path, marks: Sequence[str]) -> None:
    c = Canvas(str(tmp_path / "list.pdf"), pagesize=(600, 800))
    for row, mark in enumerate(marks):
        c.drawString(60, 700 - 24 * row, mark)
        c.drawString(100, 700 - 24 * row, f"The tenant of plot {row} mends the fence in spring.")
    c.save()
    with open_document(tmp_path / "list.pdf") as document:
        blocks = document.page(1).blocks
    assert {block.kind for block in blocks} == {"text"}
    assert all(f"plot {row} mends" in " ".join(block.text for block in blocks) for row in range(len(marks)))


@pytest.mark.parametrize("label", ["Owner:", "Name of the person who pays"])
def test_a_label_is_read_before_its_value(tmp_path: Path, label: str) -> None:
    c = Canvas(str(tmp_path / "form.pdf"), pagesize=(600, 800))
    for row, value in enumerate(("Ada Penrow", "Quay 7")):
        c.setFont("Helvetica", 10)
        c.drawString(60, 700 - 60 * row, label if row == 0 else "Berth:")
        c.setFont("Helvetica", 14)
        c.drawString(300, 701 - 60 * row, value)
    c.save()
    with open_document(tmp_path / "form.pdf") as document:
        texts = [block.text for block in document.page(1).blocks]
    assert texts == [label, "Ada Penrow", "Berth:", "Quay 7"]
