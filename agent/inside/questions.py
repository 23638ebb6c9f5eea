"""Questions that a corpus should answer, made of its tables, sections and figures; and those of them that it does.

Nothing is taken on trust: each is asked as a visitor would, and kept if what it was made of is what answers it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from uuid import UUID

from agent.events import Answer
from agent.inside.contents import NUMBERED, Documents
from agent.inside.wording import Wording, wording_of
from retrievers.elements import Element
from retrievers.embedders.languages import ENGLISH, READ, language_of

MOST = 3  # questions
TRIED = 9  # at most, of which some are not answered as they should be
LONGEST = 90  # letters
NAME_WORDS = 6  # of a heading, a column or a row
CAPTION_WORDS = 14
FROM = 3  # rows of a table worth asking
PROSE = 20  # words of a section worth asking, and of which a language can be told
FIGURE = re.compile(r"^\W*\w+\.?\s*[\d.]+\w?\s*[:.–—-]\s*")  # "Figure 3: "
Ask = Callable[[str], Answer]


@dataclass(frozen=True)
class Candidate:
    """A question, the regions that answer it, and what its answer must say (if it is to say something at once)."""

    question: str
    regions: frozenset[UUID]
    says: str = ""

    def answered_by(self, answer: Answer) -> bool:
        cited = {citation.hit.element.id for citation in answer.citations}
        return answer.found and bool(cited & self.regions) and self.says in answer.short


def answerable(documents: Documents, ask: Ask, wait: Callable[[], None]) -> tuple[str, ...]:
    """At most three, of different kinds and documents where there are such, each answered by `ask`. `wait` is called
    before one is asked."""
    kept: list[str] = []
    for candidate in _by_turns(documents):
        wait()
        if candidate.question not in kept and candidate.answered_by(ask(candidate.question)):
            kept.append(candidate.question)
        if len(kept) == MOST:
            break
    return tuple(kept)


def _by_turns(documents: Documents) -> list[Candidate]:
    """A table, a section and a figure in turn, of one document after the other."""
    made: list[list[Iterator[Candidate]]] = [[], [], []]
    for elements in documents.values():
        words = " ".join(one.text for one in elements)[:READ]
        wording = wording_of(language_of(words) if len(words.split()) >= PROSE else ENGLISH)
        for kind, candidates in zip(made, (_cells, _sections, _figures), strict=True):
            kind.append(candidates(elements, wording))
    kinds = [_turns(kind) for kind in made]
    found = (one for one in _turns(kinds) if len(one.question) <= LONGEST)
    return [one for one, _ in zip(found, range(TRIED), strict=False)]


def _turns(iterators: Sequence[Iterator[Candidate]]) -> Iterator[Candidate]:
    return (one for one in chain.from_iterable(zip_longest(*iterators)) if one is not None)


def _cells(elements: Sequence[Element], wording: Wording) -> Iterator[Candidate]:
    """One cell of each table whose rows have names."""
    for element in elements:
        header, *rows = element.rows or ((),)
        named = [row for row in rows if len(row) == len(header) and _is_name(row[0])]
        if len(named) < FROM or len({row[0] for row in named}) < len(named):
            continue
        row = named[len(named) // 2]
        columns = [place for place in range(1, len(header)) if _is_name(header[place]) and _is_value(row[place])]
        for place in columns[:1]:
            column = header[place].strip()
            column = column.capitalize() if column.isupper() else column
            question = wording.cell.format(column=column, row=row[0].strip())
            yield Candidate(question, frozenset([element.id]), row[place].strip())


def _sections(elements: Sequence[Element], wording: Wording) -> Iterator[Candidate]:
    """Each section that says something, the longest first."""
    parts: dict[str, list[Element]] = {}
    for element in elements:
        if element.section and element.kind == "text" and not element.rows:
            parts.setdefault(NUMBERED.sub("", " ".join(element.section[-1].split())), []).append(element)
    sizes = {heading: sum(len(one.text.split()) for one in part) for heading, part in parts.items()}
    for heading in sorted(parts, key=lambda one: -sizes[one]):
        if sizes[heading] >= PROSE and _is_name(heading):
            question = heading if heading.endswith("?") else wording.section.format(heading=heading)
            yield Candidate(question, frozenset(element.id for element in parts[heading]))


def _figures(elements: Sequence[Element], wording: Wording) -> Iterator[Candidate]:
    for element in elements:
        caption = FIGURE.sub("", " ".join(element.caption.split())).rstrip(". ")
        if element.kind == "figure" and 1 < len(caption.split()) <= CAPTION_WORDS:
            yield Candidate(wording.figure.format(caption=f"“{caption}”"), frozenset([element.id]))


def _is_name(words: str) -> bool:
    return any(letter.isalpha() for letter in words) and len(words.split()) <= NAME_WORDS


def _is_value(cell: str) -> bool:
    """Short, and not merely a dash."""
    return any(letter.isalnum() for letter in cell) and len(cell.split()) <= NAME_WORDS
