"""Evidence cut into passages that can be quoted: sentences, table rows, figures; and how well each fits a question.

Score = sentence similarity + share of the question's words covered (weighted by rarity) + the presence of what the
question asks for (a number, a date, a name). Reads no files and knows no model but the embedders it is given.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agent.answering.row_keys import is_of_another
from retrievers.elements import Element, Hit

Form = Literal["sentence", "row", "figure"]

MAX_PASSAGES = 64  # most to embed; the rest is cut by word coverage
CONTEXT_SHARE = 0.6  # what a question word counts that is in the passage's setting rather than in itself
FRAGMENT = 0.1  # taken off a line that is no sentence: it is often a label, or cells of a table read by OCR
CAPTION = 0.15  # taken off a caption standing in the text: it names what is shown, and says nothing of it
WORDY_FIGURE = 0.08  # taken off a figure with many words, which covers any question a little
OTHER_NAME = 0.2  # taken off a passage about something else than the question names, in proportion
NAMED_ROW = 0.2  # given to a row whose label of several words stands in the question: "total net sales"
HIDDEN = 0.15  # taken off what its document hides: mostly an older figure of something that is shown
OTHER_ROW = 0.08  # taken off a row whose label the question does not name

_END = re.compile(r"(?<=[.!?])[\"')\]”’]*\s+(?=[\"'(\[“‘]?[A-Z0-9])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Figs?|Tab|Nos?|Dr|Mrs?|Ms|Prof|St|vs|cf|ca|approx|Eq|Sec|e\.g|i\.e|al|Inc|Ltd|Co|Corp)|(?:^|\s)[A-Z])\.$"
)
_BREAK = re.compile(r"\n(?=[a-z(])")
_CAPTION = re.compile(r"(?:Figure|Fig\.|Table)\s*\d+\s*[:.]")
_VALUE = re.compile(r"[-−–+$€£]?\d")
_NAME = re.compile(r"(?<=\s)[A-Z][\w-]*")  # not the first word, which has its capital anyway
_LIGHT = re.compile(r"\b(?:make|made|take|took|get|got|give|gave|bring|brought|show|tell|find|much|many)\b", re.I)
_DATE = r"\b[12]\d{3}\b|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b"
_NUMERAL = r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|none)\b"
_QUANTITY = (
    r"percentage|number|amount|mass|weight|diameter|distance|temperature|size|price|cost|rate|share|total|period"
    r"|revenue|profit|income|sales|speed|length|height|width|age"
)
_HOW = r"\bhow (?!do\b|does\b|did\b|to\b|can\b|is\b|are\b|was\b|were\b|about\b|come\b)\w+"
_REASON = r"\b(?:because|since|due|so that|therefore|caus\w+|reason|traps?|owing|thus|result\w*)\b"
_EXPECTED = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(holds, flags))
    for asks, holds, flags in (
        (r"\b(?:when|(?:what|which|since what) (?:year|date|day))\b", _DATE, re.IGNORECASE),
        (rf"{_HOW}|\b(?:what|which)\b.*\b(?:{_QUANTITY})s?\b", _NUMERAL, re.IGNORECASE),
        (r"\b(?:who|whose|whom)\b", r"\b[A-Z][a-z]+ (?:[A-Z]\. ?)?[A-Z][a-z]+", 0),
        (r"\bwhy\b", _REASON, re.IGNORECASE),
    )
)


@dataclass(frozen=True)
class Passage:
    """`source` is the number of its hit; `row` its place among the table's rows (header = 0)."""

    source: int
    form: Form
    text: str
    setting: str
    element: Element
    row: int = 0


@dataclass(frozen=True)
class Scored:
    """`similarity` is a cosine; `coverage` the share of the question's words, 0..1, rare words weighing more;
    `expected` whether it holds what is asked for (None: nothing particular is)."""

    passage: Passage
    score: float
    similarity: float
    coverage: float
    expected: bool | None


def passages(hits: Sequence[Hit]) -> list[Passage]:
    return [passage for number, hit in enumerate(hits, start=1) for passage in _of(number, hit.element)]


def score(question: str, hits: Sequence[Hit], dense: Any, lexical: Any) -> list[Scored]:
    """The passages of `hits`, best first; no rows that the question is not about.

    `dense` has `embed_texts`; `lexical` has `embed_query`, whose indices are word stems with stop words left out.
    """
    found = [one for one in passages(hits) if not _is_of_another(one, question)]
    covered = _coverage(question, found, lexical)
    kept = sorted(range(len(found)), key=lambda index: -covered[index])[:MAX_PASSAGES]
    texts = (f"{_last_line(found[index].setting)}: {found[index].text}" for index in kept)
    vectors = dense.embed_texts([question, *texts])
    wanted = expected_form(question)
    top = max((hit.relevance or 0.0 for hit in hits), default=0.0) or 1.0
    scored = []
    for index, similarity in zip(kept, map(float, vectors[1:] @ vectors[0]), strict=True):
        passage = found[index]
        expected = bool(wanted.search(passage.text)) if wanted else None
        rank = (hits[passage.source - 1].relevance or 0.0) / top
        value = 0.5 * similarity + 0.4 * covered[index] + 0.12 * bool(expected) + 0.08 * rank
        value -= _deduction(passage, question, lexical) + OTHER_NAME * _unnamed(passage, question, lexical)
        value -= HIDDEN * passage.element.hidden
        scored.append(Scored(passage, value, similarity, covered[index], expected))
    return sorted(scored, key=lambda one: -one.score)


