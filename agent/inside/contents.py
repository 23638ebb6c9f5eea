"""Two lines of what is inside: of a document a sentence that is like all that opens its parts, and its headings; of a
corpus its documents, and such a sentence."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from common.sentences import sentences
from retrievers import embedders
from retrievers.elements import Element
from retrievers.embedders.languages import spaced

PROSE = 6  # words from which a sentence says something by itself
READ = 32  # sentences that one is chosen of
MOST_NAMED = 5  # documents or headings that are named
LONGEST = 220  # letters of a line
NUMBERED = re.compile(r"^(?:[\d.]+|[IVXLC]+\.)\s+")
JOIN = " · "
Documents = Mapping[str, Sequence[Element]]


def lines(documents: Documents) -> tuple[str, ...]:
    """At most two, of the elements of these documents in reading order."""
    names = [_title(name, elements) for name, elements in documents.items()]
    if len(documents) > 1:
        listed = [_listed(names), _central(documents)]
    else:
        [elements] = documents.values()
        found = [heading for heading in headings(elements) if heading != names[0]]
        listed = [_central(documents), _listed(found)]
    return tuple(_shortened(line) for line in listed if line)


def headings(elements: Sequence[Element]) -> list[str]:
    """Of the parts of a document, in order, without their numbers."""
    named = (element.section[-1] for element in elements if element.section)
    return list(dict.fromkeys(NUMBERED.sub("", " ".join(one.split())) for one in named))


def _title(name: str, elements: Sequence[Element]) -> str:
    return next((" ".join(one.title.split()) for one in elements if one.title), Path(name).name)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return JOIN.join([*names[:MOST_NAMED], *([f"+ {more}"] if more > 0 else ())])


def _central(documents: Documents) -> str:
    """The sentence nearest to the middle of those that open the parts; "" where there is no prose."""
    opening = [sentence for elements in documents.values() for sentence in _opening(elements)][:READ]
    if not opening:
        return ""
    vectors = embedders.load("minilm").embed_texts(opening)
    return opening[int((vectors @ vectors.mean(0)).argmax())]


def _opening(elements: Sequence[Element]) -> list[str]:
    """The first sentence of each part."""
    first: dict[tuple[str, ...], str] = {}
    for element in elements:
        if element.kind == "text" and not element.rows and element.section not in first:
            prose = (one for one in sentences(element.text) if len(spaced(one).split()) >= PROSE and not one.isupper())
            if sentence := next(prose, ""):
                first[element.section] = sentence
    return list(first.values())


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST else line[:LONGEST].rsplit(" ", 1)[0] + " …"
