"""What a conversation is about: the things that "it", "she", "them", "there" or "the second one" may stand for.

After the idea of centring (Grosz, Joshi and Weinstein, 1995): what the last question asked for, what it was asked of,
and what was said before; which of them is meant, is a fitted choice over these `traits`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from agent.routers.followup.pairs import as_inside, paired
from agent.routers.followup.parsing.grammar import Grammar
from agent.routers.followup.parsing.question import Question, is_plural
from agent.routers.followup.parsing.tokens import Token
from common.sentences import sentences

_BOLD = re.compile(r"\A\s*\*\*(.+?)\*\*", re.DOTALL)
_CITED = re.compile(r"\s*\[\d+\]")
LONGEST = 200  # letters of an answer that are read
TURNS = 3  # that are looked back on
NAMED = 3  # phrases of an answer that may be meant
KEPT = 500  # questions, parsed


@dataclass(frozen=True, slots=True)
class Said:
    """A question as it was looked up, and its answer."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """`text` is how it is named. `genders`: letters it may have (m, f, n, p), "" where none can be told."""

    text: str
    genders: str
    person: bool | None
    plural: bool
    named: bool
    traits: Mapping[str, float]


@lru_cache(KEPT)
def parsed(text: str, grammar: Grammar, inside: bool = False) -> Question:
    """`inside` as in `Grammar.tokens`: what answers "who" or "which" begins with a name, if it begins large."""
    return Question(text, grammar, inside=inside)


def short_answer(answer: str) -> str:
    """What is said first: the words in bold, or the first sentence; without the numbers of sources."""
    bold = _BOLD.match(answer)
    first = bold[1] if bold else next(iter(sentences(answer)), answer)
    return _CITED.sub("", first).strip(" .!?*")[:LONGEST]


def entities(said: Sequence[Said], grammar: Grammar) -> list[Entity]:
    """Those of the last turns, the last first; none twice."""
    found: dict[str, Entity] = {}
    recent = list(reversed(said))[:TURNS]
    for age, one in enumerate(recent):
        times = " ".join(f"{other.question} {other.answer}" for other in recent[age + 1 :]).lower()
        of_turn = (_listed(one, age, grammar), _of_answer(one, age, grammar), _of_question(one, age, grammar))
        for entity in (*chain.from_iterable(of_turn), *_both(recent, age, grammar)):
            again = {"again": float(entity.text.lower() in times)}
            new = Entity(
                entity.text, entity.genders, entity.person, entity.plural, entity.named, {**entity.traits, **again}
            )
            found.setdefault(entity.text.lower(), new)
    return list(found.values())


def answered(said: Said, grammar: Grammar) -> Entity | None:
    """The thing that an answer names, where the question sought one."""
    return next(_of_answer(said, 0, grammar), None) if parsed(said.question, grammar).seeks_thing else None


def items(said: Sequence[Said], grammar: Grammar) -> Iterator[tuple[int, list[str]]]:
    """The lists that answers gave, the last first, with their age in turns."""
    for age, one in enumerate(reversed(said)):
        question = parsed(one.question, grammar)
        spans = {question.chain(place) for place in range(len(question.phrases))}
        for text in (
            re.split(r"[:]\s", short_answer(one.answer))[-1],
            *(one.question[start:end] for start, end in spans),
        ):
            if len(parts := _split(text, grammar)) > 1:
                yield age, parts


def _split(text: str, grammar: Grammar) -> list[str]:
    joins = "|".join(map(re.escape, grammar["joins"]))
    parts = [part.strip() for part in re.split(rf",\s*(?:(?:{joins})\s+)?|\s+(?:{joins})\s+", text) if part.strip()]
    if len(parts) > 1:
        last = parsed(parts[-1], grammar)
        verb = next((token for token in last.tokens if token.tag in {"be", "aux", "verb"} and token.start), None)
        parts[-1] = parts[-1][: verb.start].strip() if verb else parts[-1]
    return [as_inside(part, grammar.closed_tokens(part)[:1]) for part in parts if part]


def _listed(said: Said, age: int, grammar: Grammar) -> Iterator[Entity]:
    """All that an answer names, where it is a list of three or more."""
    parts = _split(short_answer(said.answer), grammar)
    if len(parts) > 1 and all(len(part.split()) <= 4 for part in parts):
        text = f"{', '.join(parts[:-1])} {grammar['joins'][0]} {parts[-1]}"
        if len(parts) > 2:
            yield Entity(text, "p", None, True, text[0].isupper(), {"list": 1.0, f"age_{age}": 1.0})
        for place, part in enumerate(parts):
            tokens = parsed(part, grammar, inside=True).tokens
            if tokens[0].tag != "number":
                last = place == len(parts) - 1
                traits = {"part": 1.0, "part_last": float(last), "part_of_two": float(len(parts) == 2)}
                yield _entity(part, tokens, grammar, age, traits)


def _of_answer(said: Said, age: int, grammar: Grammar) -> Iterator[Entity]:
    question, text = parsed(said.question, grammar), short_answer(said.answer)
    short = len(text.split()) <= 3
    reply = parsed(text, grammar, question.asks("who") or (question.seeks_thing and (short or bool(question.asked))))
    after = question.after_asking[0].tag if question.after_asking else "mark"
    seeks = {
        "who": question.asks("who"),
        "which": question.asked is not None and question.seeks_thing,
        "what": question.asked is None and question.asks("which"),
        "else": not question.seeks_thing,
        "subject": question.seeks_thing and after in {"verb", "be", "prep"},
        "object": question.seeks_thing and after == "aux",
        "called": question.seeks_thing and after == "be" and not any(one.tag == "verb" for one in question.tokens),
    }
    clause = reply.is_clause
    for rank, phrase in enumerate(reply.phrases[:NAMED]):
        amount = phrase.tokens[0].tag == "number"
        if not (amount and rank == 0) and not any(one.tag in {"name", "word"} for one in phrase.tokens[amount:]):
            continue
        if phrase.tokens[0].key in grammar["lead"]:  # "Yes", "No"
            continue
        place = reply.phrases.index(phrase)
        ends = {phrase.end, reply.chain(place)[1]} if rank == 0 else {phrase.end}
        for end in sorted(ends, reverse=True):
            tokens = [one for one in reply.tokens if phrase.start <= one.start < end]
            traits = {f"answer_{name}": float(value) for name, value in seeks.items()}
            traits |= {
                "answer": 1.0,
                "answer_second": float(rank > 0),
                "answer_third": float(rank > 1),
                "answer_amount": float(amount),
                "answer_first_word": float(phrase.start == 0),
                "answer_prep": float(phrase.prep is not None),
                "answer_clause": float(clause),
                "answer_cut": float(end < max(ends)),
                "answer_short": float(len(reply.words) <= 6),
                "answer_known": float(text[phrase.start : end].lower() in said.question.lower()),
                "answer_named": float(any(one.tag == "name" for one in tokens) or text[phrase.start].isupper()),
            }
            person = True if question.asks("who") and not clause else None
            yield _entity(text[phrase.start : end], tokens, grammar, age, traits, person)


def _of_question(said: Said, age: int, grammar: Grammar) -> Iterator[Entity]:
    question = parsed(said.question, grammar)
    within = 0
    for place, phrase in enumerate(question.phrases):
        named = any(one.tag in {"word", "name"} and one.key not in grammar["dates"] for one in phrase.content)
        if phrase.asked or all(one.tag == "adj" for one in phrase.content) or not (named or phrase.prep is None):
            continue
        last = question.chain(place)[1]
        before = [one for one in question.tokens if one.end <= phrase.start]
        traits = {
            "topic": float(phrase is question.topic),
            "chained": float(last > phrase.end),
            "within": float(within >= phrase.end),
            "subject": float(phrase.prep is None and not any(one.tag == "verb" for one in before)),
            "object": float(phrase.prep is None and any(one.tag == "verb" for one in before)),
            "led": float(phrase.prep is not None and phrase.prep.key not in grammar["of"]),
            "of": float(phrase.prep is not None and phrase.prep.key in grammar["of"]),
            "measured": float(question.measured(phrase)),
            "only": float(len([one for one in question.phrases if not one.asked]) == 1),
        }
        owner = next((one.start for one in phrase.tokens[1:-1] if one.tag == "owner"), 0)
        ends: dict[int, dict[str, float]] = {last: {}, phrase.end: {"alone": 1.0}}
        if owner:
            ends[owner] = {"owner": 1.0}
        for end, more in ends.items():
            tokens = [one for one in question.tokens if phrase.start <= one.start < end]
            yield _entity(said.question[phrase.start : end], tokens, grammar, age, traits | more)
        within = max(within, last)
    if sought := question.sought():
        assert question.asked is not None
        traits = {"sought": 1.0, "sought_counted": float(question.counts)}
        yield _entity(
            f"the {sought}" if grammar.name == "english" else sought, question.asked.tokens, grammar, age, traits
        )
        core = f"the {question.asked.core}" if grammar.name == "english" else question.asked.core
        yield _entity(core, question.asked.tokens, grammar, age, traits | {"sought_cut": 1.0})


def _both(recent: Sequence[Said], age: int, grammar: Grammar) -> Iterator[Entity]:
    """Two things of which the same was asked, one after the other."""
    if age + 1 == len(recent):
        return
    earlier, later = (parsed(recent[place].question, grammar) for place in (age + 1, age))
    if both := paired(earlier, later):
        pair, topical = both
        text = f" {grammar['joins'][0]} ".join(pair)
        traits = {"both": 1.0, f"age_{age}": 1.0, "both_topics": float(topical)}
        yield Entity(text, "p", None, True, text[0].isupper(), traits)


def _entity(
    text: str,
    tokens: Sequence[Token],
    grammar: Grammar,
    age: int,
    traits: Mapping[str, float],
    person: bool | None = None,
) -> Entity:
    named = any(one.tag == "name" for one in tokens)
    people = all(one.tag == "name" for one in tokens) and len(tokens) > 1
    aged = {f"age_{age}": 1.0, "named": float(named), "definite": float(tokens[0].tag in {"det", "poss"})}
    genders = grammar.gender_of(tokens[0].key)
    person = True if people and person is None else person
    return Entity(as_inside(text, tokens), genders, person, is_plural(tokens, grammar), named, {**traits, **aged})
