"""Running headers, footers and page numbers: what stands in the margin of page after page."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from retrievers.parsers.layout import Line
from retrievers.parsers.tables import rows_of

MARGIN = 0.12  # page heights at the top and at the bottom
EDGE_ROWS = 3  # rows at either end of a page that may be running lines
SAMPLE = 12  # pages read to learn which lines repeat
PAGES = 3  # that bear the same line, at least; or a third of the sample
TABLE_GAP = 1.5  # row heights between two rows of a table
RUNNING_ROWS = 2  # of several pieces each, at most; more are a table


def sample(count: int) -> list[int]:
    """Numbers of pages, from all over a document of `count`, each with the next one: left and right pages differ."""
    step = max(1, 2 * count // SAMPLE)
    return sorted({n for first in range(1, count + 1, step) for n in (first, first + 1) if n <= count})[:SAMPLE]


class RunningLines:
    """What repeats in the margins of sampled pages: the same words, or the same but for the page's own number."""

    def __init__(self, pages: Mapping[int, Sequence[Line]]) -> None:
        seen: Counter[str] = Counter()
        self._first: dict[str, int] = {}
        for number, lines in pages.items():
            for key in {key for line in _edges(lines) for key in _keys(line.text, number)}:
                seen[key] += 1
                self._first.setdefault(key, number)
        self._running = {key for key, count in seen.items() if count >= max(PAGES, len(pages) // 3)}

    def of(self, lines: Sequence[Line], number: int) -> list[Line]:
        """The running lines of page `number` that are to be left out: the first page that bears one keeps it."""
        found = {
            id(line)
            for line in _edges(lines)
            if any(self._is_repeated(key, number) for key in _keys(line.text, number))
        }
        return [line for line in lines if id(line) in found - _cells(lines, found)]

    def _is_repeated(self, key: str, number: int) -> bool:
        return key in self._running and (number != self._first[key] or not any(map(str.isalpha, key)))


def _keys(text: str, number: int) -> Iterator[str]:
    """The line's words, and the same with one number told by how far it is from the page's own."""
    plain = " ".join(text.lower().split())
    yield plain
    for found in re.finditer(r"\d{1,5}", plain):
        yield f"{plain[: found.start()]}<{int(found.group()) - number}>{plain[found.end() :]}"


def _edges(lines: Sequence[Line]) -> list[Line]:
    rows = rows_of([line for line in lines if not line.turn])
    ends = [*rows[:EDGE_ROWS], *rows[EDGE_ROWS:][-EDGE_ROWS:]]
    return [line for row in ends for line in row if line.box.y1 < MARGIN or line.box.y0 > 1 - MARGIN]


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


def _goes_on(above: Sequence[Line], below: Sequence[Line]) -> bool:
    aligned = sum(any(one.box.x0 < other.box.x1 and other.box.x0 < one.box.x1 for other in above) for one in below)
    height = max(line.box.y1 - line.box.y0 for line in above)
    return len(above) > 1 and aligned > 1 and below[0].box.y0 - above[0].box.y1 < TABLE_GAP * height
