"""What may answer: words of a passage, or what was worked out, each with the probability that it does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from agent.answering.candidates.coverage import Lacking
from agent.answering.candidates.estimate import Features
from agent.answering.candidates.passages import Passage
from agent.answering.tables import Computed
from retrievers.elements import Element


@dataclass(frozen=True)
class Quoted:
    """Words of a passage that answer: its characters from `start` to `end`. `chance`, from `features`, is that of the
    passage, and `exact` of just these words of it, 0..1."""

    passage: Passage
    start: int
    end: int
    features: Features
    chance: float
    exact: float = 1.0
    kind: ClassVar[str] = "span"

    @property
    def words(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def says(self) -> str:
        return self.words.lower()

    @property
    def regions(self) -> tuple[Element, ...]:
        return (self.passage.element,)

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.passage.source,)

    @property
    def quotes(self) -> "tuple[Quoted, ...]":
        return (self,)


@dataclass(frozen=True)
class _Made:
    """What was worked out."""

    computed: Computed
    kind: ClassVar[str] = "cells"

    @property
    def words(self) -> str:
        return ", ".join(self.computed.values)

    @property
    def says(self) -> str:
        return self.words.lower()


@dataclass(frozen=True)
class Worked(_Made):
    """Worked out over cells; `sources` are the numbers of the hits whose tables `computed.cells` count from 0."""

    sources: tuple[int, ...]
    elements: tuple[Element, ...]
    features: Features
    chance: float
    quotes: ClassVar[tuple[Quoted, ...]] = ()

    @property
    def regions(self) -> tuple[Element, ...]:
        return tuple(self.elements[table] for table in self._tables)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(self.sources[table] for table in self._tables)

    @property
    def _tables(self) -> Iterable[int]:
        return dict.fromkeys(cell.table for cell in self.computed.cells)


@dataclass(frozen=True)
class Compared(_Made):
    """Worked out over the numbers of sentences; `quotes` are these, in the working's order."""

    quotes: tuple[Quoted, ...]
    features: Features
    chance: float

    @property
    def regions(self) -> tuple[Element, ...]:
        return tuple(one.passage.element for one in self.quotes)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(one.passage.source for one in self.quotes)


Candidate = Quoted | Worked | Compared
"""Each answers in `words`, `says` the same in small letters, and rests on `regions` and the `quotes` in them; `numbers`
are those of the sources they stand in."""


@dataclass(frozen=True)
class Candidates:
    """`best`: likeliest first, but what its document hides (mostly an older state of something) last. `answerable`: the
    probability, 0..1, that one of them answers. `lacking`: what of the question nothing found holds. `tables`: those
    that were computed over, but for hidden ones, the one that covers most of the question first."""

    best: tuple[Candidate, ...]
    answerable: float
    lacking: Lacking = field(default_factory=Lacking)
    tables: tuple[Passage, ...] = ()
