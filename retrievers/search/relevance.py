"""How probably a candidate page holds the answer: a calibrated probability, so that "not found" can be said.

Rerank scores order the pages of one question and say nothing across questions. Here a logistic regression (Platt,
1999) reads what can be compared: similarities as they are, shares of the question, whether what it names by name or
number is there at all, and how far a page stands out. Fitted by evals/relevance.py.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from itertools import islice

from retrievers.elements import Kind
from retrievers.search.query_references import REFERENCE, positions, references
from retrievers.search.rerank import Candidate, Ranked, coverage

Stems = Callable[[str], Sequence[int]]

VISIBLE: tuple[Kind, ...] = ("text", "table", "figure")
NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z]\w*|\w*\d\w*)")  # inside a sentence: "FEVER", "2020", "50-shot"
PLACES = "page pages slide slides figure figures table tables chart section"  # named with a number, and on every page
# written out in the document, perhaps
MONTHS = frozenset(("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"))
# "Write the answer in integer format", ", e.g. [3, 4]": how to answer, not what is asked
HOW = re.compile(
    r"(?<=[.?!)])\s*(?:please|write|answer|return|give me|format|list all|enumerate|list the|directly)\b.*$"
    r"|,? ?(?:e\.g\.|for example)[^?]*$",
    re.IGNORECASE | re.DOTALL,
)
SHORTEST = 25  # letters of a question before `HOW`
SEAM = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
SLIP, ALIKE = 6, 0.85  # letters of a name that may be misspelt; how alike the right one is, by difflib
USUAL = 0.7  # share of such names that a page holds, so that a question without any is neither way
USUALLY_MISSING = 0.1  # share of answerable questions with a name that is nowhere; likewise
DECISIVE = 3.0  # unit of that: rare and telling, so the penalty of the fit must not hold it down as it does the rest
MOST_MARGIN = 2.0
BIAS = -2.45
WEIGHTS = {
    "cosine": 0.64,
    "page_cosine": 0.59,
    "coverage_in_context": 0.44,
    "share": 1.17,
    "margin": 0.77,
    "named": 0.38,
    "names": 0.9,
    "nowhere": 0.65,
}


def relevance(question: str, ranked: Sequence[Ranked], top: int, stems: Stems) -> list[float]:
    """Probability 0..1 for each of the first `top` of `ranked`, which are all candidates, best first."""
    rows = features(question, ranked, top, stems)
    return [_sigmoid(BIAS + sum(WEIGHTS[name] * value for name, value in row.items())) for row in rows]


def features(question: str, ranked: Sequence[Ranked], top: int, stems: Stems) -> list[dict[str, float]]:
    """For each of the first `top`, the values that `WEIGHTS` weighs."""
    on_page, nowhere = _on_pages(question, ranked, stems), _nowhere(question, ranked, top, stems)
    names_something = bool(references(question) or positions(question))
    scores = [one.score for one in ranked]
    total = sum(math.exp(score - scores[0]) for score in scores)
    out = []
    for place, one in enumerate(ranked[:top]):
        rival = scores[place == 0] if len(scores) > 1 else one.score
        held = one.features["reference"] or one.features["position"]
        out.append(
            {
                "cosine": one.candidate.best("text", VISIBLE) or 0.0,
                "page_cosine": one.candidate.best("text", ("page",)) or 0.0,
                "coverage_in_context": one.features["coverage_in_context"],
                "share": math.exp(one.score - scores[0]) / total,
                "margin": max(-MOST_MARGIN, min(MOST_MARGIN, one.score - rival)),
                "named": (1.0 if held else -1.0) if names_something else 0.0,
                "names": on_page[place],
                "nowhere": nowhere[one.candidate.document],
            }
        )
    return out


def names(question: str) -> list[str]:
    """The names and numbers that a question asks about: not those of pages and figures, nor of how to answer."""
    how = HOW.search(question)
    asked = question[: how.start()] if how and how.start() > SHORTEST else question
    placed = [found.span() for found in REFERENCE.finditer(asked)]
    found = (name for name in NAME.finditer(asked) if not any(a <= name.start() < b for a, b in placed))
    words = dict.fromkeys(name[0] for name in found)
    return [word for word in words if word.lower() not in MONTHS and (len(word) > 1 or word.isdigit())]


def _on_pages(question: str, ranked: Sequence[Ranked], stems: Stems) -> list[float]:
    """Share of the question's names and numbers that each page holds, above or below what is usual; 0 without any."""
    named = {stem for word in NAME.findall(question) for stem in stems(word)} - set(stems(PLACES))
    if not named:
        return [0.0] * len(ranked)
    return [share - USUAL for share in coverage(named, [one.held for one in ranked])]


def _nowhere(question: str, ranked: Sequence[Ranked], top: int, stems: Stems) -> dict[str, float]:
    """For each document of the first `top`, whether a name of the question is on none of its found pages: below 0 when
    one is missing, a little above when all are there; 0 for a question without any."""
    named = [word for word in names(question) if not set(stems(word)) <= set(stems(PLACES))]
    pages: dict[str, list[Ranked]] = defaultdict(list)
    for one in ranked:
        pages[one.candidate.document].append(one)
    out = {}
    for document in dict.fromkeys(one.candidate.document for one in islice(ranked, top)):
        held = frozenset[int]().union(*(one.held for one in pages[document]))
        missing = [word for word in named if held.isdisjoint(stems(word))]
        lacks = any(not _written(word, (one.candidate for one in pages[document])) for word in missing)
        out[document] = DECISIVE * (USUALLY_MISSING - lacks) if named else 0.0
    return out


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


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
