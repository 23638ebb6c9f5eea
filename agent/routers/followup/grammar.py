"""A question as tagged words and phrases, by the closed classes of its language (`grammar.json`): determiners,
prepositions, pronouns, auxiliaries. What is none of these is a name, a number, a verb by its place, or a plain word.

A shallow parse (Abney, 1991): nothing is known of the plain words, so that any topic is read alike.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).with_name("grammar.json")
Tag = Literal[
    "wh", "be", "aux", "det", "dem", "prep", "conj", "subj", "obj", "poss", "person", "place", "time", "one",
    "owner", "name", "number", "verb", "word", "adverb", "mark",
]  # fmt: skip
NOMINAL = frozenset({"det", "dem", "poss", "one", "owner", "name", "number", "word"})
PRONOUNS = frozenset({"subj", "obj", "poss", "place", "time"})
_PARTICIPLE = re.compile(
    r"\w{2,}ed|made|built|sold|found|held|kept|paid|sent|lost|won|led|left|met|laid|bought|brought|taught|thought|"
    r"caught|put|cut|set|read|seen|done|gone|born|borne|worn|torn|said|told|run|fed|hung|spent|lent|bent|"
    r"\w*(?:written|drawn|known|shown|given|taken|broken|chosen|spoken|grown|thrown|flown|driven|eaten|fallen|hidden|woken|frozen)"
)
_ALSO_NOUNS = frozenset({"set", "cut", "put", "read", "run", "left", "lost", "thought"})


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


class Grammar:
    """The closed classes of one language; `lists` as they stand in the file."""

    def __init__(self, name: str, lists: dict[str, list[str]]) -> None:
        self.name = name
        self.lists = lists
        self.closed = frozenset(word for kind in lists if kind not in {"dates", "ordinals"} for word in lists[kind])

    def __getitem__(self, kind: str) -> list[str]:
        return self.lists[kind]

    def gender_of(self, determiner: str) -> str:
        """Letters of the genders and numbers that it may have (m, f, n, p); "" where the language does not mark it."""
        genders: dict[str, str] = dict(self.lists["genders"])
        return genders.get(determiner, "")

    def tokens(self, text: str, *, inside: bool = False) -> list[Token]:
        """`inside`: the text begins in the middle of a sentence, so that a capital at its start is one of a name."""
        found = [
            Token(one[0], one[0].lower().replace("’", "'").lstrip("-").removeprefix("t-"), one.start(), one.end(), "word")
            for one in self._words.finditer(text)
        ]
        tagged: list[Token] = []
        for place, token in enumerate(found):
            tagged.append(replace(token, tag=self._tag(found, place, tagged, inside)))
        return self._with_verbs(tagged)

    @property
    def _words(self) -> re.Pattern[str]:
        return _FRENCH if self.name == "french" else _WORDS

    def _tag(self, found: Sequence[Token], place: int, before: Sequence[Token], inside: bool) -> Tag:
        token, key = found[place], found[place].key
        then = found[place + 1] if place + 1 < len(found) else None
        last = before[-1] if before else None
        if token.text == "&":
            return "name"
        if not re.match(r"\w|['’]s", token.text.lstrip("-")):
            return "mark"
        if any(letter.isdigit() for letter in key):
            return "number" if key.replace(".", "").replace(",", "").isdigit() else "name"
        if key == "'s":
            return "owner" if last and last.tag in {"word", "name", "number"} else "be"
        if key in self["wh"] and not any(one.tag in {"wh", "be", "aux"} for one in before):
            return "wh"
        if pronoun := self._pronoun(token, then, last, found[place + 2 :]):
            return pronoun
        return self._closed(token, then, last) or self._open(token, last, inside)

    def _pronoun(self, token: Token, then: Token | None, last: Token | None, rest: Sequence[Token]) -> Tag | None:
        key = token.key
        ends = then is None or not then.text[0].isalpha()
        if key in self["demonstratives"] or key == "that":
            if not ends and then and then.key not in self.closed and not _PARTICIPLE.fullmatch(then.key):
                return "conj" if key == "that" and last and last.tag in {"word", "name"} else "dem"
            return "obj" if key in self["objects"] else "dem"
        if key in self["possessives"] and not (ends and key in self["objects"]):
            open_class = then is not None and then.key not in self.closed and not ends
            if open_class or (key not in self["objects"] and key not in self["subjects"]):
                return "poss"
        if key in self["objects"] and key in self["determiners"]:
            return "obj" if self._is_clitic(then, last, rest, ends) else None
        if key in self["subjects"]:
            return "subj"
        if key in self["objects"]:
            return "obj"
        for kind, tag in (("places", "place"), ("times", "time"), ("ones", "one")):
            expletive = kind == "places" and last is not None and last.tag in {"be", "aux"}
            if key in self[kind] and not expletive and (kind != "ones" or last is None or last.tag not in {"be"}):
                return tag  # type: ignore[return-value]
        return None

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
        in_clause = then is not None and then.key in self["subjects"]
        if key in self["be"]:
            return "be"
        if key in self["aux"] and not (token.text[0].isupper() and last is not None):
            return "aux"
        if key in self["demonstratives"]:
            return "dem"
        if key in self["determiners"] and key not in {"no"}:
            return "det"
        if key in self["prepositions"] and not (in_clause and key in self["conjunctions"]):
            return "prep"
        if key in self["conjunctions"] or key in self["wh"]:
            return "conj"
        if key in self["persons"]:
            return "person"
        return "adverb" if key in self["adverbs"] else None

    def _open(self, token: Token, last: Token | None, inside: bool) -> Tag:
        if token.key in self["dates"]:
            return "number"
        first = (last is None and not inside) or (
            last is not None and last.tag == "mark" and last.text in {"¿", "¡", ":", ".", "!"}
        )
        if not token.text[0].isupper() or (first and not token.text.isupper()):
            return "word"
        return "name" if self.name != "german" or last is None or last.tag not in {"det", "dem", "poss"} else "word"

    def _with_verbs(self, tokens: list[Token]) -> list[Token]:
        """Main verbs, told by where they stand."""
        places = set(self._german_verbs(tokens) if self.name == "german" else self._verbs(tokens))
        return [replace(one, tag="verb") if place in places else one for place, one in enumerate(tokens)]

    def _verbs(self, tokens: Sequence[Token]) -> Iterator[int]:
        before = -2
        for run in _runs(tokens):
            opener = tokens[run[0] - 1] if run[0] else None
            first, last = tokens[run[0]], tokens[run[-1]]
            after = tokens[run[-1] + 1] if run[-1] + 1 < len(tokens) else None
            asked = any(one.tag in {"be", "aux"} for one in tokens[: run[0]])
            if first.tag == "word" and opener is not None and (
                opener.tag in {"subj", "person"}
                or (opener.key == "to" and (after is None or after.tag in {"det", "poss", "name", "obj", "mark"} and after.text != ":"))
                or (opener.tag == "obj" and run[0] > 1 and tokens[run[0] - 2].key in self["of"])
                or (opener.tag == "obj" and self.name != "english")
                or (opener.tag == "conj" and opener.key in {"that", "who", "which"})
                or (opener.tag == "wh" and opener.key in self["who"])
                or (opener.tag == "be" and len(run) > 1 and _PARTICIPLE.fullmatch(first.key))
            ):
                yield run[0]
            elif opener is not None and opener.tag == "wh" and not any(one.tag in {"be", "aux"} for one in tokens):
                thing = opener.key in self["which"] or opener.key in self["many"] or first.key in self["many"]
                if first.tag == "word" and not thing:
                    yield run[0]
                elif thing and (words := _plain(tokens, run, self["many"])) and len(words) > 1:
                    yield words[-1]
                elif thing:
                    before = run[-1]
            elif before >= 0 and opener is not None and opener.tag == "det" and len(run) > 1 and (
                after is not None and after.tag == "det"
            ):
                yield run[-1]
            elif opener is not None and opener.tag == "be" and len(run) == 1 and _PARTICIPLE.fullmatch(first.key):
                yield run[0]
            elif after is not None and after.tag in {"aux", "be"}:
                continue
            elif asked and len(run) > 1 and last.tag == "word" and self._ends_verbal(tokens, run):
                together = "wh" not in {one.tag for one in tokens} and _begins_with(tokens, self["do"])
                object_last = together and len(run) > 2 and tokens[run[-2]].tag == "word"  # "does the policy cover theft"
                yield run[-2] if object_last else run[-1]
            elif opener is None and first.tag == "word" and len(run) == 1 and after is not None and (
                after.tag in {"det", "dem", "person", "obj", "wh", "poss"} or (after.tag == "prep" and after.key == "to")
            ):
                yield run[0]
            elif before == run[0] - 1 and first.tag == "word":
                yield run[0]
        if self.name != "english":
            yield from self._participles(tokens)

    def _ends_verbal(self, tokens: Sequence[Token], run: Sequence[int]) -> bool:
        """Whether the last of several words after an auxiliary is its verb: "does the dam hold", "was the dam closed"."""
        helper = next((one for one in reversed(tokens[: run[0]]) if one.tag in {"be", "aux"}), None)
        if helper is None:
            return False
        between = any(one.tag in {"prep", "verb"} for one in tokens[tokens.index(helper) + 1 : run[0]])
        if helper.tag == "be":
            key = tokens[run[-1]].key
            return bool(_PARTICIPLE.fullmatch(key)) and not (between and key in _ALSO_NOUNS)
        named = tokens[run[0]].tag == "name" and run[-1] + 1 < len(tokens) and tokens[run[-1] + 1].tag == "mark"
        return self.name == "english" and (not between or named)

    def _participles(self, tokens: Sequence[Token]) -> Iterator[int]:
        """The word right after an auxiliary, before what it is done to: "a construit le barrage"."""
        for place, token in enumerate(tokens[1:], start=1):
            then = tokens[place + 1] if place + 1 < len(tokens) else None
            if token.tag == "word" and tokens[place - 1].tag == "aux" and then is not None and then.tag in {"det", "prep"}:
                if self.name == "french" and tokens[place - 1].key in {"a", "ont", "avait", "avaient"}:
                    yield place

    def _german_verbs(self, tokens: Sequence[Token]) -> Iterator[int]:
        """Words in small letters that stand before no noun."""
        for place, token in enumerate(tokens):
            then = tokens[place + 1] if place + 1 < len(tokens) else None
            last = tokens[place - 1] if place else None
            if token.tag != "word" or token.text[0].isupper():
                continue
            led = last is not None and (last.tag in {"det", "dem", "poss"} or (last.key in self["how"] and last.tag == "wh"))
            adjective = then is not None and then.text[0].isupper()
            if not led and not (adjective and last is not None and last.tag != "wh"):
                yield place

    def phrases(self, tokens: Sequence[Token]) -> list[Phrase]:
        found: list[Phrase] = []
        group: list[Token] = []
        prep: Token | None = None
        opener: Token | None = None

        def close() -> None:
            nonlocal group
            if any(one.tag in {"name", "number", "word", "one"} for one in group):
                found.append(Phrase(tuple(group), prep, self._is_asked(opener, group)))
            group = []

        for place, token in enumerate(tokens):
            joins = token.key in self["joins"] and group and group[-1].tag == "name" and _next_is_name(tokens, place)
            if token.tag in NOMINAL or joins:
                if token.tag in {"det", "dem", "poss"} and group and group[-1].tag not in {"det"}:
                    close()
                    prep, opener = None, None
                group.append(token)
                continue
            close()
            prep = token if token.tag == "prep" else None
            opener = token
        close()
        return found

    def _is_asked(self, opener: Token | None, group: Sequence[Token]) -> bool:
        return opener is not None and opener.tag == "wh" and group[0].tag not in {"det", "dem"}


# fmt: off
_WORDS = re.compile(r"\d[\d.,]*\d|['’]s\b|\w+(?:[-.’'](?!s\b)\w+)*|[^\w\s]")
_FRENCH = re.compile(
    r"\d[\d.,]*\d|est-ce|(?:[ldcjmnst]|qu|jusqu)['’](?=\w)|-(?:t-)?(?:ils?|elles?|on|je|vous|nous|ce)\b"
    r"|\w+?(?=-(?:t-)?(?:ils?|elles?|on|je|vous|nous|ce)\b)|\w+(?:[-.]\w+)*|[^\w\s]", re.IGNORECASE)
# fmt: on


@cache
def grammars() -> dict[str, Grammar]:
    lists: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Grammar(name, one) for name, one in lists.items()}


def grammar_of(text: str) -> Grammar | None:
    """That of the language with most of its function words in `text`; None where no language that is known has any."""
    words = [word.lower() for word in re.findall(r"\w+", text)]
    counts = {name: sum(word in one.closed for word in words) for name, one in grammars().items()}
    best = max(counts, key=lambda name: counts[name])
    return grammars()[best] if counts[best] else None


def _runs(tokens: Sequence[Token]) -> Iterator[list[int]]:
    """Places of neighbouring open-class words, with the determiner before them taken in."""
    run: list[int] = []
    for place, token in enumerate(tokens):
        if token.tag in {"word", "name", "number", "owner", "one"}:
            run.append(place)
        else:
            if run:
                yield run
            run = []
    if run:
        yield run


def _begins_with(tokens: Sequence[Token], do: Sequence[str]) -> bool:
    return bool(tokens) and tokens[0].key in do


def _plain(tokens: Sequence[Token], run: Sequence[int], many: Sequence[str]) -> list[int]:
    """The places before the first name of a run, but for "many"."""
    names = [place for place in run if tokens[place].tag == "name"]
    return [place for place in run if place < min(names, default=place + 1) and tokens[place].key not in many]


def _next_is_name(tokens: Sequence[Token], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].tag in {"name"}
