"""What is merged over several cells of a sheet stands in each of them, as a reader takes it."""

import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Area = tuple[int, int, int, int]  # first column, first row, last column, last row, from 1
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
MAX_FILLED = 200_000  # cells into which a value is repeated, a sheet


class Merged:
    """Merged ranges, met row by row."""

    def __init__(self, ranges: Iterable[Area]) -> None:
        self._waiting = sorted(ranges, key=lambda area: -area[1])
        self._begun: list[tuple[int, int, int, str]] = []  # first and last column, last row, text
        self._left = MAX_FILLED

    def repeat(self, number: int, texts: list[str]) -> bool:
        """Writes into `texts`, row `number`, what is merged over it; says whether that spans columns."""
        self._begun = [area for area in self._begun if area[2] >= number]
        while self._waiting and self._waiting[-1][1] <= number:
            first, _, last, bottom = self._waiting.pop()
            text = texts[first - 1] if first <= len(texts) else ""
            if text and bottom >= number:
                self._begun.append((first, last, bottom, text))
        for first, last, _, text in self._begun:
            end = min(last, first + self._left)
            self._left -= end - first
            texts += [""] * (end - len(texts))
            for column in range(first - 1, end):
                texts[column] = texts[column] or text
        return any(last > first for first, last, _, _ in self._begun)


def merged_in_ods(path: Path) -> dict[str, list[Area]]:
    """The merged ranges of an ODS by the name of their sheet (OpenDocument 1.3, part 3, 9.1): calamine reads none."""
    from lxml import etree

    found: defaultdict[str, list[Area]] = defaultdict(list)
    sheet, row, column = "", 1, 1
    names = ("table", "table-row", "table-cell", "covered-table-cell")
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
        tags = tuple(f"{{{_TABLE}}}{name}" for name in names)
        for event, element in etree.iterparse(content, ("start", "end"), tag=tags, resolve_entities=False):
            name = etree.QName(element).localname
            if event == "end":
                row += _said(element, "number-rows-repeated") if name == "table-row" else 0
                element.clear()
            elif name == "table":
                sheet, row = element.get(f"{{{_TABLE}}}name", ""), 1
            elif name == "table-row":
                column = 1
            else:
                wide, high = _said(element, "number-columns-spanned"), _said(element, "number-rows-spanned")
                if wide > 1 or high > 1:
                    found[sheet].append((column, row, column + wide - 1, row + high - 1))
                column += _said(element, "number-columns-repeated")
    return found


def _said(element: Any, name: str) -> int:
    return int(element.get(f"{{{_TABLE}}}{name}", 1))
