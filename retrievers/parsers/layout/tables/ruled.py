"""Tables whose cells are bounded by drawn rules: the lattice of the rules, and the lines of text in its cells.

As in Nurminen, "Algorithmic extraction of data in tables in PDF documents" (2013): edges are merged and crossed, and a
cell is what no edge divides. Knows nothing of file formats; boxes are in page units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrievers.elements import Box, CellBoxes
from retrievers.parsers.layout.lines import Line, join_lines
from retrievers.parsers.layout.rows import rows_of
from retrievers.parsers.layout.tables.cells import cells_in
from retrievers.parsers.layout.tables.headers import is_value
from retrievers.parsers.layout.tables.rules import SNAP, joined_rules
from retrievers.parsers.layout.tables.table import Table

COVERED = 0.8  # share of a cell's side that is drawn
FILLED = 0.4  # share of cells with words; grids of charts and forms have fewer
MIN_FILLED = 4
CELL_TEXT = 600  # characters; longer text is a page's layout, not a table
MAX_CELLS = 5_000
GROUPED = 0.5  # share of the cells with values


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines of a lattice, and which of its spaces belong together: `regions[row][column]` is a cell's number."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[tuple[int, ...], ...]

    @property
    def box(self) -> Box:
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def row(self, first: int, last: int) -> Box:
        """Around the rows from `first` to `last`."""
        return self.box._replace(y0=self.ys[first], y1=self.ys[last + 1])

    def column(self, place: int) -> Box:
        return self.box._replace(x0=self.xs[place], x1=self.xs[place + 1])


def ruled_tables(lines: Sequence[Line], rules: Sequence[Box]) -> tuple[list[Table], list[Line]]:
    """Tables that are drawn, and the lines that belong to none."""
    tables: list[Table] = []
    rest = list(lines)
    for grid in find_grids(rules):
        inside = [line for line in rest if line.box.overlap(grid.box) > 0.5]
        table = _table(grid, inside)
        if table is not None:
            tables.append(table)
            taken = {id(line) for line in inside}
            rest = [line for line in rest if id(line) not in taken]
    return tables, rest


def find_grids(rules: Sequence[Box]) -> list[Grid]:
    """Lattices of at least two rows and two columns, top to bottom."""
    across = joined_rules([rule for rule in rules if rule.x1 - rule.x0 >= rule.y1 - rule.y0])
    down = [_flipped(rule) for rule in joined_rules([_flipped(r) for r in rules if r.x1 - r.x0 < r.y1 - r.y0])]
    grids = (_grid(*group) for group in _groups(across, down))
    return sorted((grid for grid in grids if grid is not None), key=lambda grid: grid.box.y0)


def _flipped(box: Box) -> Box:
    return Box(box.y0, box.x0, box.y1, box.x1)


def _groups(across: Sequence[Box], down: Sequence[Box]) -> Iterator[tuple[list[Box], list[Box]]]:
    """Rules that cross each other, directly or by way of others."""
    free_across, free_down = list(across), list(down)
    while free_down:
        rows, columns, fresh = [], [free_down.pop()], True
        while fresh:
            found_rows = [rule for rule in free_across if any(_cross(rule, column) for column in columns)]
            free_across = [rule for rule in free_across if rule not in found_rows]
            rows += found_rows
            found_columns = [rule for rule in free_down if any(_cross(row, rule) for row in rows)]
            free_down = [rule for rule in free_down if rule not in found_columns]
            columns += found_columns
            fresh = bool(found_rows or found_columns)
        if rows:
            yield rows, columns


def _cross(row: Box, column: Box) -> bool:
    return row.x0 - SNAP <= column.x0 <= row.x1 + SNAP and column.y0 - SNAP <= row.y0 <= column.y1 + SNAP


def _grid(rows: Sequence[Box], columns: Sequence[Box]) -> Grid | None:
    """None where no lattice of two by two spaces comes of it. A table may lack its outer sides."""
    ys = _snapped([*(row.y0 for row in rows), min(c.y0 for c in columns), max(c.y1 for c in columns)])
    xs = _snapped([*(column.x0 for column in columns), min(r.x0 for r in rows), max(r.x1 for r in rows)])
    if len(xs) < 3 or len(ys) < 3 or len(xs) * len(ys) > MAX_CELLS:
        return None
    parent = list(range((len(ys) - 1) * (len(xs) - 1)))

    def root(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    width = len(xs) - 1
    for row, (top, bottom) in enumerate(pairwise(ys)):
        for column, (left, right) in enumerate(pairwise(xs)):
            here = row * width + column
            if column and not _drawn(columns, left, top, bottom):
                parent[root(here)] = root(here - 1)
            if row and not _drawn([_flipped(r) for r in rows], top, left, right):
                parent[root(here)] = root(here - width)
    regions = tuple(tuple(root(row * width + column) for column in range(width)) for row in range(len(ys) - 1))
    return Grid(tuple(xs), tuple(ys), regions)


def _snapped(places: Sequence[float]) -> list[float]:
    out: list[float] = []
    for place in sorted(places):
        if not out or place - out[-1] > SNAP:
            out.append(place)
    return out


def _drawn(rules: Sequence[Box], x: float, start: float, end: float) -> bool:
    """Whether vertical rules at `x` cover most of the way from `start` to `end`."""
    covered = sum(max(0.0, min(rule.y1, end) - max(rule.y0, start)) for rule in rules if abs(rule.x0 - x) <= SNAP)
    return covered >= COVERED * (end - start)


def _table(grid: Grid, lines: Sequence[Line]) -> Table | None:
    """The words in the cells of `grid`; None when it is no table: a frame, the net of a chart, an empty form."""
    cells: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        row = _place(grid.ys, (line.box.y0 + line.box.y1) / 2)
        column = _place(grid.xs, (line.box.x0 + line.box.x1) / 2)
        cells[grid.regions[row][column]].append(line)
    numbers = {number for row in grid.regions for number in row}
    if len(cells) < max(MIN_FILLED, FILLED * len(numbers)) or _divided(grid, cells):
        return None
    texts = {number: _text(found) for number, found in cells.items()}
    if max(map(len, texts.values())) > CELL_TEXT:
        return None
    rows = [tuple(texts.get(number, "") for number in row) for row in grid.regions]
    filled = [row for row in rows if any(row)]
    columns = [place for place in range(len(rows[0])) if any(row[place] for row in rows)]
    if len(filled) < 2 or len(columns) < 2:
        return None
    title, depth = _head(grid)
    head = [row for row in rows[title:depth] if any(row)]
    shown = [(_one_header(head), grid.row(title, depth - 1))] if head else []
    shown += [(row, grid.row(place, place)) for place, row in enumerate(rows[depth:], depth) if any(row)]
    boxes = CellBoxes(tuple(box for _, box in shown), tuple(map(grid.column, columns)))
    caption = rows[0][0] if title else ""
    return Table(grid.box, tuple(tuple(row[place] for place in columns) for row, _ in shown), boxes, caption)


def _place(edges: Sequence[float], value: float) -> int:
    return min(max(sum(edge <= value for edge in edges) - 1, 0), len(edges) - 2)


def _text(lines: Sequence[Line]) -> str:
    return join_lines([line.text for row in rows_of(lines) for line in row])[0]


def _divided(grid: Grid, cells: dict[int, list[Line]]) -> bool:
    """Whether cells hold columns of values, so that the rules bound no rows."""
    stacked: Counter[int] = Counter()
    for row, numbers in enumerate(grid.regions):
        for number in set(numbers):
            values = [
                line for line in cells.get(number, ()) if len(line.text) < 20 and any(map(str.isdigit, line.text))
            ]
            stacked[row] += len(rows_of(values)) > 2
    return any(count > 1 for count in stacked.values()) or _grouped(cells)


def _grouped(cells: dict[int, list[Line]]) -> bool:
    """Whether many cells hold several values side by side, so that the rules part groups of columns."""
    filled = [rows_of(lines) for lines in cells.values() if any(is_value(line.text) for line in lines)]
    several = [any(_several(row) for row in rows) for rows in filled]
    return sum(several) > GROUPED * len(several) > 0


def _several(row: Sequence[Line]) -> bool:
    return sum(is_value(cell.text) for line in row for cell in cells_in(line)) > 1


def _head(grid: Grid) -> tuple[int, int]:
    """How many rows of title stand over the header (0 or 1), and where the header ends."""
    title = int(len(set(grid.regions[0])) == 1 and len(grid.regions) > 2)
    first = grid.regions[title]
    spanning = len(set(first)) < len(first)
    last = title
    if spanning:
        while last + 1 < len(grid.regions) and any(n in grid.regions[last + 1] for n in first):
            last += 1
        last = max(last, title + 1) if len(set(first)) > 1 else last
    return title, min(last + 1, len(grid.regions) - 1)


def _one_header(head: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Header rows as one: what stands over a column, from the top, each word group once."""
    return tuple(" ".join(dict.fromkeys(filter(None, column))) for column in zip(*head, strict=True))
