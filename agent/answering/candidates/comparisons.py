"""Sentences that say the same of several things, read as a table: what they say can be subtracted, added and ranked
like cells ("The north tower is 212 metres tall. The south tower is 147 metres tall.").
"""

from collections.abc import Sequence

from agent.answering import tables
from agent.answering.candidates.passages import Passage
from agent.answering.reader import Span
from agent.answering.tables import Computed
from agent.answering.tables.values import value_of
from agent.answering.tables.words import stem, words_of
from retrievers.elements import WHOLE_PAGE, Element

MOST = 6  # sentences
NEARLY = 4.0  # log-odds of the reader behind the best sentence with a number


def compared(question: str, spans: Sequence[Span], read: Sequence[Passage]) -> tuple[Computed, list[int]] | None:
    """What is worked out over the numbers of `spans`, best first, and the places of those that are its rows: row 1 of
    its cells is the first of them. None where nothing is, or where a single one answers by itself."""
    numeric = [
        place for place, one in enumerate(spans) if read[one.passage].form == "sentence" and _is_number(one, read)
    ]
    chosen = [place for place in numeric if spans[place].score >= spans[numeric[0]].score - NEARLY][:MOST]
    if len(chosen) < 2:
        return None
    found = tables.answer(question, [_table([spans[place] for place in chosen], read)])
    return (found, chosen) if found and found.operation != "lookup" and len(found.cells) > 1 else None


def _is_number(span: Span, read: Sequence[Passage]) -> bool:
    value = value_of(read[span.passage].text[span.start : span.end])
    return value.number is not None and value.exact


def _table(chosen: Sequence[Span], read: Sequence[Passage]) -> Element:
    """A row a sentence: what it says, without its number, and the number. The words that all of them share are the
    header of the numbers."""
    texts = [read[span.passage].text for span in chosen]
    values = [text[span.start : span.end] for text, span in zip(texts, chosen, strict=True)]
    labels = [text[: span.start] + text[span.end :] for text, span in zip(texts, chosen, strict=True)]
    first, *others = (dict.fromkeys(word for word in words_of(label) if stem(word)) for label in labels)
    header = " ".join(word for word in first if all(word in other for other in others))
    rows = (("", header), *zip((" ".join(label.split()) for label in labels), values, strict=True))
    element = read[chosen[0].passage].element
    return Element(element.document, element.sha256, element.page, "table", "", WHOLE_PAGE, 0, rows=rows)
