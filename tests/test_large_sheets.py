"""A sheet of any length is read whole, in memory that does not grow with it, and answered from by the right row."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import chain, count
from pathlib import Path

import pytest

from retrievers.parsers import open_document
from retrievers.parsers.sheets.tables import PART, Row, items

GROWTH = 8  # MB that six times as many rows may add: the file's own text
PEAK = """
import resource, sys
from pathlib import Path
from retrievers.parsers import open_document

document = open_document(Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def row(number: int) -> tuple[str, ...]:
    return (f"gauge-{number:06d}", *(str(number * factor % 9973) for factor in (7, 11, 13, 17, 19, 23)))


HEADER = ("gauge", "level", "flow", "salt", "heat", "wind", "haze")


def write_csv(path: Path, rows: int) -> None:
    lines = chain([HEADER], map(row, range(rows)))
    path.write_text("\n".join(map(",".join, lines)))


def write_xlsx(path: Path, rows: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Gauges")
    for cells in chain([HEADER], map(row, range(rows))):
        sheet.append(cells)
    book.save(path)


def peak(path: Path) -> int:
    """MB that a program needs at most to open the document."""
    run = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="its memory is measured in Linux's units")
@pytest.mark.parametrize(("write", "rows"), [(write_csv, 60_000), (write_xlsx, 12_000)])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, write: Callable[[Path, int], None], rows: int) -> None:
    suffix = write.__name__.removeprefix("write_")
    short, long = tmp_path / f"short.{suffix}", tmp_path / f"long.{suffix}"
    write(short, rows // 6)
    write(long, rows)
    assert peak(long) - peak(short) < GROWTH


def read(path: Path) -> list[tuple[str, ...]]:
    """All rows under all headers, in order."""
    with open_document(path) as document:
        pages = [document.page(number) for number in range(1, document.page_count + 1)]
    assert all(page.lost == 0.0 and not page.notes for page in pages)
    tables = [block for page in pages for block in page.blocks if block.kind == "table"]
    assert {block.rows[0] for block in tables} == {HEADER}
    return [cells for block in tables for cells in block.rows[1:]]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_every_row_is_there_once_and_in_order(tmp_path: Path, write: Callable[[Path, int], None]) -> None:
    path = tmp_path / f"a.{write.__name__.removeprefix('write_')}"
    write(path, 5 * PART + 7)
    assert read(path) == list(map(row, range(5 * PART + 7)))


def rows_of(cells: Callable[[int], list[str]], most: int, gap: int = 0) -> Iterator[Row]:
    yield Row(0, ["gauge", "level"])
    for number in range(most):
        yield Row(1 + number + (number // gap if gap else 0), cells(number))


def told(rows: Iterator[Row]) -> list[tuple[bool, tuple[str, ...], tuple[str, ...]]]:
    """Each body row with its header, and whether it is hidden."""
    return [(item.hidden, item.rows[0], cells) for item in items(rows) for cells in item.rows[1:]]


def test_a_table_with_empty_rows_in_it_goes_on() -> None:
    rows = told(rows_of(lambda number: [f"g{number}", f"{number} cm"], 3 * PART, gap=5))
    assert rows == [(False, ("gauge", "level"), (f"g{number}", f"{number} cm")) for number in range(3 * PART)]


def test_a_column_that_begins_far_down_is_kept() -> None:
    far = 2 * PART + 10
    rows = told(rows_of(lambda number: [f"g{number}", str(number), *["leaks"] * (number == far)], 3 * PART))
    assert [cells for _, _, cells in rows if "leaks" in cells] == [(f"g{far}", str(far), "leaks")]
    assert len(rows) == 3 * PART
    assert {header for _, header, _ in rows} == {("gauge", "level"), ("gauge", "level", "")}


def test_hidden_rows_far_down_are_hidden_and_a_remark_at_the_end_is_one() -> None:
    remark = "Levels are those of the night, in centimetres over the sill."

    def rows() -> Iterator[Row]:
        for line in rows_of(lambda number: [f"g{number}", str(number)], 2 * PART):
            yield Row(line.number, line.cells, hidden=line.number in (3, PART + 500))
        yield Row(2 * PART + 1, [remark])

    found = told(rows())
    assert sorted(cells[0] for hidden, _, cells in found if hidden) == [f"g{PART + 499}", "g2"]
    assert len(found) == 2 * PART
    assert [item.text for item in items(rows()) if item.kind == "text"] == [remark]


def test_two_long_tables_beside_each_other_stay_two() -> None:
    def rows() -> Iterator[Row]:
        yield Row(0, ["gauge", "level", "", "mast", "wind"])
        for number in range(1, 2 * PART):
            yield Row(number, [f"g{number}", str(number), "", *((f"m{number}", "9") if number < PART + 9 else ())])

    found = told(rows())
    assert sum(header == ("gauge", "level") for _, header, _ in found) == 2 * PART - 1
    assert sum(header == ("mast", "wind") for _, header, _ in found) == PART + 8


def test_an_endless_sheet_is_told_as_it_comes() -> None:
    def rows() -> Iterator[Row]:
        yield Row(0, ["gauge", "level"])
        yield from (Row(number, [f"g{number}", str(number)]) for number in count(1))

    first = next(items(rows()))
    assert first.rows[:2] == (("gauge", "level"), ("g1", "1"))
