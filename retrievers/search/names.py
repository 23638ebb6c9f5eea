"""Names and numbers of a question, and whether a document's found pages hold them in any form."""

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import PurePath

from common import months
from retrievers.search.query_references import REFERENCE
from retrievers.search.rerank import Candidate, Ranked

WORD = re.compile(r"[^\W_]+")
Stems = Callable[[str], Sequence[int]]

NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z]\w*|\w*\d\w*)")  # inside a sentence: "FEVER", "2020", "50-shot"
PLACES = "page pages slide slides figure figures table tables chart section"  # named with a number, and on every page
MONTHS = months.SHORT - {"may"}  # written out in the document, perhaps
# What follows the question, or an example in it, says how to answer, not what is asked
HOW = re.compile(r"(?<=\?)\s+[^?]*$|,? ?(?:e\.g\.|for example)[^?]*$", re.IGNORECASE | re.DOTALL)
SHORTEST = 25  # letters of a question before `HOW`
SEAM = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
SLIP, ALIKE = 6, 0.85  # letters of a name that may be misspelt; how alike the right one is, by difflib


def names(question: str) -> list[str]:
    """The names and numbers that a question asks about: not those of pages and figures, nor of how to answer."""
    how = HOW.search(question)
    asked = question[: how.start()] if how and how.start() > SHORTEST else question
    placed = [found.span() for found in REFERENCE.finditer(asked)]
    found = (name for name in NAME.finditer(asked) if not any(a <= name.start() < b for a, b in placed))
    words = dict.fromkeys(name[0] for name in found)
    return [word for word in words if word.lower() not in MONTHS and (len(word) > 1 or word.isdigit())]


def name_words(document: str) -> frozenset[str]:
    """The words of a file's name, in small letters: planets and report, of planets-report.pdf."""
    return frozenset(WORD.findall(PurePath(document).stem.casefold()))


def documents_named(question: str, documents: Iterable[str]) -> tuple[str, ...]:
    """Those all words of whose names the question says: "the planets report" is planets-report.pdf."""
    said = frozenset(WORD.findall(question.casefold()))
    return tuple(document for document in documents if (own := name_words(document)) and own <= said)


def missing(named: Sequence[str], pages: Sequence[Ranked], stems: Stems) -> tuple[str, ...]:
    """Those of `named` that none of the `pages` of a document holds."""
    held = frozenset[int]().union(*(one.held for one in pages))
    lacking = [word for word in named if held.isdisjoint(stems(word))]
    return tuple(word for word in lacking if not _written(word, (one.candidate for one in pages)))


def _written(name: str, pages: Iterable[Candidate]) -> bool:
    """Whether a page has the name in another form: "FY2018" as 2018, or spelt a letter differently."""
    last = SEAM.split(name)[-1]
    part = re.compile(rf"\b{re.escape(last)}") if last != name and len(last) > 2 else None
    near = re.compile(rf"\b{name[0]}\w{{{len(name) - 2},{len(name)}}}\b", re.IGNORECASE) if _may_slip(name) else None
    for page in pages:
        text = f"{page.text}\n{page.context}"
        rivals = {word.lower() for word in near.findall(text)} if near else ()
        if (part and part.search(text)) or any(_alike(name.lower(), rival) for rival in rivals):
            return True
    return False


def _may_slip(name: str) -> bool:
    return len(name) >= SLIP and name.isalpha()


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= ALIKE
