"""What a conversation is about: the things that "it", "she", "them", "there" or "the second one" may stand for.

After the idea of centring (Grosz, Joshi and Weinstein, 1995): what the last question asked for comes first, then what
it was asked of, then what was said before.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.routers.followup.grammar import Grammar
from agent.routers.followup.tokens import Phrase, Token

_BOLD = re.compile(r"\A\s*\*\*(.+?)\*\*", re.DOTALL)
_CITED = re.compile(r"\s*\[\d+\]")
_SENTENCE = re.compile(r"(?<=[^\W\d])[.!?](?:\s|$)|\n")
LONGEST = 8  # words of an answer that names a thing


@dataclass(frozen=True, slots=True)
class Said:
    """A question as it was looked up, and its answer."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """`text` is how it is named. `genders`: letters it may have (m, f, n, p), "" where none can be told."""

    text: str
    genders: str = ""
    person: bool | None = None
    plural: bool = False
    answered: bool = False


class Question:
    """A question and its parts; `inside` as in `Grammar.tokens`."""

    def __init__(self, text: str, grammar: Grammar, *, inside: bool = False) -> None:
        self.text = text
        self.grammar = grammar
        self.tokens = grammar.tokens(text, inside=inside)
        self.phrases = grammar.phrases(self.tokens)

    @cached_property
    def asking(self) -> tuple[Token, ...]:
        """The words that ask: "how high", "in which year", "what"; empty if none does."""
        wh = next((place for place, one in enumerate(self.tokens) if one.tag == "wh"), None)
        if wh is None:
            return ()
        end = wh + 1
        stops = {"be", "aux", "verb", "det", "subj", "person", "mark", "obj", "dem", "prep", "conj", "poss", "name"}
        while end < len(self.tokens) and self.tokens[end].tag not in stops:
            end += 1
        start = wh - 1 if wh and self.tokens[wh - 1].tag == "prep" else wh
        return tuple(self.tokens[start:end])

    @property
    def wh(self) -> Token | None:
        return next((one for one in self.asking if one.tag == "wh"), None)

    @cached_property
    def asked(self) -> Phrase | None:
        """What "which planet" or "how many moons" asks for, without "many"."""
        phrase = next((one for one in self.phrases if one.asked), None)
        if phrase is None or self.wh is None or self.wh.key in self.grammar["who"]:
            return None
        tokens = tuple(one for one in phrase.tokens if one.key not in self.grammar["many"])
        counted = self.wh.key in self.grammar["many"] or len(tokens) < len(phrase.tokens)
        if not tokens or not (counted or self.wh.key in self.grammar["which"]):
            return None
        return Phrase(tokens, phrase.prep, asked=True)

    @property
    def seeks_thing(self) -> bool:
        """Whether the answer names something that can be asked on about: "who", "which planet", "what ... Lima"."""
        if self.wh is None:
            return False
        many = any(one.key in self.grammar["many"] for one in self.asking)
        return not many and (self.wh.key in self.grammar["who"] or self.wh.key in self.grammar["which"])

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
        if (
            self._measures(first)
            and then is not None
            and then.prep is not None
            and then in own
            and (then.prep.key in self.grammar["of"] or then.named)
        ):
            return then
        return first

    def _measures(self, first: Phrase) -> bool:
        """Whether `first` is an attribute that is asked for: "what is the height ..."."""
        if self.wh is None:
            return not any(one.tag in {"be", "aux"} for one in self.tokens)
        before = [one for one in self.tokens if one.end <= first.start]
        many = any(one.key in self.grammar["many"] for one in self.asking)
        return (
            (self.wh.key in self.grammar["which"] or many) and bool(before) and any(one.tag == "be" for one in before)
        )

    @property
    def measures(self) -> bool:
        """Whether it asks for an attribute: "what is the height of ...", "how high is ..."."""
        first = next((one for one in self.phrases if not one.asked), None)
        how = self.wh is not None and self.wh.key in self.grammar["how"] and len(self.asking) > 1
        return self.wh is not None and (how or (first is not None and self._measures(first)))

    def topic_text(self) -> str:
        topic = self.topic
        if topic is None:
            return ""
        if topic.asked or topic not in self.phrases:
            return self.sought()
        place = self.phrases.index(topic)
        measured = place > 0 and self._measures(self.phrases[place - 1])
        start, end = (topic.start, topic.end) if measured else self.chain(place)
        return self.text[start:end]

    def sought(self) -> str:
        """What is asked for as a noun phrase: "pupils that attend school" of "How many pupils attend school?"."""
        if self.asked is None:
            return ""
        rest = self.text[self.asked.end :].strip(" ?.!")
        after = [one for one in self.tokens if one.start >= self.asked.end and one.tag != "mark"]
        if after and after[0].key in self.grammar["do"]:
            rest = self.text[after[0].end :].strip(" ?.!")
            return f"{self.asked.core} that {rest}"
        if after and after[0].tag != "prep" and self.grammar.name == "english":
            return f"{self.asked.core} that {rest}"
        return f"{self.asked.core} {rest}".strip()

    def predicate(self) -> str:
        """ "clean the filter" of "How do I clean the filter?"; "" where no verb is seen."""
        verb = next((one for one in self.tokens if one.tag == "verb"), None)
        return self.text[verb.start :].strip(" ?.!") if verb else ""


def short_answer(answer: str) -> str:
    """What is said first: the words in bold, or the first sentence; without the numbers of sources."""
    bold = _BOLD.match(answer)
    first = bold[1] if bold else _SENTENCE.split(answer.strip(), maxsplit=1)[0]
    return _CITED.sub("", first).strip(" .*")


def answered(said: Said, grammar: Grammar) -> Entity | None:
    """The thing that an answer names, where the question sought one."""
    question = Question(said.question, grammar)
    if not question.seeks_thing:
        return None
    who = question.wh is not None and question.wh.key in grammar["who"]
    reply = Question(short_answer(said.answer), grammar)
    kept: list[Token] = []
    for place, token in enumerate(reply.tokens):
        then = reply.tokens[place + 1] if place + 1 < len(reply.tokens) else None
        if token.tag in {"be", "aux", "mark", "subj"} or (token.tag == "verb" and kept):
            break
        if token.tag == "prep" and (place == 0 or then is None or then.tag not in {"name", "det"}):
            if place == 0:
                continue
            break
        kept.append(token)
    if not kept or len(kept) > LONGEST or all(one.tag in {"number", "mark"} for one in kept):
        return None
    named = reply.text[kept[0].start].isupper() and not any(one.tag == "number" for one in kept)
    is_called = question.asking[-1] is question.wh and any(one.tag == "be" for one in question.tokens)
    if not (who or question.asked or (named and is_called and len(kept) <= 4)):
        return None
    text = reply.text[kept[0].start : kept[-1].end]
    joined = any(one.key in grammar["joins"] for one in kept)
    genders = grammar.gender_of(kept[0].key)
    return Entity(_as_inside(text, kept[0]), genders, who or None, joined or _is_plural(kept, grammar), answered=True)


def entities(said: Sequence[Said], grammar: Grammar) -> Iterator[Entity]:
    """Likeliest first."""
    for one in reversed(said):
        if named := answered(one, grammar):
            yield named
        question = Question(one.question, grammar)
        if topic := question.topic_text():
            assert question.topic is not None
            yield _entity(topic, question.topic, grammar)
        for place, phrase in enumerate(question.phrases):
            if phrase is not question.topic and not phrase.asked and phrase.content[-1].tag != "number":
                start, end = question.chain(place)
                yield _entity(question.text[start:end], phrase, grammar)


def items(said: Sequence[Said], grammar: Grammar) -> Iterator[list[str]]:
    """The lists that answers gave, the last first."""
    joins = "|".join(map(re.escape, grammar["joins"]))
    for one in reversed(said):
        first = re.split(r"[:]\s", short_answer(one.answer))[-1]
        parts = [
            part.strip() for part in re.split(rf",\s*(?:(?:{joins})\s+)?|\s+(?:{joins})\s+", first) if part.strip()
        ]
        if len(parts) > 1:
            reply = Question(parts[-1], grammar)
            verb = next((token for token in reply.tokens if token.tag in {"be", "aux", "verb"} and token.start), None)
            parts[-1] = parts[-1][: verb.start].strip() if verb else parts[-1]
            yield [_as_inside(part, grammar.tokens(part)[0]) for part in parts]


def _entity(text: str, phrase: Phrase, grammar: Grammar) -> Entity:
    people = sum(one.tag == "name" for one in phrase.content) == len(phrase.content) > 1 and not phrase.determiner
    person = True if people else None
    plural = phrase.asked or _is_plural(phrase.tokens, grammar)
    return Entity(_as_inside(text, phrase.tokens[0]), grammar.gender_of(phrase.determiner), person, plural)


def _is_plural(tokens: Sequence[Token], grammar: Grammar) -> bool:
    if grammar.gender_of(tokens[0].key) == "p":
        return True
    last = [one for one in tokens if one.tag in {"word", "name"}][-1:]
    ends = bool(last) and last[0].tag == "word" and last[0].key.endswith("s") and not last[0].key.endswith("ss")
    return ends and grammar.name == "english" and tokens[0].key not in {"a", "an"}


def _as_inside(text: str, first: Token) -> str:
    """As it is written inside a sentence: a determiner small."""
    return text[:1].lower() + text[1:] if first.tag in {"det", "dem"} else text
