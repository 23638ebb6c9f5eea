"""The first column of a table names its rows: a question that gives a value for it asks for the row of that value."""

import re
from collections.abc import Sequence

_WHOLE = re.compile(r"\d+")


def is_of_another(question: str, header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the question says "id 46" of a table whose first column is called "id", and the row's is another.

    Values are told apart by the whole numbers in them ("KX-0046" is 46); those without any are never another.
    """
    name = header[0].strip() if header else ""
    if not any(map(str.isalpha, name)):
        return False
    given = re.search(rf"(?<!\w){re.escape(name)}\s*[:=#]?\s*([\w.,-]*\d[\w-]*)", question, re.IGNORECASE)
    own = _numbers(row[0])
    return given is not None and bool(own) and own.isdisjoint(_numbers(given[1]))


def _numbers(text: str) -> set[str]:
    return {digits.lstrip("0") for digits in _WHOLE.findall(text.replace(",", ""))}
