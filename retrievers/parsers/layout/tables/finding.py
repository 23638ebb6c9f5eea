"""Tables from the places of words alone, ruled or not: which rows of a page may be one."""

from collections.abc import Iterator, Sequence

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import as_line, rows_of
from retrievers.parsers.layout.tables.cells import cells_in
from retrievers.parsers.layout.tables.columns import table_of
from retrievers.parsers.layout.tables.headers import header_within, stands_over
from retrievers.parsers.layout.tables.no_tables import is_contents, is_signature, with_mark
from retrievers.parsers.layout.tables.ordered import names_all
from retrievers.parsers.layout.tables.runs import MIN_CELLS, table_runs
from retrievers.parsers.layout.tables.table import Table

MIN_ROWS = 3
MOST_OVER = 2  # lone lines over a table that belong to its header


def find_tables(lines: Sequence[Line], rules: Sequence[Box] = ()) -> tuple[list[Table], list[Line]]:
    """Tables, and the lines that belong to none. `rules` are drawn lines: under a group of columns they say how far it
    reaches."""
    tables: list[Table] = []
    rest: list[list[Line]] = []
    whole: dict[int, Line] = {}  # of which line a cell is a piece
    rows = [[cell for line in row for cell in _cells(line, whole)] for row in rows_of(lines)]
    for run in _split(table_runs(rows)):
        over = _over(rest, run, rules)
        tabular = sum(len(row) >= MIN_CELLS for row in run) >= MIN_ROWS
        beside = tabular and (is_contents(run) or is_signature(run))
        table = table_of([*over, *run], rules) if tabular and not beside else None
        if table is None:
            lines_of_rows = ([*{id(whole[id(cell)]): whole[id(cell)] for cell in row}.values()] for row in run)
            rest.extend([as_line(row)] if beside else with_mark(row) for row in lines_of_rows)
        else:
            tables.append(table)
            del rest[len(rest) - len(over) :]
    return tables, [line for row in rest for line in row]


def _cells(line: Line, whole: dict[int, Line]) -> list[Line]:
    """The cells of a line, and in `whole`, for each, that it is a piece of this one."""
    cells = cells_in(line)
    whole.update((id(cell), line) for cell in cells)
    return cells


def _split(runs: Sequence[list[list[Line]]]) -> Iterator[list[list[Line]]]:
    """The same, cut before second headers, and lone lines before those apart."""
    for run in runs:
        rest = run
        while place := header_within(rest):
            end = place
            while len(rest[end - 1]) == 1:
                end -= 1
            yield from (rest[:end], rest[end:place])
            rest = rest[place:]
        yield rest


def _over(above: Sequence[list[Line]], run: Sequence[list[Line]], rules: Sequence[Box]) -> list[list[Line]]:
    """Lone lines right above a table that name groups of its columns."""
    over: list[list[Line]] = []
    for row in reversed(above[-MOST_OVER:]):
        if not stands_over(row, [*over, *run], rules) and not names_all(row, [*over, *run]):
            break
        over.insert(0, row)
    return over
