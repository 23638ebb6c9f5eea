"""Which words of the last question a fragment takes the place of: "on Saturn" that of "on Mars", "the lower one" that
of "upper", "the profit" that of "the revenue".

Every phrase of the question is a candidate, whole or in its modifiers; so is the fragment added at the end, and the
fragment as an attribute of what the question is about. A linear model chooses, fitted by `triptych fit followup`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from agent.routers.followup.focus import Question
from agent.routers.followup.grammar import Grammar
from agent.routers.followup.tokens import Phrase, Token
from common.logistic import weighed
from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_YEAR = re.compile(r"(?:1[0-9]|20|21)\d\d")
_SUPERLATIVE = re.compile(r"\w{3,}est|most|least|best|worst")
KEPT = 4_000  # sentence vectors


@dataclass(frozen=True, slots=True)
class Candidate:
    """The question with the fragment in it."""

    text: str
    features: dict[str, float]


def best(
    fragment: Phrase, question: Question, weights: dict[str, float], instead: bool = False, earlier: str = ""
) -> str:
    """The likeliest of the `candidates`."""
    return max(candidates(fragment, question, instead, earlier), key=lambda one: weighed(weights, one.features)).text


def candidates(fragment: Phrase, question: Question, instead: bool = False, earlier: str = "") -> list[Candidate]:
    """`instead`: the fragment was said to take the place of something; `earlier`: the question before the last."""
    found = [
        one
        for one in _candidates(fragment, question, earlier)
        if not instead or "replace" in one.features or "modify" in one.features
    ]
    found = found or list(_candidates(fragment, question, earlier))
    return list({one.text: one for one in reversed(found)}.values())[::-1]


def _candidates(fragment: Phrase, question: Question, earlier: str) -> Iterator[Candidate]:
    grammar = question.grammar
    for phrase in question.phrases:
        if phrase.asked and question.asked is None:  # "how high"
            continue
        if phrase.core.lower() != fragment.core.lower() and not adjectival(fragment, grammar):
            yield _replaced(fragment, phrase, question, earlier)
        if modified := _modified(fragment, phrase, question):
            yield modified
    whole = question.text.rstrip(" ?.!")
    dated = kind_of(fragment, grammar) == "date"
    led = f"{fragment.prep.text.lower()} " if fragment.prep else ""
    features = {"append": 1.0, "append_prep": float(bool(led)), "append_date": float(dated)}
    yield Candidate(f"{whole} {led}{_inside(fragment)}{_ending(question)}", features)
    if topic := question.topic_text():
        features = {
            "attribute": 1.0,
            "attribute_named": float(fragment.named or dated),
            "attribute_prep": float(bool(led)),
            "attribute_one": float(adjectival(fragment, grammar)),
            "attribute_determined": float(bool(fragment.determiner)),
            "attribute_of_order": float(question.wh is None),
            "attribute_of_measure": float(question.measures),
        }
        yield Candidate(attribute_of(fragment, topic, grammar), features)


def attribute_of(fragment: Phrase, topic: str, grammar: Grammar) -> str:
    """The question for an attribute of the topic: "What is the price of the bridge?"."""
    asking, article = grammar["attribute"]
    named = fragment.core if fragment.determiner or grammar.name != "english" else f"the {fragment.core}"
    named = f"{fragment.tokens[0].text.lower()} {fragment.core}" if fragment.determiner else named
    return f"{asking} {named} {article} {topic}?"


def _replaced(fragment: Phrase, phrase: Phrase, question: Question, earlier: str) -> Candidate:
    grammar = question.grammar
    inside = _inside(fragment)
    if phrase.determiner in grammar["definite"] and not fragment.determiner and not fragment.named:
        inside = f"{phrase.tokens[0].text} {inside}" if grammar.name == "english" else inside
    start = phrase.start
    if phrase.asked:  # "how many moons": what is counted is another
        counted = [one for one in phrase.tokens if one.key not in grammar["many"]]
        start = counted[0].start if counted else phrase.start
        inside = fragment.core
    if fragment.prep and phrase.prep:
        start, inside = phrase.prep.start, f"{fragment.prep.text.lower()} {inside}"
    elif fragment.prep:
        inside = f"{fragment.prep.text.lower()} {inside}"
    text = question.text[:start] + inside + question.text[phrase.end :]
    mine, other = kind_of(fragment, grammar), kind_of(phrase, grammar)
    if mine == "plain" and other == "name" and fragment.tokens[0].text[0].isupper():
        mine = "name"  # at the start of a sentence a capital tells nothing
    features = {
        "replace": 1.0,
        "similar": similarity(fragment.core, phrase.core),
        "date": float(mine == other == "date"),
        "name": float(mine == other == "name"),
        "other_kind": float((mine == "date") != (other == "date")),
        "one_name": float((mine == "name") != (other == "name")),
        "same_prep": float(_key(fragment.prep) == _key(phrase.prep) != ""),
        "no_prep": float(bool(fragment.prep) and not phrase.prep),
        "other_prep": float(bool(fragment.prep and phrase.prep) and _key(fragment.prep) != _key(phrase.prep)),
        "new_prep": float(bool(phrase.prep) and not fragment.prep),
        "determined": float(bool(fragment.determiner) == bool(phrase.determiner)),
        "same_head": float(head(fragment, grammar).key == head(phrase, grammar).key),
        "asked": float(phrase.asked),
        "fresh": float((mine == "date") == (other == "date") and _is_fresh(phrase, question, earlier)),
    }
    return Candidate(text, features)


def _is_fresh(phrase: Phrase, question: Question, earlier: str) -> bool:
    """Whether the last question differs from the one before in just this phrase: what was varied once is again."""
    before, told = question.text.lower(), earlier.lower()
    start = phrase.prep.start if phrase.prep else phrase.start
    alone = bool(told) and told.startswith(before[:start]) and told.endswith(before[phrase.end :])
    return alone and phrase.core.lower() not in told


def _modified(fragment: Phrase, phrase: Phrase, question: Question) -> Candidate | None:
    """The phrase with other modifiers: "the upper dam", "the lower one" -> "the lower dam"."""
    grammar = question.grammar
    words = [one for one in fragment.content if one.tag != "one"]
    kept = head(phrase, grammar)
    if not words or kept.tag in {"number", "name"} or any(one.key == kept.key for one in words):
        return None
    if any(one.tag in {"name", "number"} for one in words):
        return None
    modifiers = [one for one in phrase.content if one is not kept]
    led = phrase.tokens[0].text if phrase.tokens[0].tag in {"det", "dem"} else ""
    led = led or ("" if phrase.asked else fragment.tokens[0].text.lower() if fragment.determiner else "")
    new = " ".join(one.text.lower() for one in words)
    order = (led, new, kept.text) if grammar.name in {"english", "german"} else (led, kept.text, new)
    inside = " ".join(part for part in order if part)
    start = phrase.start
    if phrase.asked:
        counted = [one for one in phrase.tokens if one.key not in grammar["many"]]
        if not counted:
            return None
        start = counted[0].start
    text = question.text[:start] + inside + question.text[phrase.end :]
    old = " ".join(one.text for one in modifiers)
    near = similarity(new, old) if old else 0.0
    features = {
        "modify": 1.0,
        "modify_one": float(adjectival(fragment, grammar)),
        "modify_something": float(bool(modifiers)),
        "modify_similar": near,
        "modify_closer": near - similarity(new, kept.text),
        "modify_degree": float(
            bool(modifiers) and _degree(words, grammar) != "" and _degree(words, grammar) == _degree(modifiers, grammar)
        ),
        "modify_words": float(len(words) > 1),
        "modify_prep": float(bool(fragment.prep) and _key(fragment.prep) != _key(phrase.prep)),
        "modify_asked": float(phrase.asked),
        "modify_bare": float(not fragment.determiner),
        "modify_agrees": float(
            bool(grammar.gender_of(led.lower())) and fragment.determiner == led.lower() and len(words) == 1
        ),
    }
    return Candidate(text, features)


def adjectival(fragment: Phrase, grammar: Grammar) -> bool:
    """Whether it has no noun of its own: "the lower one", "der untere"."""
    last = fragment.content[-1]
    small = grammar.name == "german" and last.tag == "word" and last.text[0].islower()
    return small or any(one.tag == "one" for one in fragment.tokens)


def kind_of(phrase: Phrase, grammar: Grammar) -> str:
    words = phrase.content
    if any(one.key in grammar["dates"] or _YEAR.fullmatch(one.key) for one in words):
        return "date"
    if phrase.named:
        return "name"
    return "number" if any(one.tag == "number" for one in words) else "plain"


def head(phrase: Phrase, grammar: Grammar) -> Token:
    """The noun: the last word, where adjectives come first; before a number, as in "phase 2"."""
    words = [one for one in phrase.content if one.tag not in {"number", "one"}] or list(phrase.content)
    return words[-1] if grammar.name in {"english", "german"} else words[0]


def similarity(one: str, other: str) -> float:
    """The cosine of their sentence vectors."""
    return float(vector_of(one.lower()) @ vector_of(other.lower()))


@lru_cache(KEPT)
def vector_of(text: str) -> "NDArray[np.float32]":
    """The sentence vector [384]."""
    found: NDArray[np.float32] = embedders.load("minilm").embed_texts([text])[0]
    return found


def _degree(words: Sequence[Token], grammar: Grammar) -> str:
    if any(one.key in grammar["ordinals"] or one.key in grammar["last"] for one in words):
        return "ordinal"
    return "superlative" if any(_SUPERLATIVE.fullmatch(one.key) for one in words) else ""


def _inside(fragment: Phrase) -> str:
    """The words of a fragment as they stand inside a sentence: its first was perhaps written large."""
    first = fragment.tokens[0]
    text = " ".join(one.text for one in fragment.tokens).replace(" 's", "'s")
    return text if first.tag in {"name", "number"} else text[:1].lower() + text[1:]


def _ending(question: Question) -> str:
    return "?" if question.text.rstrip().endswith("?") else ""


def _key(token: Token | None) -> str:
    return token.key if token else ""
