"""Superscripts as text: powers stay powers, and note marks do not change the word before them."""

import re

from retrievers.parsers.characters import scripts

_POWER = re.compile(r"[+\-−–]?\d+[+\-−–]?")
_LAST_WORD = re.compile(r"[\w)\]%.,;:!?\"'”’]+$")
SYMBOL = 2  # letters of a unit or a variable; marks after longer words are notes


def with_raised(text: str, raised: str) -> str:
    """`text` with `raised` after it: 10⁶, km², 20th, x^T; and apart from it where it is a mark ("growth ³")."""
    found = _LAST_WORD.search(text)
    if found is None:  # raised, but over nothing: beside a larger sign or a space
        return text + raised
    word = found.group()
    power = _POWER.fullmatch(raised) is not None
    if power and (word[-1].isdigit() or word[-1] == ")" or (word.isalpha() and len(word) <= SYMBOL)):
        return text + scripts.raised(raised)
    if word[-1].isdigit() and len(raised) > 1 and raised.isalpha():
        return text + raised  # an ordinal
    if word.isalpha() and len(word) <= SYMBOL and raised.isalnum():
        return f"{text}^{raised}"
    return f"{text} {scripts.raised(raised) if power else raised}"
