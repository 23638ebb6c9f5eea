"""What a question names by its number: figures, tables, pages, slides, sections."""

import re
from typing import NamedTuple

MOST_NAMED = 50  # pages of a range that are looked at
_PAGED = {"page", "slide"}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
REFERENCE = re.compile(
    r"\b(figure|fig|table|slide|page|section|chapter|appendix|step|exhibit|chart|equation|part|question|example)"
    r"s?\.?\s*([A-Z]?\d+(?:\.\d+)*)\b(?:\s*(?:-|–|to|through)\s*(?:pages?|slides?)?\s*(\d+)\b)?",
    re.IGNORECASE,
)
_PLACE = re.compile(rf"\b({'|'.join(_ORDINALS)})\s+(?:\w+\s+)?(page|slide|figure|table)\b", re.IGNORECASE)


class Reference(NamedTuple):
    """Something the question names by its number: ("figure", "3")."""

    kind: str
    number: str


def references(question: str) -> list[Reference]:
    """ "Figure 3", "pages 5-7", "the second slide"."""
    found = []
    for kind, number, last in REFERENCE.findall(question):
        end = int(last) if last and number.isdigit() else 0
        found += [Reference(kind.lower(), str(n)) for n in range(int(number), end + 1)[:MOST_NAMED]] if end else []
        found += [] if end else [Reference(kind.lower(), number)]
    for ordinal, kind in _PLACE.findall(question):
        found.append(Reference(kind.lower(), str(_ORDINALS.index(ordinal.lower()) + 1)))
    return found


def page_numbers(question: str) -> tuple[int, ...]:
    """The pages or slides that the question names."""
    return tuple(int(r.number) for r in references(question) if r.kind in _PAGED and r.number.isdigit())
