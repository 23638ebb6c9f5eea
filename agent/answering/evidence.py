"""Evidence: how the hits of one request, which are numbered, are shown to a model.

Document text is data, and so is all else that a document or a picture brings: names, titles, captions, recognised
words. It reaches a model through one fence: tags whose names end in a random mark that no document can know, around
text in which nothing can open or close a tag, pass for a chat template's special token, or be taken for one of our
citations. No letter of it is written as another, since models copy what they read.
"""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from uuid import UUID

from retrievers.elements import Element, Hit

_NUMBERED = re.compile(r"\[(\s*\d[\d\s,;-]*)\]")  # [12] in a document is its own reference, never ours
_OPENING = re.compile(r"(?<=[<\uff1c])(?=\S)|(?<=[\[\uff3b])(?=[^\s\d])")
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}  # Unicode's categories of what is not seen, in which words can be hidden
_KEPT = set("\n\t\u200c\u200d")  # joiners: scripts and emoji need them


def unbracketed(text: str) -> str:
    """`text` with its bracketed numbers in round brackets."""
    return _NUMBERED.sub(r"(\1)", text)


def inert(text: str) -> str:
    """`text` without characters that are not seen, and with a space after every bracket that could open a special
    token: those of chat templates (`<|im_start|>`, `<s>`, `[INST]`) are one run of characters in such brackets."""
    seen = (one for one in text if one in _KEPT or unicodedata.category(one) not in _UNSEEN)
    return _OPENING.sub(" ", "".join(seen))


def words_of(element: Element) -> str:
    """What is to be read in a region: a table row by row, a figure with its caption first."""
    body = "\n".join(" | ".join(row) for row in element.rows) if element.rows else element.text
    return "\n".join(part for part in (element.caption, body) if part)


def fence(hits: Sequence[Hit], texts: Sequence[str] | None = None) -> str:
    """The sources as tagged blocks, in order, numbered from 1; a neighbour says what it is to the one it is beside.

    `texts` are what is shown of each (default: all its words).
    """
    numbers = {hit.element.id: number for number, hit in enumerate(hits, start=1)}
    shown = [words_of(hit.element) for hit in hits] if texts is None else texts
    mark = _mark()
    blocks = (_block(hit, text, numbers, mark) for hit, text in zip(hits, shown, strict=True))
    return "\n".join(blocks) or "(no source found)"


def fence_words(text: str, name: str = "result") -> str:
    """Words of documents or pictures that are no source: the result of a tool, an answer that quotes them."""
    return _fenced(name, {}, text, _mark())


def _block(hit: Hit, text: str, numbers: Mapping[UUID, int], mark: str) -> str:
    element = hit.element
    other = numbers.get(hit.beside) if hit.beside else None
    near = {"beside": str(other), "relation": hit.relation} if other else {}
    place = {"document": element.document, "page": str(element.page), "kind": element.kind, "section": element.context}
    known = {name: value for name, value in place.items() if value}
    return _fenced("source", {"n": str(numbers[element.id]), **known, **near}, text, mark)


def _fenced(name: str, attributes: Mapping[str, str], text: str, mark: str) -> str:
    given = "".join(f' {key}="{_attribute(value)}"' for key, value in attributes.items())
    return f"<{name}-{mark}{given}>\n{inert(unbracketed(text))}\n</{name}-{mark}>"


def _attribute(value: str) -> str:
    """On one line, and without what could end it."""
    return " ".join(inert(unbracketed(value)).replace('"', "'").split())


def _mark() -> str:
    return secrets.token_hex(4)
