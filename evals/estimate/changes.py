"""Questions made to ask for what is not there: the same, but about another name or number, or with another word."""

import random
import re
from collections.abc import Sequence

from retrievers.search.names import names

WORD = re.compile(r"[^\W\d_]{4,}")


def changed(question: str, others: Sequence[str], draw: random.Random) -> str:
    """`question` about another name or number, or with another word, taken from one of the `others`; "" where that has
    none. What it asks for is not there, though all the rest is."""
    other = draw.choice(others)
    alike = [(one, new) for one in names(question) for new in names(other) if one.isdigit() == new.isdigit()]
    if not alike or draw.random() < 0.5:
        alike = [(one, new) for one in WORD.findall(question)[1:] for new in WORD.findall(other)[1:]]
    alike = [(one, new) for one, new in alike if new.lower() not in question.lower()]
    return question.replace(*draw.choice(alike)) if alike else ""
