"""A table over several pages has its header on each of them, and no other table gets it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from retrievers.elements import Block, Box, CellBoxes, Element, Page, Rows
from retrievers.ingestion.assemble import Assembler
from retrievers.marks import cell_box
from retrievers.parsers import open_document
from retrievers.parsers.layout.tables.table import to_text

GRID = ("GRID", (0, 0), (-1, -1), 0.5, "black")
HEADER = ("Lock", "Built", "Gates")
LOCKS = tuple((f"Lock {n}", f"{n * 3} ft", str(n % 7 + 2)) for n in range(62))
WORDS = tuple((f"Keeper {'abcdefgh'[n % 8]}", "lives at the lock", "by day") for n in range(62))


def tables_of(path: Path, stop: int = 0) -> list[Element]:
    """Stopped and resumed after page `stop`."""
    with open_document(path) as document:
        assembler = Assembler(path.name, "0", "")
        found: list[Element] = []
        for number in range(1, document.page_count + 1):
            found += assembler.place(document.page(number))
            if number == stop:
                resumed = Assembler(path.name, "0", "")
                resumed.restore(assembler.state())
                assembler = resumed
    return [element for element in found if element.kind == "table"]


def drawn(rows: Sequence[Sequence[str]], *styles: tuple[object, ...], widths: Sequence[int] = (90, 90, 60)) -> Table:
    return Table([list(row) for row in rows], style=TableStyle(list(styles)), colWidths=list(widths))


def numbered(canvas: Canvas, _: object) -> None:
    canvas.drawString(70, 20, f"Leaf {canvas.getPageNumber()}")


def built(path: Path, *parts: Flowable, numbers: bool = False) -> Path:
    SimpleDocTemplate(str(path), pagesize=(420, 420)).build(
        list(parts), **({"onFirstPage": numbered, "onLaterPages": numbered} if numbers else {})
    )
    return path


@pytest.mark.parametrize("styles", [(GRID,), ()])
@pytest.mark.parametrize("rows", [LOCKS, WORDS])
@pytest.mark.parametrize("numbers", [True, False])
def test_each_part_has_the_header(
    tmp_path: Path, styles: tuple[tuple[object, ...], ...], rows: Rows, numbers: bool
) -> None:
    parts = tables_of(built(tmp_path / "a.pdf", drawn((HEADER, *rows), *styles), numbers=numbers))
    assert len({part.page for part in parts}) > 2
    assert all(part.rows[0] == HEADER for part in parts)
    assert tuple(row for part in parts for row in part.rows[1:]) == rows
    assert all("Gates" in part.text for part in parts)


@pytest.mark.parametrize("stop", [1, 2])
def test_it_goes_on_where_ingestion_was_stopped(tmp_path: Path, stop: int) -> None:
    parts = tables_of(built(tmp_path / "a.pdf", drawn((HEADER, *LOCKS), GRID)), stop)
    assert all(part.rows[0] == HEADER for part in parts)


@pytest.mark.parametrize("styles", [(GRID,), ()])
def test_a_header_that_is_repeated_is_there_once(tmp_path: Path, styles: tuple[tuple[object, ...], ...]) -> None:
    table = Table([HEADER, *LOCKS], style=TableStyle(list(styles)), colWidths=90, repeatRows=1)
    parts = tables_of(built(tmp_path / "a.pdf", table))
    assert tuple(row for part in parts for row in part.rows[1:]) == LOCKS


def test_the_caption_goes_with_it_and_the_header_has_no_place(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["Normal"]
    caption = Paragraph("Table 2: Locks of the canal.", style)
    parts = tables_of(built(tmp_path / "a.pdf", caption, drawn((HEADER, *LOCKS), GRID)))
    assert parts[0].caption == "Table 2: Locks of the canal."
    assert {part.caption for part in parts[1:]} == {"Table 2: Locks of the canal. (continued)"}
    assert cell_box(parts[1], 0, 1) == parts[1].box
    assert cell_box(parts[1], 1, 1) != parts[1].box


def test_columns_that_are_empty_on_the_later_page_stay_columns(tmp_path: Path) -> None:
    rows = [list(row) for row in LOCKS]
    for row in rows[17:34]:
        row[1] = ""
    parts = tables_of(built(tmp_path / "a.pdf", drawn([HEADER, *rows])))
    assert all(part.rows[0] == HEADER for part in parts)
    assert ["Lock 30", "", "4"] in [list(row) for part in parts for row in part.rows]


def other(widths: Sequence[int] = (90, 90, 60), header: Sequence[str] = ()) -> Table:
    rows = [(f"Weir {n}", f"{n * 2} ft", str(n % 5 + 1)) for n in range(8)]
    return drawn([header, *rows] if header else rows, GRID, widths=widths)


STYLE = getSampleStyleSheet()
BETWEEN: dict[str, tuple[Flowable, ...]] = {
    "other columns": (other(widths=(40, 60, 140)),),
    "text": (Paragraph("The weirs below were all built later by the town.", STYLE["Normal"]), Spacer(1, 12), other()),
    "heading": (Paragraph("Weirs", STYLE["Heading2"]), other()),
    "caption": (Paragraph("Table 3: Weirs.", STYLE["Normal"]), other()),
    "a header": (other(header=("Weir", "Height", "Sluices")),),
}


@pytest.mark.parametrize("between", BETWEEN)
def test_another_table_does_not_get_it(tmp_path: Path, between: str) -> None:
    first = (Paragraph("Table 2: Locks.", STYLE["Normal"]), drawn((HEADER, *LOCKS[:13]), GRID))
    parts = tables_of(built(tmp_path / "a.pdf", *first, PageBreak(), *BETWEEN[between]))
    assert [part.page for part in parts] == [1, 2]
    assert HEADER not in parts[1].rows
    assert "Locks" not in parts[1].caption


def test_a_table_that_ends_high_on_its_page_is_over(tmp_path: Path) -> None:
    parts = tables_of(built(tmp_path / "a.pdf", drawn((HEADER, *LOCKS[:3]), GRID), PageBreak(), other()))
    assert HEADER not in parts[1].rows


def test_a_table_without_a_header_hands_on_none(tmp_path: Path) -> None:
    parts = tables_of(built(tmp_path / "a.pdf", drawn(LOCKS, GRID)))
    assert tuple(row for part in parts for row in part.rows) == LOCKS


def test_a_sideways_table_goes_on_too(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    c = Canvas(str(path), pagesize=(400, 500))
    for rows in ((HEADER, *LOCKS[:12]), LOCKS[12:24]):
        c.translate(380, 60)
        c.rotate(90)
        table = drawn(rows)
        table.wrapOn(c, 400, 400)
        table.drawOn(c, 0, 40)
        c.showPage()
    c.save()
    second = tables_of(path)[1]
    assert second.rows == (HEADER, *LOCKS[12:24])
    assert isinstance(cell_box(second, 1, 0), Box)


@pytest.mark.parametrize("placed", [True, False])
def test_a_long_table_is_cut_between_its_rows_each_piece_where_its_rows_stand(placed: bool) -> None:
    rows = (HEADER, *((f"Lock {n}", f"built in {1800 + n} by the harbour company", "2 gates") for n in range(60)))
    whole = Box(0.1, 0.0, 0.9, 0.61)
    boxes = tuple(Box(0.1, n / 100, 0.9, (n + 1) / 100) for n in range(61))
    cells = CellBoxes(boxes, (Box(0.1, 0.0, 0.5, 0.61), Box(0.5, 0.0, 0.7, 0.61), Box(0.7, 0.0, 0.9, 0.61)))
    block = Block("table", to_text(rows), whole, rows=rows, cells=cells if placed else None)
    found = Assembler("locks.txt", "0", "").place(Page(1, [block]))
    parts = [element for element in found if element.kind == "table"]
    assert len(parts) > 1
    assert all(part.rows[0] == HEADER for part in parts)
    assert tuple(row for part in parts for row in part.rows[1:]) == rows[1:]
    first, last = 1, 1
    for part in parts:
        first, last = last, last + len(part.rows) - 1
        top, bottom = (first / 100, last / 100) if placed else (0.61 * (first - 1) / 60, 0.61 * (last - 1) / 60)
        assert (part.box.y0, part.box.y1) == pytest.approx((top, bottom), abs=1e-4)
