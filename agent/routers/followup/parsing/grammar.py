"""A question as tagged words and phrases, by the closed classes of its language (`grammar.json`): determiners,
prepositions, pronouns, auxiliaries. What is none of these is a name, a number, a verb by its place, or a plain word.

A shallow parse (Abney, 1991): nothing is known of the plain words, so that any topic is read alike.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from agent.routers.followup.parsing import tagger
from agent.routers.followup.parsing.tokens import Tag, Token

FILE = Path(__file__).with_name("grammar.json")


class Grammar:
    """The closed classes of one language; `lists` as they stand in the file."""

    def __init__(self, name: str, lists: dict[str, Any]) -> None:
        self.name = name
        self.lists = lists
        self.closed = frozenset(word for kind in lists if kind not in {"dates", "picks"} for word in lists[kind])

    def __getitem__(self, kind: str) -> list[str]:
        return list(self.lists[kind])

    def letters(self, kind: str, key: str) -> str:
        """Of a pronoun: the genders and numbers that it may stand for."""
        return str(self.lists[kind].get(key, ""))

    def gender_of(self, determiner: str) -> str:
        """Letters of the genders and numbers that it may have (m, f, n, p); "" where the language does not mark it."""
        return self.letters("genders", determiner)

    def tokens(self, text: str, *, inside: bool = False) -> list[Token]:
        """`inside`: the text begins in the middle of a sentence, so that a capital at its start is one of a name."""
        tokens = self.closed_tokens(text, inside=inside)
        for place, tag in tagger.tagged(tokens, text, self.name).items():
            tokens[place] = replace(tokens[place], tag=tag)
            last = tokens[place - 1] if place else None
            if tag in {"verb", "adverb"} and last is not None and last.tag == "dem" and last.key in self["objects"]:
                tokens[place - 1] = replace(last, tag="obj")  # "when was that changed"
        return tokens

    def closed_tokens(self, text: str, *, inside: bool = False) -> list[Token]:
        """The same before open words are told apart: all of them are "word"."""
        found = [Token(one[0], _key(one[0]), one.start(), one.end(), "word") for one in self._words.finditer(text)]
        tagged: list[Token] = []
        for place, token in enumerate(found):
            tagged.append(replace(token, tag=self._tag(found, place, tagged, inside)))
        for place, (token, then) in enumerate(zip(tagged, [*tagged[1:], None], strict=False)):
            if token.tag == "prep" and place and (then is None or then.tag == "mark"):
                tagged[place] = replace(token, tag="adverb")  # "the year before"
        return tagged

    @property
    def _words(self) -> re.Pattern[str]:
        return _FRENCH if self.name == "french" else _WORDS

    def _tag(self, found: Sequence[Token], place: int, before: Sequence[Token], inside: bool) -> Tag:
        token = found[place]
        then = found[place + 1] if place + 1 < len(found) else None
        last = before[-1] if before else None
        asks = token.key in self["wh"] and not any(one.tag in {"wh", "be", "aux"} for one in before)
        return (
            self._shaped(token, last)
            or ("wh" if asks else None)
            or self._pronoun(token, then, last, found[place + 2 :], place == 1)
            or self._closed(token, then, last)
            or self._open(token, then, last, inside)
        )

    def _shaped(self, token: Token, last: Token | None) -> Tag | None:
        """What is told by its letters alone: marks, numbers, names with digits, "'s"."""
        if token.text == "&":
            return "name"
        if not re.match(r"\w|['’]s", token.text.lstrip("-")):
            return "mark"
        if token.key == "'s":
            return "owner" if last and last.tag in {"word", "name", "number"} else "be"
        if any(letter.isdigit() for letter in token.key):
            return "number" if token.key.replace(".", "").replace(",", "").isdigit() else "name"
        return None

    def _pronoun(
        self, token: Token, then: Token | None, last: Token | None, rest: Sequence[Token], place_one: bool
    ) -> Tag | None:
        key = token.key
        ends = then is None or not then.text[0].isalpha()
        if key in self["demonstratives"] or key == "that":
            return self._demonstrative(key, then, last, ends)
        if key in self["possessives"] and not (ends and key in self["objects"]):
            before_noun = then is not None and then.key not in self.closed and not ends
            if before_noun or (key not in self["objects"] and key not in self["subjects"]):
                return "poss"
        if key in self["objects"] and key in self["determiners"]:
            return "obj" if self._is_clitic(then, last, rest, ends) else None
        after_be = last is not None and last.tag in {"be", "aux"}  # "is there a pool", "is one"
        after_verb = last is not None and last.tag == "word" and place_one  # "turn it on"
        kinds: tuple[tuple[str, Tag, bool], ...] = (
            ("subjects", "subj", not (after_verb and key in self["objects"])),
            ("objects", "obj", True),
            ("places", "place", not after_be),
            ("times", "time", True),
            ("ones", "one", last is None or last.tag != "be"),
        )
        return next((tag for kind, tag, may in kinds if may and key in self[kind]), None)

    def _demonstrative(self, key: str, then: Token | None, last: Token | None, ends: bool) -> Tag:
        if not ends and then and then.key not in self.closed:
            return "conj" if key == "that" and last and last.tag in {"word", "name"} else "dem"
        return "obj" if key in self["objects"] else "dem"

    def _is_clitic(self, then: Token | None, last: Token | None, rest: Sequence[Token], ends: bool) -> bool:
        """Whether "la" of "¿Cuándo la construyó?" or "das" of "Was kostet das?" stands for a thing, before no noun."""
        if ends or then is None:
            return True
        if self.name == "german":
            return not any(one.text[0].isupper() for one in (then, *rest))
        if then.key in self["aux"] or then.key in self["be"]:
            return True
        ending = not rest or not rest[0].text[0].isalpha() or rest[0].key in self["prepositions"]
        return last is not None and last.tag == "wh" and last.key not in self["which"] and ending

    def _closed(self, token: Token, then: Token | None, last: Token | None) -> Tag | None:
        key = token.key
        in_clause = then is not None and then.key in self["subjects"] and key in self["conjunctions"]
        kinds: tuple[tuple[Tag, bool], ...] = (
            ("be", key in self["be"]),
            ("aux", key in self["aux"] and not (token.text[0].isupper() and last is not None)),
            ("det", key in self["determiners"] and key != "no"),
            ("prep", key in self["prepositions"] and not in_clause),
            ("conj", key in self["conjunctions"] or key in self["wh"]),
            ("person", key in self["persons"]),
            ("adverb", key in self["adverbs"]),
        )
        return next((tag for tag, holds in kinds if holds), None)

    def _open(self, token: Token, then: Token | None, last: Token | None, inside: bool) -> Tag:
        if token.key in self["dates"]:
            return "number"
        opened = last is not None and last.tag == "mark" and last.text in {"¿", "¡", ":", ".", "!"}
        first = opened or (last is None and not inside)
        if not token.text[0].isupper() or (first and not token.text.isupper() and not _is_name(then)):
            return "word"
        return "name" if self.name != "german" or last is None or last.tag not in {"det", "dem", "poss"} else "word"


# fmt: off
_WORDS = re.compile(r"\d[\d.,]*\d|['’]s\b|\w+(?:[-.’'](?!s\b)\w+)*|[^\w\s]")
_FRENCH = re.compile(
    r"\d[\d.,]*\d|est-ce|(?:[ldcjmnst]|qu|jusqu)['’](?=\w)|-(?:t-)?(?:ils?|elles?|on|je|vous|nous|ce)\b"
    r"|\w+?(?=-(?:t-)?(?:ils?|elles?|on|je|vous|nous|ce)\b)|\w+(?:[-.]\w+)*|[^\w\s]", re.IGNORECASE)
# fmt: on


@cache
def grammars() -> dict[str, Grammar]:
    lists: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Grammar(name, one) for name, one in lists.items()}


def grammar_of(question: str, before: str) -> Grammar | None:
    """That of the language with most function words in the question and, at half, in what was asked before.

    None where no language that is known has any.
    """
    words = [word.lower() for word in re.findall(r"\w+", f"{question} {question} {before}")]
    counts = {name: sum(word in one.closed for word in words) for name, one in grammars().items()}
    best = max(counts, key=lambda name: counts[name])
    return grammars()[best] if counts[best] else None


def _is_name(token: Token | None) -> bool:
    """Whether a name goes on with it: "Mara Lindqvist"; not a title as in "Which Book"."""
    return token is not None and token.text[0].isupper() and (len(token.text) == 1 or not token.text.isupper())


def _key(word: str) -> str:
    """How it is looked up: "Doesn't" as "does", "-t-il" as "il"."""
    return word.lower().replace("’", "'").removesuffix("n't").lstrip("-").removeprefix("t-")
