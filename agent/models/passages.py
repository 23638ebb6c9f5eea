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

from retrievers.elements import Element, Hit

Form = Literal["sentence", "row", "figure"]

MAX_PASSAGES = 120  # most to embed; the rest is cut by word coverage
CONTEXT_SHARE = 0.6  # what a question word counts that is in the passage's setting rather than in itself

_END = re.compile(r"(?<=[.!?])[\"')\]”’]*\s+(?=[\"'(\[“‘]?[A-Z0-9])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Fig|Figs|Tab|No|Nos|Dr|Mr|Mrs|Ms|Prof|St|vs|cf|ca|approx|Eq|Sec|e\.g|i\.e|al|Inc|Ltd|Co|Corp)|\b[A-Z])\.$"
)
_BREAK = re.compile(r"\n(?=[a-z(])")
_MONTH = r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b"
_EXPECTED = (
    (re.compile(r"\b(?:when|what year|which year|what date|since what)\b", re.I), re.compile(rf"\b[12]\d{{3}}\b|{_MONTH}", re.I)),
    (
        re.compile(r"\bhow (?!do\b|does\b|did\b|to\b|can\b|is\b|are\b|was\b|were\b|about\b|come\b)\w+|\b(?:what|which) (?:\w+ )?"
                   r"(?:percentage|number|amount|mass|diameter|distance|temperature|size|price|cost|rate|share|total|period)\b", re.I),
        re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|none)\b", re.I),
    ),
    (re.compile(r"\b(?:who|whose|whom)\b", re.I), re.compile(r"\b[A-Z][a-z]+ (?:[A-Z]\. ?)?[A-Z][a-z]+")),
    (re.compile(r"\bwhy\b", re.I), re.compile(r"\b(?:because|since|due|so that|therefore|caus\w+|reason|traps?|owing|thus|result\w*)\b", re.I)),
)  # fmt: skip


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
    """`similarity` is a cosine; `coverage` the weighted share of the question's words, 0..1; `own` the same without
    the setting; `expected` whether it holds what is asked for (None: nothing particular is)."""

    passage: Passage
    score: float
    similarity: float
    coverage: float
    own: float
    expected: bool | None


def passages(hits: Sequence[Hit]) -> list[Passage]:
    return [passage for number, hit in enumerate(hits, start=1) for passage in _of(number, hit.element)]


def score(question: str, found: Sequence[Passage], hits: Sequence[Hit], dense: Any, lexical: Any) -> list[Scored]:
    """Best first. `dense` has `embed_texts`, `lexical` has `embed_query`, whose indices are stems without stop words."""

    def stems(text: str) -> frozenset[int]:
        return frozenset(lexical.embed_query(text).indices)

    asked = stems(question)
    own = [stems(passage.text) for passage in found]
    setting = [stems(passage.setting) for passage in found]
    counts = Counter(stem for mine, around in zip(own, setting, strict=True) for stem in (mine | around) & asked)
    weights = {stem: math.log(1 + len(found) / (1 + counts[stem])) for stem in asked}
    total = sum(weights.values()) or 1.0

    def coverage(index: int) -> tuple[float, float]:
        inside = sum(weights[stem] for stem in asked & own[index])
        around = sum(weights[stem] for stem in (asked & setting[index]) - own[index])
        return inside / total, (inside + CONTEXT_SHARE * around) / total

    covered = [coverage(index) for index in range(len(found))]
    kept = sorted(range(len(found)), key=lambda index: -covered[index][1])[:MAX_PASSAGES]
    vectors = dense.embed_texts([question, *(f"{found[i].setting.split(chr(10))[-1]}: {found[i].text}" for i in kept)])
    similarities = vectors[1:] @ vectors[0]  # [kept]
    wanted = next((kind for asks, kind in _EXPECTED if asks.search(question)), None)
    scored = []
    for index, similarity in zip(kept, map(float, similarities), strict=True):
        passage = found[index]
        expected = bool(wanted.search(passage.text)) if wanted else None
        value = 0.5 * similarity + 0.4 * covered[index][1] + 0.12 * bool(expected) + 0.08 / passage.source
        scored.append(Scored(passage, value, similarity, covered[index][1], covered[index][0], expected))
    return sorted(scored, key=lambda one: -one.score)


def _of(number: int, element: Element) -> Iterator[Passage]:
    setting = "\n".join(part for part in (element.context, element.caption) if part)
    if element.rows:
        header, *body = element.rows
        for place, row in enumerate(body, start=1):
            text = "; ".join(
                f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=False) if cell
            )
            yield Passage(number, "row", text, setting, element, place)
    elif element.kind == "figure":
        words = " ".join(element.text.split())
        yield Passage(number, "figure", f"{element.caption}. {words}".strip(". "), element.context, element)
    else:
        for sentence in sentences(element.text):
            yield Passage(number, "sentence", sentence, setting, element)


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
    return [sentence for sentence in found if len(sentence) > 2]
