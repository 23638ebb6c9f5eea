"""What a model that plans is shown of a search: enough to decide whether to search again.

The sources themselves are given once, when the answer is written.
"""

from collections.abc import Iterator

from langchain_core.messages import BaseMessage, ToolMessage

from agent.answering.candidates.candidate import Candidate, Quoted
from agent.answering.candidates.found import Found
from agent.answering.evidence import fence_words, unbracketed
from retrievers.elements import Element

PASSAGES = 3
PLACES = 6
WORDS = 40  # of a passage
FEW = 12  # words of a region that is only named


def shown(message: BaseMessage) -> BaseMessage:
    """A message as a model that plans is to read it: what a tool says is fenced, what it found told in short."""
    if not isinstance(message, ToolMessage):
        return message
    found = message.artifact
    text = "\n".join(_lines(found)) if isinstance(found, Found) else message.text
    return message.model_copy(update={"content": fence_words(text)})


def _lines(found: Found) -> Iterator[str]:
    if not found:
        yield "Nothing was found."
        return
    yield f"{len(found)} regions were found. They are given in full to whoever writes the answer."
    read = found.candidates
    if read and read.best:
        yield f"The answer is among them with a probability of {read.answerable:.2f}. The likeliest passages:"
        yield from map(_passage, read.best[:PASSAGES])
    places = {(hit.element.document, hit.element.page): hit.element for hit in reversed(found)}
    yield "Pages:"
    yield from map(_place, list(reversed(places.values()))[:PLACES])


def _passage(one: Candidate) -> str:
    if isinstance(one, Quoted):
        return f"- {_cut(one.passage.text, WORDS)}"
    return unbracketed(f"- {one.computed.working or one.computed.reading}: {', '.join(one.computed.values)}")


def _place(element: Element) -> str:
    about = element.caption or element.context or element.text
    return f"- {element.document}, page {element.page} ({element.kind}): {_cut(about, FEW)}"


def _cut(text: str, most: int) -> str:
    words = unbracketed(text).split()
    return " ".join(words[:most]) + " …" * (len(words) > most)
