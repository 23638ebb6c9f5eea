"""Running headers, footers and page numbers: what stands in the margin of page after page."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from retrievers.elements import Box
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import rows_of

MARGIN = 0.12  # page heights at the top and at the bottom
EDGE_ROWS = 3  # rows at either end of a page that may be running lines
REACH = 3  # pages before and after; left and right pages may differ
PAGES = 3  # that bear the same line, at least
TABLE_GAP = 1.5  # row heights between two rows of a table
STANDS_OFF = 0.7  # of its height, at least, between a running line and the body
RUNNING_ROWS = 2  # of several pieces each, at most; more are a table
_COUNTED = re.compile(r"<(-?\d+)>")


def near(number: int, count: int) -> list[int]:
    """Pages whose margins are looked at to tell what runs through page `number`: itself among its neighbours."""
    return list(range(max(1, number - REACH), min(count, number + REACH) + 1))


class Running(NamedTuple):
    """The running lines of a page, and the number that is printed on it: None where none is."""

    lines: list[Line]
    printed: int | None


def running_lines(pages: Mapping[int, Sequence[Line]], number: int) -> Running:
    """Lines of page `number` that stand in the margins of its neighbours too, the same words or the same but for the
    page's own number. The first page of a row that bears one keeps it, unless it is a mere number."""
    bearing: defaultdict[str, set[int]] = defaultdict(set)
    for other, lines in pages.items():
        for line in _edges(lines):
            for key in _keys(line.text, other):
                bearing[key].add(other)
    lines = pages[number]
    found = {id(line) for line in _edges(lines) if _runs(line.text, number, bearing)}
    running = found - _cells(lines, found) - _set_close(lines, found) if found else found
    printed = (n for line in _edges(lines) for n in _printed(line.text, number, bearing))
    return Running([line for line in lines if id(line) in running], next(printed, None))


def _printed(text: str, number: int, bearing: Mapping[str, set[int]]) -> Iterator[int]:
    """Numbers in a line that its neighbours count on."""
    counted = ((_COUNTED.search(key), bearing[key]) for key in _keys(text, number))
    return (number + int(off[1]) for off, pages in counted if off and len(pages) >= PAGES)


def _runs(text: str, number: int, bearing: Mapping[str, set[int]]) -> bool:
    return any(
        len(bearing[key]) >= PAGES and (min(bearing[key]) < number or not any(map(str.isalpha, key)))
        for key in _keys(text, number)
    )


def _keys(text: str, number: int) -> Iterator[str]:
    """The line's words, and the same with one number told by how far it is from the page's own."""
    plain = " ".join(text.lower().split())
    yield plain
    for found in re.finditer(r"\d{1,5}", plain):
        yield f"{plain[: found.start()]}<{int(found.group()) - number}>{plain[found.end() :]}"


def _edges(lines: Sequence[Line]) -> list[Line]:
    """Lines in the margins, and numbers that are outermost wherever they stand: a short page may end early."""
    rows = rows_of([line for line in lines if not line.turn])
    ends = [*rows[:EDGE_ROWS], *rows[EDGE_ROWS:][-EDGE_ROWS:]]
    outermost = {id(line) for row in (rows[:1] + rows[-1:]) for line in row}
    return [
        line
        for row in ends
        for line in row
        if line.box.y1 < MARGIN
        or line.box.y0 > 1 - MARGIN
        or (id(line) in outermost and not any(map(str.isalpha, line.text)))
    ]


def _cells(lines: Sequence[Line], found: set[int]) -> set[int]:
    """Those of the lines `found` that are cells of a table: row upon row of them, over or under those of the body."""
    chains: list[list[list[Line]]] = []
    for row in rows_of([line for line in lines if not line.turn]):
        if chains and _goes_on(chains[-1][-1], row):
            chains[-1].append(row)
        else:
            chains.append([row])
    return {
        id(line)
        for chain in chains
        if len(chain) > RUNNING_ROWS or (len(chain) > 1 and any(id(line) not in found for row in chain for line in row))
        for row in chain
        for line in row
    }


def _set_close(lines: Sequence[Line], found: set[int]) -> set[int]:
    """Those of the lines `found` that go on in the body, as lines of a paragraph do: a running line stands off."""
    close: set[int] = set()
    rows = rows_of([line for line in lines if not line.turn])
    for one, other in [*reversed([*pairwise(rows)]), *((below, above) for above, below in pairwise(rows))]:
        body = [line for line in other if id(line) not in found or id(line) in close]
        for line in one:
            if id(line) in found and any(_touches(line.box, text.box) for text in body):
                close.add(id(line))
    return close


def _touches(one: Box, other: Box) -> bool:
    gap = max(one.y0 - other.y1, other.y0 - one.y1)
    return gap < STANDS_OFF * (one.y1 - one.y0) and one.x0 < other.x1 and other.x0 < one.x1


def _goes_on(above: Sequence[Line], below: Sequence[Line]) -> bool:
    aligned = sum(any(one.box.x0 < other.box.x1 and other.box.x0 < one.box.x1 for other in above) for one in below)
    height = max(line.box.y1 - line.box.y0 for line in above)
    return len(above) > 1 and aligned > 1 and below[0].box.y0 - above[0].box.y1 < TABLE_GAP * height
