"""Figures and tables that a request is about by their number ("What does Figure 2 show?"): they themselves, and the
sentences of their document that speak of them."""

from collections.abc import Iterator, Sequence

from agent.answering.candidates import passages
from agent.answering.candidates.passages import Passage
from agent.answering.quoting.pieces import Piece, parted, region, sentence
from retrievers.elements import Element, Hit
from retrievers.ingestion.caption_mentions import mentioning
from retrievers.search.names import documents_named
from retrievers.search.query_references import PLACED, Reference, references

MOST, MOST_SENTENCES = 3, 3  # documents may each have a "Figure 2"; sentences about each


def numbered(question: str, hits: Sequence[Hit]) -> list[Piece]:
    """Empty where the question names none, or none of `hits` is called so."""
    asked = {*map(_kind_and_number, references(question))}
    named = documents_named(question, dict.fromkeys(hit.element.document for hit in hits))
    called = [
        (source, hit.element)
        for source, hit in enumerate(hits, start=1)
        if (not named or hit.element.document in named) and asked & _called(hit.element)
    ]
    if not called:
        return []
    said = [one for one in passages.cut(hits) if one.form == "sentence"]
    return parted([piece for source, element in called[:MOST] for piece in _told(source, element, said)])


def _told(source: int, element: Element, said: Sequence[Passage]) -> Iterator[Piece]:
    yield region(element, source)
    own = [one for one in said if one.element.document == element.document and one.element.id != element.id]
    about = [one for one in own if any(mentioning([one.text], element.caption))]
    yield from map(sentence, about[:MOST_SENTENCES])


def _called(element: Element) -> set[tuple[str, str]]:
    """What stands at the head of its caption: "Figure 2"."""
    return {_kind_and_number(one) for one in references(element.caption)[:1]} if element.caption else set()


def _kind_and_number(one: Reference) -> tuple[str, str]:
    """A chart with a number is a figure with that number."""
    return PLACED.get(one.kind, one.kind), one.number