def expected_form(question: str) -> re.Pattern[str] | None:
    """What an answer to `question` holds: a date, a number, a name, a reason; None when nothing particular."""
    return next((holds for asks, holds in _EXPECTED if asks.search(question)), None)


def sentences(text: str) -> list[str]:
    """Sentences of running text; a line that stands by itself counts as one."""
    found: list[str] = []
    for line in _BREAK.sub(" ", text).splitlines():
        start = 0
        for end in _END.finditer(line):
            if not _ABBREVIATED.search(line[start : end.start()]):
                found.append(line[start : end.end()].strip())
                start = end.end()
        found.append(line[start:].strip())
    return [bare for sentence in found if len(bare := sentence.removeprefix("•").strip()) > 2]


def label(row: Sequence[str]) -> str:
    """The cell that names a row: the first that is not a value."""
    return next((cell for cell in row if cell and not _VALUE.match(cell)), "")


def _is_of_another(passage: Passage, question: str) -> bool:
    rows = passage.element.rows
    return passage.form == "row" and passage.row > 0 and is_of_another(question, rows[0], rows[passage.row])


def _deduction(passage: Passage, question: str, lexical: Any) -> float:
    """What the passage's form takes off its score; below 0 it adds."""
    match passage.form:
        case "row":
            name = set(lexical.stems(label(passage.element.rows[passage.row])))
            asked = set(lexical.stems(question))
            if len(name) > 1 and name <= asked:
                return -NAMED_ROW
            return 0.0 if name & asked else OTHER_ROW
        case "figure":
            return WORDY_FIGURE if len(passage.text.split()) > 25 else 0.0
        case "sentence":
            if _CAPTION.match(passage.text):
                return CAPTION
            return 0.0 if passage.text.rstrip("\"')”’").endswith((".", "!", "?")) else FRAGMENT


def _unnamed(passage: Passage, question: str, lexical: Any) -> float:
    """Share of the question's names that neither the passage nor its setting holds, 0..1."""
    names = _NAME.findall(question)
    held = lexical.shared_terms(" ".join(names), f"{passage.setting}\n{passage.text}")
    return 1 - len(held) / len(set(names)) if names else 0.0


def _coverage(question: str, found: Sequence[Passage], lexical: Any) -> list[float]:
    """Per passage, the share of the question's words that it or its setting holds; a word weighs its IDF here."""

    def stems(text: str) -> frozenset[int]:
        return frozenset(lexical.embed_query(text).indices)

    asked = stems(_LIGHT.sub(" ", question))
    own = [asked & stems(passage.text) for passage in found]
    setting = [asked & stems(passage.setting) - mine for passage, mine in zip(found, own, strict=True)]
    counts = Counter(stem for mine, around in zip(own, setting, strict=True) for stem in mine | around)
    weights = {stem: math.log(1 + len(found) / (1 + counts[stem])) for stem in asked}
    total = sum(weights.values()) or 1.0
    return [
        (sum(weights[stem] for stem in mine) + CONTEXT_SHARE * sum(weights[stem] for stem in around)) / total
        for mine, around in zip(own, setting, strict=True)
    ]


def _of(number: int, element: Element) -> Iterator[Passage]:
    setting = "\n".join(part for part in (element.context, element.caption) if part)
    if element.rows:
        yield from _rows(number, element, setting)
    elif element.kind == "figure":
        words = " ".join(element.text.split())
        yield Passage(number, "figure", f"{element.caption.rstrip('.')}. {words}".strip(". "), element.context, element)
    else:
        headings = {element.title, *element.section}
        for sentence in sentences(element.text):
            if sentence not in headings:
                yield Passage(number, "sentence", sentence, setting, element)


def _rows(number: int, element: Element, setting: str) -> Iterator[Passage]:
    header, *body = element.rows
    if any(_VALUE.match(cell) for cell in header):  # a table without a header: its first row is data
        yield Passage(number, "row", _cells(header), setting, element, 0)
    for place, row in enumerate(body, start=1):
        yield Passage(number, "row", _cells(row), f"{setting}\n{_cells(header)}", element, place)


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2]


def _cells(row: Sequence[str]) -> str:
    return "; ".join(cell for cell in row if cell)
