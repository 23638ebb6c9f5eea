"""The numbers of ordered lists, which stand nowhere in an HTML file and before every item on the page."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from retrievers.parsers.html.text import NUMBER, unseen

LISTS = frozenset({"ol", "ul", "menu", "dir"})
UNNUMBERED = re.compile(r"list-style(-type)?\s*:\s*none", re.IGNORECASE)
MOST_LETTERS = 18_278  # "ZZZ"
MOST_ROMAN = 3999
ROMAN = tuple(
    zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split(), strict=True)  # noqa: SIM905
)


def number_items(roots: Iterable[Any]) -> None:
    """Gives each item of an ordered list its number (HTML standard, 4.4.5 and 4.4.8), as attribute `NUMBER`."""
    from lxml import etree

    for root in roots:
        around: list[_Counter | None] = []  # lists around, outermost first; None for one without numbers
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "end":
                if element.tag in LISTS and around:
                    around.pop()
            elif unseen(element):
                walker.skip_subtree()
                if element.tag in LISTS:
                    around.append(None)  # its end comes all the same
            elif element.tag in LISTS:
                around.append(_Counter(element) if element.tag == "ol" else None)
            elif element.tag == "li":
                element.attrib.pop(NUMBER, None)
                if around and around[-1] and not _is_unnumbered(element):
                    element.set(NUMBER, around[-1].number(element))


class _Counter:
    """Counts the items of one list, forwards or back."""

    def __init__(self, ordered: Any) -> None:
        self._step = -1 if ordered.get("reversed") is not None else 1
        start = _whole(ordered.get("start"))
        first = 1 if self._step > 0 else sum(child.tag == "li" for child in ordered)
        self._next = first if start is None else start
        self._written = STYLES.get(ordered.get("type", ""), str)
        self._silent = _is_unnumbered(ordered)

    def number(self, item: Any) -> str:
        said = _whole(item.get("value"))
        value = self._next if said is None else said
        self._next = value + self._step
        return "" if self._silent else f"{self._written(value)}."


def _is_unnumbered(element: Any) -> bool:
    return bool(UNNUMBERED.search(element.get("style", "")))


def _whole(said: str | None) -> int | None:
    found = re.match(r"\s*([-+]?\d{1,9})", said or "", re.ASCII)
    return int(found[1]) if found else None


def _letters(value: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(value)) if 0 < value <= MOST_LETTERS else str(value)


def _roman(value: int) -> str:
    if not 0 < value <= MOST_ROMAN:
        return str(value)
    written = ""
    for worth, letters in ROMAN:
        count, value = divmod(value, worth)
        written += letters * count
    return written


STYLES: dict[str, Callable[[int], str]] = {
    "A": _letters,
    "a": lambda value: _letters(value).lower(),
    "I": _roman,
    "i": lambda value: _roman(value).lower(),
}
