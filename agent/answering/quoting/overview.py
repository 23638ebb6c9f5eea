"""What the documents say of something, where that is wanted rather than an answer: its leading sentences, quoted.

Sentences are chosen for being like what was asked, or like all that opens the parts of a document, and unlike one
another (maximal marginal relevance, Carbonell & Goldstein, 1998; centroids, Radev et al., 2000).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answering.candidates import passages
from agent.answering.candidates.coverage import weighed
from agent.answering.candidates.passages import PROSE, Passage
from agent.answering.quoting.pieces import Piece, parted, sentence, table
from retrievers import embedders
from retrievers.elements import Hit
from retrievers.search.names import documents_named, name_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST, MOST_ROWS = 5, 2  # sentences; tables with a row of the thing
READ = 48  # sentences of which they are chosen
ENOUGH = 0.5  # of what the best sentence holds of the topic
SAME_AGAIN = 0.5  # how much likeness to a chosen sentence counts against another, beside likeness to what is wanted


def overview(question: str, topic: str, hits: Sequence[Hit]) -> list[Piece]:
    """Of the `topic` of a question, or of what stands where it names no words; empty where nothing speaks of it."""
    said = [one for one in passages.cut(hits) if one.form == "sentence" and len(one.text.split()) >= PROSE]
    named = {*documents_named(question, dict.fromkeys(hit.element.document for hit in hits))}
    if named:
        said = [one for one in said if one.element.document in named]
        own = {word for document in named for word in name_words(document)}
        topic = " ".join(word for word in topic.split() if word.casefold() not in own)
    elif topic and (document := _titled(topic, hits)):
        named, topic = {document}, ""
        said = [one for one in said if one.element.document == document]
    if topic:
        rows = list(_rows(topic, hits, named))
        return parted([*map(_quoted, _about(topic, said)), *rows])
    return parted([*map(_quoted, _opening(said, hits if not named else ()))])


def _titled(topic: str, hits: Sequence[Hit]) -> str:
    """The best document whose title and name say all of the topic; "" if there is none."""
    lexical = embedders.load("bm25")
    wanted = {*lexical.stems(topic)}
    for hit in hits if wanted else ():
        name = " ".join(name_words(hit.element.document))
        if wanted <= {*lexical.stems(f"{name} {hit.element.title}")}:
            return hit.element.document
    return ""


def _about(topic: str, said: Sequence[Passage]) -> list[Passage]:
    """Of those that hold most of the topic's words, themselves or in their headings, the most telling; best first."""
    headed = [replace(one, setting=one.element.heading) for one in said]
    found, _ = weighed(topic, headed, embedders.load("bm25"), embedders.load("minilm"))
    best = max((one.covered for one in found), default=0.0)
    held = sorted((one for one in found if best and one.covered >= ENOUGH * best), key=lambda one: -one.covered)
    return _chosen(held[:READ], topic)


def _opening(said: Sequence[Passage], hits: Sequence[Hit]) -> list[Passage]:
    """What stands first in the parts of a document, in their order; or in each of several, of which `hits` hold the
    first pages."""
    there = {(hit.element.document, hit.element.page) for hit in hits if hit.placed}
    first: dict[object, Passage] = {}
    for one in sorted(said, key=_place):
        element = one.element
        if not element.rows and (not hits or (element.document, element.page) in there):
            first.setdefault(element.document if hits else (element.document, *element.section), one)
    return sorted(_chosen([*first.values()][:READ]), key=_place)


def _chosen(found: Sequence[Passage], wanted: str = "") -> list[Passage]:
    """Each like what is wanted, or like all of `found`, and unlike those before it."""
    import numpy as np

    if not found:
        return []
    texts = [f"{one.element.heading}: {one.text}" for one in found]
    vectors: Floats = embedders.load("minilm").embed_texts([*texts, *([wanted] if wanted else ())])
    middle = vectors[-1] if wanted else vectors.mean(0)
    vectors = vectors[: len(found)]
    like, among = vectors @ (middle / np.linalg.norm(middle)), vectors @ vectors.T
    chosen: list[int] = []
    while len(chosen) < min(MOST, len(found)):
        again = among[:, chosen].max(1) if chosen else np.zeros(len(found))
        gain = like - SAME_AGAIN * again
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
    return [found[place] for place in chosen]


def _rows(topic: str, hits: Sequence[Hit], named: Collection[str]) -> Iterator[Piece]:
    """Rows whose first cell is the topic, of the documents that are named, or of any."""
    stems = embedders.load("bm25").stems
    wanted, shown = {*stems(topic)}, 0
    for number, hit in enumerate(hits, start=1):
        if named and hit.element.document not in named:
            continue
        own = [place for place, row in enumerate(hit.element.rows) if place and {*stems(row[0])} == wanted]
        if own and shown < MOST_ROWS:
            shown += 1
            yield table(hit.element, number, own)


def _place(one: Passage) -> tuple[str, int, int]:
    return one.element.document, one.element.page, one.element.order


def _quoted(one: Passage) -> Piece:
    heading = one.element.heading
    return sentence(one, f"{heading}: " if heading and heading not in one.text else "")
