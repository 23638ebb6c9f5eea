"""Columns of prose beside tables and charts, and tables across both columns of a page."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from retrievers.elements import Block
from retrievers.parsers import open_document

FONT, SIZE = "Helvetica", 9
STORY = (
    "The ferry crosses the sound nine times a day in summer and four times in winter. Most who take it work on the "
    "island, where two shipyards and a cannery have stood since the harbour was deepened. In the last years more "
    "visitors came as well, many of them by bicycle, and the council has asked for a second ship. Whether it is bought "
    "depends on a vote in spring, for the subsidy would have to be paid by both sides of the water alike. "
)
HEAD = ("Season", "Trips", "Guests", "Fare")
ROWS = (("Spring", "41", "1,204", "12.5"), ("Summer", "97", "3,377", "18.1"), ("Autumn", "52", "1,910", "11.0"))


def blocks_of(path: Path, draw: Callable[[Canvas], None]) -> list[Block]:
    canvas = Canvas(str(path), pagesize=(600, 800))
    draw(canvas)
    canvas.save()
    with open_document(path) as document:
        return [*document.page(1).blocks]


def prose(canvas: Canvas, x: float, y: float, width: float, times: int = 1, leading: float = 12) -> None:
    canvas.setFont(FONT, SIZE)
    for number, line in enumerate(simpleSplit(STORY * times, FONT, SIZE, width)):
        canvas.drawString(x, y - leading * number, line)


def rows(canvas: Canvas, lines: Sequence[Sequence[str]], xs: Sequence[float], y: float, leading: float = 12) -> None:
    canvas.setFont(FONT, 8)
    for number, cells in enumerate(lines):
        for x, cell in zip(xs, cells, strict=True):
            canvas.drawString(x, y - leading * number, cell)


def one(blocks: Sequence[Block], kind: str) -> Block:
    (block,) = [block for block in blocks if block.kind == kind]
    return block


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("start", [700, 694, 689])
def test_a_table_beside_a_narrow_column_holds_none_of_its_lines(tmp_path: Path, left: bool, start: float) -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, 60 if left else 370, 720, 170)
        rows(
            canvas,
            (("Season", "Trips", "Guests", "Fare"), *ROWS),
            [x + (280 if left else 60) for x in (0, 80, 130, 190)],
            start,
        )

    blocks = blocks_of(tmp_path / "beside.pdf", draw)
    assert one(blocks, "table").rows == (HEAD, *ROWS)
    assert one(blocks, "text").text == STORY.strip()


def test_a_table_whose_cells_are_long_stays_one(tmp_path: Path) -> None:
    """Its lines are level with each other, as those of a column and of what only stands beside it are not."""
    texts = simpleSplit(STORY, FONT, SIZE, 170)[:6]

    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, SIZE)
        for number, text in enumerate(texts):
            canvas.drawString(60, 700 - 14 * number, text)
            for x, value in ((300, 11), (380, 23), (450, 37)):
                canvas.drawString(x, 700 - 14 * number, f"{value * (number + 2)}")

    table = one(blocks_of(tmp_path / "long.pdf", draw), "table")
    assert [row[0] for row in table.rows] == texts


def test_two_columns_are_read_one_after_the_other_though_a_table_fills_most_of_one(tmp_path: Path) -> None:
    values = [(f"Berth {n}", f"{n * 31}", f"{n * 17}", f"{n * 5}") for n in range(1, 31)]

    def draw(canvas: Canvas) -> None:
        rows(canvas, values, (60, 130, 180, 230), 740)
        prose(canvas, 60, 340, 230)
        prose(canvas, 320, 740, 230, times=3)

    blocks = blocks_of(tmp_path / "columns.pdf", draw)
    assert one(blocks, "table").rows == tuple(values)
    assert [block.text for block in blocks if block.kind == "text"] == [STORY.strip(), (STORY * 3).strip()]


def test_a_wide_table_over_two_columns_is_not_cut_in_two(tmp_path: Path) -> None:
    """Though none of its cells lies across the gutter; its caption does."""
    head = ("Pier", "Boats", "Tons", "Crew", "Fee", "Days")
    caption = "Table 1: What was counted at the six piers of the old harbour, from the first of May to the"
    values = [(f"Pier {n}", *(f"{n * 11 * m}" for m in range(1, 6))) for n in range(1, 7)]

    def draw(canvas: Canvas) -> None:
        rows(canvas, (head, *values), (60, 140, 220, 330, 420, 510), 740)
        canvas.setFont(FONT, SIZE)
        canvas.drawString(60, 650, caption)
        canvas.drawString(60, 638, "last of September.")
        prose(canvas, 60, 600, 230)
        prose(canvas, 320, 600, 230)

    blocks = blocks_of(tmp_path / "wide.pdf", draw)
    table = one(blocks, "table")
    assert table.rows == (head, *values)
    assert table.caption.endswith("to the last of September.")
    assert [block.text for block in blocks if block.kind == "text"] == [STORY.strip()] * 2


def test_two_tables_side_by_side_stay_two(tmp_path: Path) -> None:
    """Right under a line across both; their rows are not level."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, SIZE)
        canvas.drawString(
            60, 754, "What was counted on the quays of the two harbours, the northern one at the left, by season"
        )
        rows(canvas, ROWS, (60, 130, 190, 250), 740)
        rows(canvas, ROWS, (320, 390, 450, 510), 736)
        prose(canvas, 60, 660, 230)
        prose(canvas, 320, 655, 230)

    blocks = blocks_of(tmp_path / "two.pdf", draw)
    assert [block.rows for block in blocks if block.kind == "table"] == [ROWS, ROWS]
