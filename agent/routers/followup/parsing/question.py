"""A question as what asks, what it is about, and the phrases in it."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from agent.routers.followup.parsing.grammar import Grammar
from agent.routers.followup.parsing.tokens import NOMINAL, Phrase, Tag, Token

CLAUSAL: frozenset[Tag] = frozenset({"be", "aux", "verb", "subj"})
HEAD_LAST = ("english", "german")  # adjectives stand before their noun
_STOPS = CLAUSAL | {"det", "person", "mark", "obj", "dem", "prep", "conj", "poss", "name"}
_YEAR = re.compile(r"(?:1[0-9]|20|21)\d\d")
_SUPERLATIVE = re.compile(r"\w{3,}est|most|least|best|worst")


class Question:
    """A question and its parts; `inside` as in `Grammar.tokens`."""

    def __init__(self, text: str, grammar: Grammar, *, inside: bool = False) -> None:
        self.text = text
        self.grammar = grammar
        self.tokens = grammar.tokens(text, inside=inside)
        self.phrases = list(_phrases(self.tokens, grammar))

    @cached_property
    def words(self) -> list[Token]:
        return [one for one in self.tokens if one.tag != "mark"]

    @property
    def is_clause(self) -> bool:
        """Whether it has a verb, or a pronoun as its subject."""
        return any(one.tag in CLAUSAL for one in self.tokens)

    @cached_property
    def asking(self) -> tuple[Token, ...]:
        """The words that ask: "how high", "in which year", "what"; empty if none does."""
        wh = next((place for place, one in enumerate(self.tokens) if one.tag == "wh"), None)
        if wh is None:
            return ()
        end = wh + 1
        while end < len(self.tokens) and self.tokens[end].tag not in _STOPS:
            end += 1
        start = wh - 1 if wh and self.tokens[wh - 1].tag == "prep" else wh
        return tuple(self.tokens[start:end])

    @property
    def wh(self) -> Token | None:
        return next((one for one in self.asking if one.tag == "wh"), None)

    def asks(self, *kinds: str) -> bool:
        """Whether the word that asks is of one of these kinds: "who", "which", "how", "why"."""
        return self.wh is not None and any(self.wh.key in self.grammar[kind] for kind in kinds)

    @property
    def counts(self) -> bool:
        return any(one.key in self.grammar["many"] for one in self.asking)

    @cached_property
    def asked(self) -> Phrase | None:
        """What "which planet" or "how many moons" asks for, without "many"."""
        phrase = next((one for one in self.phrases if one.asked), None)
        if phrase is None or self.wh is None or self.asks("who"):
            return None
        tokens = tuple(one for one in phrase.tokens if one.key not in self.grammar["many"])
        if not tokens or not (self.counts or self.asks("which")):
            return None
        return Phrase(tokens, phrase.prep, asked=True)

    @property
    def seeks_thing(self) -> bool:
        """Whether the answer names something that can be asked on about: "who", "which planet", "what ... Lima"."""
        return not self.counts and self.asks("who", "which")

    @property
    def after_asking(self) -> list[Token]:
        return [one for one in self.words if self.asking and one.start >= self.asking[-1].end]

    def chain(self, place: int) -> tuple[int, int]:
        """Phrase `place` with those that hang on it by prepositions, as a span of the text; dates are left out."""
        end = place
        while end + 1 < len(self.phrases):
            then = self.phrases[end + 1]
            between = self.text[self.phrases[end].end : then.start].split()
            hangs = then.prep is not None and between == [then.prep.text]
            listed = then.prep is None and len(between) == 1 and between[0].lower() in self.grammar["joins"]
            if not (hangs or listed) or then.content[-1].tag == "number":
                break
            end += 1
        return self.phrases[place].start, self.phrases[end].end

    @cached_property
    def topic(self) -> Phrase | None:
        """The phrase that it asks about; what else hangs on that is in its `chain`."""
        own = [one for one in self.phrases if not one.asked and one.content[-1].tag not in {"number", "one"}]
        if not own:
            return self.asked
        first = next((one for one in own if one.prep is None), own[0])
        place = self.phrases.index(first)
        then = self.phrases[place + 1] if place + 1 < len(self.phrases) else None
        prep = then.prep if then is not None and then in own else None
        if then is not None and prep is not None and self.measured(first):
            return then if prep.key in self.grammar["of"] or then.named else first
        return first

    def measured(self, first: Phrase) -> bool:
        """Whether `first` is an attribute that is asked for: "what is the height ..."."""
        if self.wh is None:
            return not any(one.tag in {"be", "aux"} for one in self.tokens)
        before = [one for one in self.tokens if one.end <= first.start]
        return (self.asks("which") or self.counts) and any(one.tag == "be" for one in before)

    @property
    def measures(self) -> bool:
        """Whether it asks for an attribute: "what is the height of ...", "how high is ..."."""
        first = next((one for one in self.phrases if not one.asked), None)
        how = self.asks("how") and len(self.asking) > 1
        return self.wh is not None and (how or (first is not None and self.measured(first)))

    def topic_text(self) -> str:
        topic = self.topic
        if topic is None:
            return ""
        if topic.asked or topic not in self.phrases:
            return self.sought()
        place = self.phrases.index(topic)
        measured = place > 0 and self.measured(self.phrases[place - 1])
        start, end = (topic.start, topic.end) if measured else self.chain(place)
        return self.text[start:end]

    def sought(self) -> str:
        """What is asked for as a noun phrase: "pupils that attend school" of "How many pupils attend school?"."""
        if self.asked is None:
            return ""
        rest = self.text[self.asked.end :].strip(" ?.!")
        after = [one for one in self.words if one.start >= self.asked.end]
        if after and after[0].key in self.grammar["do"]:
            rest = self.text[after[0].end :].strip(" ?.!")
            return f"{self.asked.core} that {rest}"
        if after and after[0].tag != "prep" and self.grammar.name == "english":
            return f"{self.asked.core} that {rest}"
        inverted = next((one for one in after if one.tag == "aux"), None)  # "days of leave do I get"
        rest = self.text[self.asked.end : inverted.start].strip() if inverted and self.grammar["do"] else rest
        return f"{self.asked.core} {rest}".strip()

    def predicate(self) -> str:
        """ "clean the filter" of "How do I clean the filter?"; "" where no verb is seen."""
        pairs = zip([None, *self.tokens], self.tokens, strict=False)
        verb = next((one for last, one in pairs if one.tag == "verb" or (last and last.tag == "person")), None)
        return self.text[verb.start :].strip(" ?.!") if verb else ""


def head(phrase: Phrase, grammar: Grammar) -> Token:
    """The noun: the last word, where adjectives come first; before a number, as in "phase 2"."""
    words = [one for one in phrase.content if one.tag not in {"number", "one", "adj"}] or list(phrase.content)
    return words[-1] if grammar.name in HEAD_LAST else words[0]


def is_degree(token: Token, grammar: Grammar) -> bool:
    """Whether it picks one of several by order or degree: "second", "largest"."""
    return token.key in grammar["picks"] or _SUPERLATIVE.fullmatch(token.key) is not None


def is_plural(tokens: Sequence[Token], grammar: Grammar) -> bool:
    if grammar.gender_of(tokens[0].key) == "p":
        return True
    if grammar.name != "english" or tokens[0].key in {"a", "an"}:
        return False
    last = next((one for one in reversed(tokens) if one.tag in {"word", "name"}), None)
    listed = any(one.key in grammar["joins"] for one in tokens)
    return listed or (last is not None and last.tag == "word" and last.key.endswith("s") and last.key[-2:] != "ss")


def adjectival(fragment: Phrase, grammar: Grammar) -> bool:
    """Whether it has no noun of its own: "the lower one", "der untere"."""
    return all(one.tag in {"adj", "one"} for one in fragment.content) or any(
        one.tag == "one" for one in fragment.tokens
    )


def kind_of(phrase: Phrase, grammar: Grammar) -> str:
    words = phrase.content
    if any(one.key in grammar["dates"] or _YEAR.fullmatch(one.key) for one in words):
        return "date"
    if phrase.named:
        return "name"
    return "number" if any(one.tag == "number" for one in words) else "plain"


def _phrases(tokens: Sequence[Token], grammar: Grammar) -> Iterator[Phrase]:
    clause = any(one.tag in CLAUSAL for one in tokens)
    group: list[Token] = []
    prep = opener = None
    for place, token in enumerate([*tokens, None]):
        if token is not None and _belongs(token, place, tokens, grammar, group):
            if token.tag in {"det", "dem", "poss"} and group and group[-1].tag != "det":
                yield from _closed(group, prep, opener, grammar, clause)
                group, prep, opener = [], None, None
            group.append(token)
            continue
        yield from _closed(group, prep, opener, grammar, clause)
        group = []
        prep = token if token is not None and token.tag == "prep" else None
        opener = token


def _belongs(token: Token, place: int, tokens: Sequence[Token], grammar: Grammar, group: Sequence[Token]) -> bool:
    if token.key in grammar["joins"]:  # "Marks & Spencer", "Trinidad and Tobago"
        return bool(group) and group[-1].tag == "name" and _tag_after(place, tokens) == "name"
    last = group[-1] if group else None
    clause = any(one.tag in CLAUSAL for one in tokens)
    if token.tag == "adverb":  # "the year before", "a week later"
        return last is not None and last.tag == "word" and not clause
    then = _tag_after(place, tokens)
    alone = last is not None and (last.tag == "one" or is_degree(last, grammar)) and then not in NOMINAL
    predicative = token.tag == "adj" and last is not None and (last.tag in {"word", "name"} or (clause and alone))
    return token.tag in NOMINAL and not (predicative and grammar.name in HEAD_LAST)  # "is the lake deep"


def _tag_after(place: int, tokens: Sequence[Token]) -> Tag:
    return tokens[place + 1].tag if place + 1 < len(tokens) else "mark"


def _closed(
    group: Sequence[Token], prep: Token | None, opener: Token | None, grammar: Grammar, clause: bool
) -> Iterator[Phrase]:
    named = any(one.tag in {"name", "number", "word", "one"} for one in group)
    adjective = any(one.tag == "adj" for one in group)
    asked = opener is not None and opener.tag == "wh" and group[:1] and group[0].tag not in {"det", "dem"}
    led = bool(group) and (group[0].tag in {"det", "dem"} or is_degree(group[-1], grammar))
    if named or (adjective and not asked and (led or not clause)):
        yield Phrase(tuple(group), prep, bool(asked))
