"""What in the evidence may answer a question, each with the probability that it does.

Two readers look at it: one finds the words that answer in sentences and figures (`reader`), one works answers out over
the cells of tables (`tables`) and over sentences that say the same (`comparisons`). One estimate makes what they say of
themselves comparable (`estimate`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.answering import reader, tables
from agent.answering.candidates import estimate, passages
from agent.answering.candidates.candidate import Candidate, Candidates, Compared, Quoted, Worked
from agent.answering.candidates.comparisons import compared
from agent.answering.candidates.coverage import weighed
from agent.answering.candidates.estimate import Seen
from agent.answering.candidates.passages import Passage, nearest
from agent.answering.candidates.row_keys import is_of_another
from agent.answering.reader import Span
from agent.answering.tables import Cell, Computed
from retrievers import embedders
from retrievers.elements import Element, Hit, Rows
from retrievers.search.names import names
from retrievers.search.query_references import positions

READ = 32  # passages; some 60 tokens each
TABLES = 8
AGREEING = 3  # best spans in which a computed value may stand, too


def candidates(question: str, hits: Sequence[Hit]) -> Candidates:
    """Sources are numbered from 1, in the order of `hits`."""
    dense = embedders.load("minilm")
    cut, lacking = weighed(question, passages.cut(hits), embedders.load("bm25"), dense)
    if stands_there(question, hits):
        there = {_page(hit.element) for hit in hits if hit.placed}
        cut = [one for one in cut if _page(one.element) in there] or cut
    read = nearest(question, [one for one in cut if one.form != "table"], dense, READ)
    spans = reader.load().read(question, [one.text for one in read], [one.setting for one in read])
    whole = [one for one in cut if one.form == "table"][:TABLES]
    sentences = [one.text for one in read if one.form == "sentence"]
    computed = _computed(question, [one.element for one in whole], sentences)
    told = compared(question, spans, read) if all(one.probability < tables.SURE for one in computed) else None
    quoted = [*_quoted(hits, read, spans, [*computed, *(told or ())[:1]])]
    agreeing = [one.words for one in quoted[:AGREEING]]
    found: list[Candidate] = [*quoted]
    found += [_worked(whole, one, agreeing, names(question)) for one in computed]
    if told:
        together = _compared([quoted[place] for place in told[1]], told[0], agreeing)
        found = [_unless(one, together) for one in found]
        found.append(together)
    seen = [Seen(one.kind, one.features, one.chance) for one in found]
    answerable = estimate.answerable(estimate.before_reading(hits), seen, lacking) if found else 0.0
    best = sorted(found, key=lambda one: (_is_hidden(one), -one.chance))
    shown = sorted((one for one in whole if not one.element.hidden), key=lambda one: -one.covered)
    return Candidates(tuple(best), answerable, lacking, tuple(shown))


def stands_there(question: str, hits: Sequence[Hit]) -> bool:
    """Whether the first region stands where the question says ("slide 6", "the last page"): the search looks places up
    and puts what is there first."""
    return bool(hits) and hits[0].placed and any(one.kind == "page" for one in positions(question))


def _quoted(
    hits: Sequence[Hit], read: Sequence[Passage], spans: Sequence[Span], computed: Sequence[Computed]
) -> Iterator[Quoted]:
    for span in spans:
        passage = read[span.passage]
        features = estimate.span_features(span, spans[0], passage, hits[passage.source - 1], computed)
        yield Quoted(passage, span.start, span.end, features, estimate.of_span(features), span.exact)


def _computed(question: str, elements: Sequence[Element], sentences: Sequence[str]) -> list[Computed]:
    """What the tables give; nothing that rests on the row of another key than the question's."""
    found = tables.answers(question, elements, sentences) if elements else []
    return [
        one
        for one in found
        if one.cells and not any(_of_another(question, elements[cell.table].rows, cell) for cell in one.cells)
    ]


def _worked(whole: Sequence[Passage], computed: Computed, read: Sequence[str], named: Sequence[str]) -> Worked:
    used = [whole[table] for table in dict.fromkeys(cell.table for cell in computed.cells)]
    features = estimate.cell_features(computed, used, read, named)
    sources, elements = tuple(one.source for one in whole), tuple(one.element for one in whole)
    return Worked(computed, sources, elements, features, estimate.of_cells(features))


def _compared(rows: Sequence[Quoted], computed: Computed, read: Sequence[str]) -> Compared:
    quotes = tuple(rows[row - 1] for row in dict.fromkeys(cell.row for cell in computed.cells))
    used = [one.passage for one in quotes]
    features = estimate.cell_features(computed, used, read)
    return Compared(computed, quotes, features, estimate.of_cells(features))


def _unless(one: Candidate, whole: Compared) -> Candidate:
    """A part of what is compared answers only if the whole does not."""
    return replace(one, chance=one.chance * (1 - whole.computed.probability)) if one in whole.quotes else one


def _page(element: Element) -> tuple[str, int]:
    return element.document, element.page


def _is_hidden(one: Candidate) -> bool:
    return any(region.hidden for region in one.regions)


def _of_another(question: str, rows: Rows, cell: Cell) -> bool:
    """Whether the question gives the key of another row than this cell's."""
    return cell.row > 0 and is_of_another(question, rows[0], rows[cell.row])
