"""What is set in columns and is no table: lists, numbered lines, tables of contents, formulas, places to sign."""

import re
import unicodedata
from collections.abc import Sequence
from statistics import median

from retrievers.elements import Rows
from retrievers.parsers.layout.lines import Line
from retrievers.parsers.layout.rows import as_line
from retrievers.parsers.layout.tables.headers import is_value

PROSE = 25  # characters; what stands beside the marks of a list
MARK_GAP = 4  # em between a mark and its item
SIGNED = 8  # rows of a place to sign, at most
SIGNS = 1 / 3  # share of a formula's pieces that are signs
_MARK = re.compile(r"[^\w\s]{1,2}|\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})(\.\d{1,2}){0,3}[.):]?")
_LEADER = re.compile(r"(\.\s?){4}|…\s?…")
_BLANK = re.compile(r"_{4}")


def is_list(rows: Rows) -> bool:
    """Bullets, numbers of items or of sections beside prose, or numbers of lines ("12:") beside anything. A short last
    line that stands under the marks is beside nothing."""
    marks = [row[0] for row in rows if row[0] and row[-1]]
    if len(rows[0]) != 2 or not marks or not all(map(_MARK.fullmatch, marks)):
        return False
    return median(len(row[1]) for row in rows) >= PROSE or all(mark.endswith(":") for mark in marks)


def is_contents(run: Sequence[Sequence[Line]]) -> bool:
    """Titles and their pages, with dots between."""
    rows = [row for row in run if len(row) > 1]
    return 2 * sum(any(_LEADER.search(line.text) for line in row) for row in rows) >= len(rows)


def is_signature(run: Sequence[Sequence[Line]]) -> bool:
    """Lines to sign or fill in side by side, and what stands under them."""
    cells = [line.text for row in run for line in row]
    return len(run) <= SIGNED and any(map(_BLANK.search, cells)) and not any(map(is_value, cells))


def is_formula(rows: Rows) -> bool:
    """Pieces of a formula: many are signs, or hold an equation."""
    cells = [cell for row in rows for cell in row if cell]
    return any("=" in cell for cell in cells) and sum(map(_is_sign, cells)) >= SIGNS * len(cells)


def _is_sign(text: str) -> bool:
    return "=" in text or all(unicodedata.category(char) in ("Sm", "Pd", "Ps", "Pe", "Zs") for char in text)


def with_mark(row: Sequence[Line]) -> list[Line]:
    """A bullet or the number of an item, and what stands right after it, as one line; any other row as it is.

    Bare numbers count lines, and do not belong to the sentence.
    """
    if len(row) == 2 and _MARK.fullmatch(row[0].text) and not row[0].text.isalnum():
        return [as_line(row)] if row[1].box.x0 - row[0].box.x1 < MARK_GAP * row[1].em else list(row)
    return list(row)
