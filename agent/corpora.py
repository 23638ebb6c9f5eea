"""An agent's corpora as things: named, made, renamed, deleted."""

import re
import unicodedata
from typing import TYPE_CHECKING

from common.errors import UserError

if TYPE_CHECKING:
    from agent.conversations.store import Conversations
    from retrievers.library import Corpus, Library

LONGEST = 64  # characters of a name


class Corpora:
    """Those of a library. What was asked of a corpus in `conversations` follows it to its new name."""

    def __init__(self, library: "Library", conversations: "Conversations") -> None:
        self._library, self._conversations = library, conversations

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
