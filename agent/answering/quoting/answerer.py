"""An answer of which nobody writes a word: the passages of the evidence that answer, quoted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from agent.answering import evidence
from agent.answering.candidates.candidate import Candidate, Candidates, Quoted
from agent.answering.candidates.estimate import FOUND
from agent.answering.candidates.finding import stands_there
from agent.answering.candidates.found import in_results
from agent.answering.draft import Draft
from agent.answering.quoting.certainty import answers, is_likely, odds
from agent.answering.quoting.numbered import numbered
from agent.answering.quoting.overview import overview
from agent.answering.quoting.pieces import Piece, all_quoted, picture, region, together, unsure, whole, written
from agent.answering.quoting.two_parts import answers_of
from agent.converting.requests import OutputRequest
from agent.events import Answer, Artifact, Token
from agent.lexicon import subject
from agent.request import Request, Work
from agent.settings import NO_MODEL
from retrievers.elements import Hit, Kind
from retrievers.embedders.outlines import Outlines

MOST_QUOTES = 3
NEAR_BEST = 0.7  # of the odds of the best one, at least, for a further quote
PLACED = 0.2  # least probability where the question says the place: what stands there is likelier to answer
MOST_UNSURE = 4
NEAR_UNSURE = 0.35
NEARLY_COVERED = 0.5  # of what the likeliest say of the question, at least, for a table beside them
NEAREST_PAGES = 3
UNSEEN = (
    "Pictures there were read for their words alone: to count or to describe what is seen in them takes a language "
    "model that sees."
)


class QuotingAnswerer:
    """Computes over tables, and quotes; `sure` says how probably the answer is one, 0..1, None where that is no
    question."""

    write_diagram: ClassVar[None] = None

    def answer(self, request: Request, work: Work) -> Iterator[Token | Artifact | Answer]:
        if not work.asks:  # quotes would be no word to what is made
            yield Answer("", model=NO_MODEL, notices=work.notices, advice=work.advice)
            return
        draft = Draft(request, work)
        yield from quote(draft)
        yield from draft.finish(NO_MODEL)


def quote(draft: Draft) -> Iterator[Token]:
    """What answers, added to a draft."""
    reply = _reply(draft.request, draft.work)
    draft.found, draft.sure = reply.found, reply.sure
    draft.quotes = all_quoted(quotes for _, quotes in reply.pieces)
    for text, _ in reply.pieces:
        yield from draft.add([text])
    yield from draft.close()


@dataclass(frozen=True)
class _Reply:
    found: bool
    pieces: Sequence[Piece]
    sure: float | None = None
    likely: bool = True


def _reply(request: Request, work: Work) -> _Reply:
    hits, results = work.hits, work.results
    told = [
        result.text
        for result in results
        if result.status == "success" and not isinstance(result.artifact, tuple | OutputRequest)
    ]
    ordered = [result.text for result in results if isinstance(result.artifact, OutputRequest)]
    failed = [result.text for result in results if result.status == "error"]
    if told:
        return _Reply(True, [(text, {}) for text in told])
    if failed and not hits:
        return _Reply(False, [(f"Nothing could be looked up. {' '.join(failed)}", {})])
    if not results:
        return _Reply(True, [("Ask me something about your documents, and I will quote what answers.", {})])
    if len(ordered) == len(results):
        return _Reply(True, [(text + "\n\n", {}) for text in ordered])
    reply = _shown(work) or _overview(work) or _from_evidence(work)
    alike = next((place for place, hit in enumerate(hits, start=1) if hit.element.kind == "figure"), None)
    if not reply.likely and alike and request.images:
        known = Outlines.info.vector in hits[alike - 1].ranks
        lead = "Your picture is " if known else "By the words in your picture, the closest picture here is "
        return _Reply(True, [picture(lead, hits[alike - 1].element, alike)])
    return reply


def _shown(work: Work) -> _Reply | None:
    """The figure or table that is wanted itself; None where none is, or none comes close."""
    if "figure" in work.shows and (shown := _closest(subject(work.question), work.hits, "figure")):
        number, exact = shown
        lead = "" if exact else "The closest picture here is "
        return _Reply(True, [picture(lead, work.hits[number - 1].element, number)])
    if "table" in work.shows and (shown := _closest(subject(work.question), work.hits, "table")):
        return _Reply(True, [whole(work.hits[shown[0] - 1].element, shown[0])])
    return None


def _overview(work: Work) -> _Reply | None:
    """What is written of the topic, or of the figures that are named; None where nothing is, or an answer is wanted."""
    if work.topic is None:
        return None
    pieces = numbered(work.question, work.hits) or overview(work.question, work.topic, work.hits)
    return _Reply(True, pieces) if pieces else None


def _from_evidence(work: Work) -> _Reply:
    question, hits = work.question, work.hits
    if both := answers_of(question, hits):
        return _Reply(True, together([one.best[0] for one in both]), min(one.answerable for one in both))
    found = in_results(question, work.results)
    placed = stands_there(question, hits)
    if answers(found, PLACED if placed else FOUND):
        likely = is_likely(found)
        pieces = written(found.best[0], _more(found.best), question) if likely else _unsure(question, found)
        return _Reply(True, pieces, found.answerable, likely)
    if placed:
        return _Reply(True, [region(hits[0].element, 1)], found.answerable)
    return _Reply(False, list(_nearest(hits)), found.answerable, likely=False)


def _more(found: Sequence[Candidate]) -> list[Quoted]:
    """What answers nearly as surely as the best and says something else."""
    best = found[0]
    if not isinstance(best, Quoted):
        return []
    chosen = [best]
    for one in found[1:]:
        if odds(one) < NEAR_BEST * odds(best) or len(chosen) == MOST_QUOTES:
            break
        if isinstance(one, Quoted) and one.passage.form == "sentence" and not any(_repeats(one, c) for c in chosen):
            chosen.append(one)
    return chosen[1:]


def _unsure(question: str, found: Candidates) -> list[Piece]:
    """What comes nearest: the likeliest, and the table that says most of what is asked about, if it says nearly as much
    as they do: nothing worked out over it is likely, and it may be read by eye."""
    likeliest = _nearly(found.best)
    shown = {region.id for one in likeliest for region in one.regions}
    covered = NEARLY_COVERED * max(one.features["covered"] for one in likeliest)
    beside = [one for one in found.tables[:1] if one.covered >= covered and one.element.id not in shown]
    return unsure(question, likeliest[: MOST_UNSURE - len(beside)], beside)


def _nearly(found: Sequence[Candidate]) -> list[Candidate]:
    """Those that are not much less likely than the best, each of another region."""
    chosen: dict[UUID, Candidate] = {}
    for one in found:
        if odds(one) < NEAR_UNSURE * odds(found[0]) or len(chosen) == MOST_UNSURE:
            break
        chosen.setdefault(one.regions[0].id, one)
    return list(chosen.values())


def _repeats(one: Quoted, other: Quoted) -> bool:
    return one.words.lower() in other.passage.text.lower() or other.words.lower() in one.passage.text.lower()


def _closest(about: str, hits: Sequence[Hit], kind: Kind) -> tuple[int, bool] | None:
    """The source number of the figure or table with most of these words, the first of equals, and whether it has them
    all; None if none has any."""
    from retrievers import embedders

    lexical = embedders.load("bm25")
    shared = {
        number: len(lexical.shared_terms(about, hit.element.indexed_text))
        for number, hit in enumerate(hits, start=1)
        if hit.element.kind == kind
    }
    best = max(shared, key=lambda number: shared[number], default=0)
    return (best, shared[best] == len(lexical.shared_terms(about, about))) if best and shared[best] else None


def _nearest(hits: Sequence[Hit]) -> Iterator[Piece]:
    yield "I could not find this in the documents.", {}
    pages: dict[tuple[str, int], int] = {}
    for number, hit in enumerate(hits, start=1):
        pages.setdefault((hit.element.document, hit.element.page), number)
    places = [
        f"{evidence.unbracketed(document)}, page {page} [{number}]"
        for (document, page), number in list(pages.items())[:NEAREST_PAGES]
    ]
    if places:
        yield f" The nearest pages are: {'; '.join(places)}.", {}
    if any(hit.element.kind == "figure" for hit in hits[:NEAREST_PAGES]):
        yield f" {UNSEEN}", {}
