"""Numbers written in a text ("rent: 3, food: 5"; a Markdown table; CSV) as a table."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, NoOptions, Watch, read_options, text_of
from generators.tables.cells import parse
from generators.tables.columns import table_of

PAIR = re.compile(
    r"(?P<name>[^\W\d_][^,;:=\n|]{0,60}?|\d{4}|Q[1-4][^,;:=\n|]{0,12})\s*(?:[:=]|\bis\b|\bwas\b|\bare\b|\bwere\b|->|→)\s*"
    r"(?P<value>[-+−(]?\s*[$€£]?\s*\d[\d,.' ]*\d?(?:\s*(?:%|[^\W\d_]{1,10}\b))?\)?)(?=\s*(?:[,;\n.)]|and\b|as\b|$))",
    re.IGNORECASE,
)
BARE_PAIR = re.compile(  # "apples 3, pears 5"
    r"(?P<name>[^\W\d_]+(?: [^\W\d_]+){0,3})\s+(?P<value>[$€£]?\d[\d,.]*\d?\s?%?)(?=\s*(?:[,;\n.]|and\b|as\b|$))",
    re.IGNORECASE,
)
LEAD = re.compile(
    r"^.*\b(?:chart|plot|graph|draw|pie|bars?|line|of|for|with|show|values?|numbers?|and|the)\s+", re.IGNORECASE
)
RULE = re.compile(r"\s*\|?[\s:|-]+\|?\s*")


class Numbers:
    """Finds the table a text holds: a Markdown table, comma- or tab-separated lines, or "name: number" pairs."""

    info: ClassVar[Info] = Info(
        name="numbers",
        source="text",
        target="table",
        form="table",
        summary="Reads the numbers written in a text as a table.",
        cost=0.01,
        quality=3,
        licence="Apache-2.0",
        narrow=True,
    )
    Options: ClassVar[type] = NoOptions

    def check(self) -> None:
        """Always ready."""

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `CannotConvert` if the text holds no numbers with names."""
        read_options(NoOptions, options, self.info.name)
        rows = rows_in(text_of(source, request))
        return Medium.of_table(table_of(rows), converter=self.info.name)


def rows_in(text: str) -> list[list[str]]:
    """Rows of cells, header first. Raises `CannotConvert` if there is neither a table nor a pair."""
    for found in (_markdown(text), _separated(text), _pairs(text)):
        if found:
            return found
    raise CannotConvert("The text holds no numbers with names.", "Write them like this: rent: 3, food: 5.")


def _markdown(text: str) -> list[list[str]]:
    lines = [line.strip() for line in text.splitlines() if line.count("|") >= 1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not RULE.fullmatch(line)]
    return rows if len(rows) >= 2 and len({len(row) for row in rows}) == 1 else []


def _separated(text: str) -> list[list[str]]:
    """Two lines or more with the same number of cells, a number in each but the first."""
    for mark in "\t;,":
        lines = [line for line in text.splitlines() if mark in line and ":" not in line]
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=mark)]
        even = len(rows) >= 2 and len({len(row) for row in rows}) == 1
        if even and all(any(parse(cell) for cell in row) for row in rows[1:]):
            return rows
    return []


def _pairs(text: str) -> list[list[str]]:
    """ "name: number" pairs, one or more; or else two or more names each followed by a number."""
    found = [pair for match in PAIR.finditer(text) if (pair := _pair(match))]
    bare = [pair for match in BARE_PAIR.finditer(text) if (pair := _pair(match))]
    if not found and len(bare) > 1:
        found = bare
    return [["", "Value"], *found] if found else []


def _pair(match: re.Match[str]) -> list[str]:
    value = match["value"].strip()
    number = value if parse(value) else re.sub(r"\s*[^\W\d_]+$", "", value)
    return [LEAD.sub("", match["name"]).strip(), number] if parse(number) else []
