"""What the rows of a table are: its header, the rows that hold data, the sections they stand in, those that sum up
others, and the scale of its numbers."""

import re
from collections.abc import Sequence

from agent.answering.tables.values import scale_stated, value_of
from agent.answering.tables.words import stems_of
from generators.tables.columns import header_depth, is_total
from retrievers.elements import Rows

_EXCEPT = re.compile(r"\bexcept(?: for)? ([^()]+)", re.IGNORECASE)


def header_rows(rows: Rows) -> int:
    """Rows of the header; blank ones among them count."""
    filled = [place for place, row in enumerate(rows) if any(row)]
    if not filled:
        return 0
    depth = header_depth([rows[place] for place in filled])
    return filled[depth - 1] + 1 if depth else 0


def body_rows(rows: Rows, depth: int) -> tuple[list[int], tuple[str, ...]]:
    """Rows that hold data, and the section each stands in: the last row above that only holds a label."""
    body, sections, section = [], [], ""
    for place in range(depth, len(rows)):
        filled = [cell for cell in rows[place] if cell]
        if len(filled) == 1 and len(rows[place]) > 1 and value_of(filled[0]).kind == "words":
            section = filled[0].rstrip(": ")
        elif filled:
            body.append(place)
            sections.append(section)
        else:
            section = ""
    return body, tuple(sections)


def total_rows(body: Sequence[Sequence[str]], sections: Sequence[str]) -> int:
    """Rows that sum up others, as bits: by their label, or because each of their numbers is the sum of the ones above
    in their section, as far as the last such row."""
    totals, start = 0, 0
    for place, row in enumerate(body):
        if place and sections[place] != sections[place - 1]:
            start = place
        if is_total(_label(row)) or (place - start >= 2 and _sums(body[start:place], row)):
            totals |= 1 << place
            start = place + 1
    return totals


def _sums(parts: Sequence[Sequence[str]], row: Sequence[str]) -> bool:
    """Whether a row's numbers are all sums of the rows before it, to the last digit that is printed."""
    checked = 0
    for column in range(1, len(row)):
        total = value_of(row[column])
        numbers = [one.number for part in parts if (one := value_of(part[column])).number is not None]
        if total.kind != "number" or len(numbers) < 2:
            continue
        if abs(sum(numbers) - (total.number or 0.0)) > 1e-6 * abs(total.number or 0.0) or not total.number:
            return False
        checked += 1
    return checked > 0


def _label(row: Sequence[str]) -> str:
    return next(filter(None, row), "")


def scale_of(stated: Sequence[str], near: str) -> tuple[float, str]:
    """The first scale that is stated, with its unit."""
    scales = (scale_stated(text) for text in (*stated, near))
    return next((found for found in scales if found[0] != 1.0), (1.0, ""))


def unscaled_stems(stated: Sequence[str]) -> frozenset[int]:
    return frozenset(one for text in stated for match in _EXCEPT.finditer(text) for one in stems_of(match[1]))


def header_cells(header: Rows, width: int) -> Rows:
    """The header's rows, a cell that spans several columns repeated over those that have a name of their own below."""
    filled = []
    for place, row in enumerate(header):
        below = header[place + 1 :]
        cells = list(row)
        for column in range(2, width):
            spanned = not row[column] and cells[column - 1] and any(other[column] for other in below)
            cells[column] = cells[column - 1] if spanned else row[column]
        filled.append(tuple(cells))
    return tuple(filled)
