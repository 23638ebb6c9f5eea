"""The words and phrases of a question."""

from dataclasses import dataclass
from typing import Literal

Tag = Literal[
    "wh", "be", "aux", "det", "dem", "prep", "conj", "subj", "obj", "poss", "person", "place", "time", "one",
    "owner", "name", "number", "verb", "word", "adj", "adverb", "mark",
]  # fmt: skip
NOMINAL = frozenset({"det", "dem", "poss", "one", "owner", "name", "number", "word", "adj"})
PRONOUNS = frozenset({"subj", "obj", "poss", "place", "time"})


@dataclass(frozen=True, slots=True)
class Token:
    """`key` is the word as it is looked up."""

    text: str
    key: str
    start: int
    end: int
    tag: Tag


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name one thing, with the preposition before them. `asked`: what "which" or "how many" asks for."""

    tokens: tuple[Token, ...]
    prep: Token | None = None
    asked: bool = False

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def content(self) -> tuple[Token, ...]:
        """Without determiners and possessives before it."""
        return tuple(one for one in self.tokens if one.tag not in {"det", "dem", "poss"}) or self.tokens

    @property
    def core(self) -> str:
        return " ".join(one.text for one in self.content)

    @property
    def named(self) -> bool:
        return any(one.tag == "name" for one in self.tokens)

    @property
    def determiner(self) -> str:
        return self.tokens[0].key if self.tokens[0].tag in {"det", "dem"} else ""
