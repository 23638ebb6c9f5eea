"""An agent's corpora as things: named, made, renamed, deleted."""

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.inside.inside import Inside, known, work_out
from common.errors import UserError

if TYPE_CHECKING:
    from agent.conversations.store import Conversations
    from agent.events import Answer
    from retrievers.library import Corpus, Library

LONGEST = 64  # characters of a name


class Corpora:
    """Those of a library. What was asked of a corpus in `conversations` follows it to its new name. `quoted` answers a
    question from a corpus without a language model."""

    def __init__(
        self, library: "Library", conversations: "Conversations", quoted: "Callable[[str, str], Answer]"
    ) -> None:
        self._library, self._conversations, self._quoted = library, conversations, quoted

    def names(self) -> list[str]:
        return self._library.names()

    def create(self, name: str) -> "Corpus":
        """A new one, of no documents. Raises `UserError` for a bad or taken name."""
        if name in self.names():
            raise UserError(f"There is a corpus {name!r} already.", "Choose another name.")
        return self._library.open(name, create=True)

    def rename(self, name: str, new: str) -> None:
        """See `Library.rename`."""
        self._library.rename(name, new)
        self._conversations.corpus_renamed(name, new)

    def delete(self, name: str) -> None:
        """See `Library.delete`. Conversations about it stay."""
        self._library.delete(name)

    def inside(self, name: str, document: str = "", wait: Callable[[], None] = lambda: None) -> Inside:
        """What is inside a corpus, or a document of it: two lines, and three questions that it was seen to answer.

        Takes seconds the first time, and is kept until other documents are there. `wait` is called before each question
        is tried: whoever has more urgent things to do waits there. Raises `UserError` for what is not there.
        """
        return work_out(self._library.open(name), document, lambda question: self._quoted(question, name), wait)

    def known_inside(self, name: str, document: str = "") -> Inside | None:
        """As `inside`, where it has been worked out; else None."""
        return known(self._library.open(name), document)

    def opening(self, wanted: str) -> str:
        """The corpus to begin with: the `wanted` one, or if there is none the first there is."""
        names = self.names()
        return wanted if wanted in names or not names else names[0]


def name_of(words: str) -> str:
    """What a corpus that a person calls so is named: "Annual Reports" is "annual-reports".

    Raises `UserError` for words without a Latin letter or digit.
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:LONGEST]
    if not name:
        raise UserError("No name can be made of that.", "Use the letters a-z, digits, - and _.")
    return name
