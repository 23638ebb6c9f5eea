"""What in the evidence may answer a question, each with the probability that it does.

Two readers look at it: one finds the words that answer in sentences and figures (`reader`), one works answers
out over the cells of tables (`tables`). One estimate makes what they say of themselves comparable (`estimate`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from langchain_core.messages import ToolMessage

from agent.answering import estimate, evidence, reader, tables
from agent.answering.estimate import Features
from agent.answering.evidence import Found
from agent.answering.passages import Passage, passages, weighed, whole_table
from agent.answering.row_keys import is_of_another
from agent.answering.tables import Cell, Computed
from retrievers import embedders
from retrievers.elements import Element, Hit, Rows

READ = 40  # passages; some 60 tokens each
TABLES = 8


@dataclass(frozen=True)
class Quoted:
    """Words of a passage that answer: its characters from `start` to `end`. `chance` is 0..1, from `features`."""

    passage: Passage
    start: int
    end: int
    features: Features
    chance: float
    kind: ClassVar[str] = "span"

    @property
    def words(self) -> str:
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True)
class Worked:
    """Worked out over cells; `sources` are the numbers of the hits whose tables `computed.cells` count from 0."""

    computed: Computed
    sources: tuple[int, ...]
    elements: tuple[Element, ...]
    features: Features
    chance: float
    kind: ClassVar[str] = "cells"


Candidate = Quoted | Worked


@dataclass(frozen=True)
class Candidates:
    """`best`: likeliest first, but what its document hides (mostly an older state of something) last. `answerable`: the
    probability, 0..1, that one of them answers."""

    best: tuple[Candidate, ...]
    answerable: float


def in_results(question: str, results: Sequence[ToolMessage]) -> Candidates:
    """What in the evidence of all `results` may answer; sources are numbered over all of them."""
    hits = evidence.collect(results)
    for result in results:
        found = result.artifact
        if isinstance(found, Found) and found.candidates is not None and found.question == question and found == hits:
            return found.candidates
    return candidates(question, hits)


def absent(results: Sequence[ToolMessage], least: float) -> bool:
    """Whether searches were read and none of them holds an answer with a probability of `least`."""
    read = [
        result.artifact.candidates
        for result in results
        if isinstance(result.artifact, Found) and result.artifact.candidates is not None
    ]
    return bool(read) and all(found.answerable < least for found in read)


def candidates(question: str, hits: Sequence[Hit]) -> Candidates:
    """Sources are numbered from 1, in the order of `hits`."""
    read = passages(question, hits, embedders.load("minilm"), embedders.load("bm25"), READ)
    worked = _worked(question, hits, read)
    found: list[Candidate] = [*_quoted(question, hits, read, worked), *((worked,) if worked else ())]
    seen = [(one.kind, one.features) for one in found]
    answerable = estimate.answerable(estimate.before_reading(hits), seen) if found else 0.0
    return Candidates(tuple(sorted(found, key=lambda one: (_is_hidden(one), -one.chance))), answerable)


def _quoted(question: str, hits: Sequence[Hit], read: Sequence[Passage], worked: Worked | None) -> Iterator[Quoted]:
    computed = worked.computed if worked else None
    for span in reader.load().read(question, [one.text for one in read], [one.setting for one in read]):
        passage = read[span.passage]
        features = estimate.span_features(span, passage, hits[passage.source - 1], computed)
        yield Quoted(passage, span.start, span.end, features, estimate.of_span(features))


def _worked(question: str, hits: Sequence[Hit], read: Sequence[Passage]) -> Worked | None:
    numbers = tuple(number for number, hit in enumerate(hits, start=1) if hit.element.rows)[:TABLES]
    elements = tuple(hits[number - 1].element for number in numbers)
    sentences = [one.text for one in read if one.form == "sentence"]
    computed = tables.answer(question, elements, sentences) if elements else None
    if (
        not computed
        or not computed.cells
        or any(_of_another(question, elements[cell.table].rows, cell) for cell in computed.cells)
    ):
        return None
    used = {cell.table for cell in computed.cells}
    whole = [whole_table(numbers[table], elements[table]) for table in used]
    looked_up = weighed(question, [*whole, *read], embedders.load("bm25"))[: len(whole)]
    features = estimate.cell_features(computed, looked_up, [hits[one.source - 1] for one in looked_up])
    return Worked(computed, numbers, elements, features, estimate.of_cells(features))


def _is_hidden(one: Candidate) -> bool:
    if isinstance(one, Quoted):
        return one.passage.element.hidden
    return any(one.elements[cell.table].hidden for cell in one.computed.cells)


def _of_another(question: str, rows: Rows, cell: Cell) -> bool:
    """Whether the question gives the key of another row than this cell's."""
    return cell.row > 0 and is_of_another(question, rows[0], rows[cell.row])
