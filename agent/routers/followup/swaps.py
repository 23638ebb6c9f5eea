"""A fragment in the place of some words of an earlier question: "on Saturn" of "on Mars", "the lower one" of "upper",
"the profit" of "the revenue", "opens" of "closes".

Every phrase of the question is a place, whole or in part, and so is each verb; the fragment may also stand at the end,
or ask for an attribute of what the question is about.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from agent.routers.followup.candidate import Candidate, Edit, prefixed, similarity
from agent.routers.followup.parsing.grammar import Grammar
from agent.routers.followup.parsing.question import HEAD_LAST, Question, adjectival, head, is_degree, kind_of
from agent.routers.followup.parsing.tokens import Phrase, Token


def swaps(fragment: Phrase, question: Question, earlier: str, instead: bool) -> list[Edit]:
    """`instead`: the fragment was said to take the place of something; `earlier`: the question before this."""
    found = list(_places(fragment, question, earlier))
    if not instead or not found:
        found += _appended(fragment, question)
    return found


def attribute_of(fragment: Phrase, topic: str, grammar: Grammar, asking: str = "") -> str:
    """The question for an attribute of the topic: "What is the price of the bridge?"."""
    asking, article = asking or grammar["attribute"][0], grammar["attribute"][1]
    named = fragment.core
    if fragment.determiner:
        named = f"{fragment.tokens[0].text.lower()} {fragment.core}"
    elif grammar.name == "english":
        named = f"the {fragment.core}"
    return f"{asking} {named} {article} {topic}?"


def inside(fragment: Phrase) -> str:
    """The words of a fragment as they stand inside a sentence: its first was perhaps written large."""
    first = fragment.tokens[0]
    text = " ".join(one.text for one in fragment.tokens).replace(" 's", "'s")
    return text if first.tag in {"name", "number"} else text[:1].lower() + text[1:]


def _appended(fragment: Phrase, question: Question) -> Iterator[Edit]:
    dated = kind_of(fragment, question.grammar) == "date"
    led = f"{fragment.prep.text.lower()} " if fragment.prep else ""
    end = len(question.text.rstrip(" ?.!"))
    preps = {one.prep.key for one in question.phrases if one.prep}
    features = {
        "prep": float(bool(led)),
        "date": float(dated),
        "new_prep": float(fragment.prep is not None and fragment.prep.key not in preps),
    }
    yield Edit(end, end, f" {led}{inside(fragment)}", prefixed("append", features))


def attributed(fragment: Phrase, question: Question, topic: str, traits: Mapping[str, float]) -> Iterator[Candidate]:
    """The fragment as an attribute of the topic, asked for with "what" and with "who"."""
    grammar = question.grammar
    dated = kind_of(fragment, grammar) == "date"
    features = {
        **traits,
        "named": float(fragment.named or dated),
        "prep": float(fragment.prep is not None),
        "one": float(adjectival(fragment, grammar)),
        "determined": float(bool(fragment.determiner)),
        "of_order": float(question.wh is None),
        "of_measure": float(question.measures),
        "human": similarity(fragment.core, "person") - similarity(fragment.core, "thing"),
    }
    yield Candidate(attribute_of(fragment, topic, grammar), prefixed("attribute", features))
    if features["human"] > 0:
        text = attribute_of(fragment, topic, grammar, grammar["attribute"][2])
        yield Candidate(text, prefixed("attribute_who", {**features, "asks_who": float(question.asks("who"))}))


def _places(fragment: Phrase, question: Question, earlier: str) -> Iterator[Edit]:
    for phrase in question.phrases:
        if phrase.core.lower() != fragment.core.lower() and fragment.content[-1].tag != "one":
            yield _whole(fragment, phrase, question, earlier)
        yield from _parts(fragment, phrase, question, earlier)


def _whole(fragment: Phrase, phrase: Phrase, question: Question, earlier: str) -> Edit:
    grammar = question.grammar
    new = inside(fragment)
    if phrase.determiner in grammar["definite"] and not fragment.determiner and not fragment.named:
        new = f"{phrase.tokens[0].text} {new}" if grammar.name == "english" else new
    elif phrase.tokens[0].tag == "poss" and len(fragment.tokens) == len(fragment.content):  # "its results"
        new = f"{phrase.tokens[0].text} {new}"
    start = _start(phrase, grammar)
    if phrase.asked:  # "how many moons": what is counted is another
        new = fragment.core
    if fragment.prep:
        start = phrase.prep.start if phrase.prep else start
        new = f"{fragment.prep.text.lower()} {new}"
    features = _relation(fragment, phrase, question, earlier) | {
        "same_head": float(head(fragment, grammar).key == head(phrase, grammar).key),
        "adjectival": float(adjectival(fragment, grammar)),
        "degree": float(_has_degree(fragment.content, grammar) and _has_degree(phrase.content, grammar)),
    }
    return Edit(start, phrase.end, new, prefixed("whole", features))


def _parts(fragment: Phrase, phrase: Phrase, question: Question, earlier: str) -> Iterator[Edit]:
    """Only the modifiers of the phrase, one of them, its noun, or its number, in the place of which the words stand."""
    grammar = question.grammar
    new = [one for one in fragment.content if one.tag not in {"one", "owner"}]
    kept = head(phrase, grammar)
    if not new or any(one.key == kept.key for one in new):
        return
    relation = _relation(fragment, phrase, question, earlier)
    for name, old in _spans(phrase, grammar):
        if [one.key for one in old] == [one.key for one in new]:
            continue
        features = relation | {
            name: 1.0,
            "adjectival": float(adjectival(fragment, grammar)),
            "words": float(len(new) > 1),
            "adj_adj": float(all(one.tag == "adj" for one in (*new, *old)) and bool(old)),
            "adj_noun": float(new[-1].tag == "adj" and bool(old) and old[-1].tag == "word"),
            "noun_adj": float(new[-1].tag == "word" and bool(old) and old[-1].tag == "adj"),
            "alike": similarity(_words(new), _words(old)) if old else 0.0,
            "closer": similarity(_words(new), _words(old)) - similarity(_words(new), kept.text) if old else 0.0,
            "degree": float(_has_degree(new, grammar) and _has_degree(old, grammar)),
            "shape": float(_shape(new[-1]) == _shape(old[-1])) if old else 0.0,
        }
        features |= {f"{name}_{key}": features[key] for key in ("alike", "adjectival", "adj_adj", "adj_noun", "bare")}
        yield Edit(
            _start(phrase, grammar),
            phrase.end,
            _with_part(fragment, new, phrase, old, question),
            prefixed("part", features),
        )


def _spans(phrase: Phrase, grammar: Grammar) -> Iterator[tuple[str, list[Token]]]:
    kept = head(phrase, grammar)
    owner = next((place for place, one in enumerate(phrase.content) if one.tag == "owner"), 0)
    if 0 < owner < len(phrase.content) - 1:
        yield "owner", list(phrase.content[:owner])
    others = [
        one for one in phrase.content if one is not kept and one.key not in grammar["many"] and one.tag != "owner"
    ]
    adjectives = [one for one in others if one.tag == "adj"]
    yield "modifiers", others
    if adjectives and len(adjectives) < len(others):
        yield "adjectives", adjectives
    if others and grammar.name in HEAD_LAST:
        yield "noun", [kept]
    for one in phrase.content:
        if len(phrase.content) > 1 and any(letter.isdigit() for letter in one.text) and one not in (kept, *others[:1]):
            yield "number", [one]


def _with_part(fragment: Phrase, new: Sequence[Token], phrase: Phrase, old: Sequence[Token], question: Question) -> str:
    grammar = question.grammar
    words = " ".join(one.text if one.tag in {"name", "number"} else one.text.lower() for one in new)
    if old:
        start, end = old[0].start, old[-1].end
        return question.text[_start(phrase, grammar) : start] + words + question.text[end : phrase.end]
    kept = head(phrase, grammar)
    at = kept.start if grammar.name in HEAD_LAST else kept.end
    both = f"{words} " if grammar.name in HEAD_LAST else f" {words}"
    text = question.text[_start(phrase, grammar) : at] + both + question.text[at : phrase.end]
    led = fragment.determiner and not phrase.determiner and not phrase.asked
    return f"{fragment.tokens[0].text.lower()} {text}" if led else text


def _relation(fragment: Phrase, phrase: Phrase, question: Question, earlier: str) -> dict[str, float]:
    """How the two go together: by meaning, kind, preposition and determiner."""
    grammar = question.grammar
    mine, other = kind_of(fragment, grammar), kind_of(phrase, grammar)
    if mine == "plain" and other == "name" and fragment.tokens[0].text[0].isupper():
        mine = "name"  # at the start of a sentence a capital tells nothing
    both = fragment.prep is not None and phrase.prep is not None
    return {
        "similar": similarity(fragment.core, phrase.core),
        "heads": similarity(head(fragment, grammar).text, head(phrase, grammar).text),
        "date": float(mine == other == "date"),
        "name": float(mine == other == "name"),
        "other_kind": float((mine == "date") != (other == "date")),
        "one_name": float((mine == "name") != (other == "name")),
        "owner": float(fragment.tokens[-1].tag == "owner" and phrase.tokens[-1].tag == "owner"),
        "same_prep": float(_key(fragment.prep) == _key(phrase.prep) != ""),
        "no_prep": float(bool(fragment.prep) and not phrase.prep),
        "other_prep": float(both and _key(fragment.prep) != _key(phrase.prep)),
        "new_prep": float(bool(phrase.prep) and not fragment.prep),
        "determined": float(bool(fragment.determiner) == bool(phrase.determiner)),
        "bare": float(not fragment.determiner),
        "asked": float(phrase.asked),
        "topic": float(phrase is question.topic),
        "measured": float(question.measured(phrase)),
        "last": float(phrase is question.phrases[-1]),
        "only": float(len(question.phrases) == 1),
        "fresh": float((mine == "date") == (other == "date") and _is_fresh(phrase, question, earlier)),
    }


def _is_fresh(phrase: Phrase, question: Question, earlier: str) -> bool:
    """Whether the question differs from the one before in just this phrase: what was varied once is again."""
    before, told = question.text.lower(), earlier.lower()
    start = phrase.prep.start if phrase.prep else phrase.start
    alone = bool(told) and told.startswith(before[:start]) and told.endswith(before[phrase.end :])
    return alone and phrase.core.lower() not in told


def _start(phrase: Phrase, grammar: Grammar) -> int:
    """Of "many moons" that of "moons"."""
    counted = [one for one in phrase.tokens if one.key not in grammar["many"]] if phrase.asked else []
    return counted[0].start if counted else phrase.start


def _has_degree(words: Sequence[Token], grammar: Grammar) -> bool:
    return any(is_degree(one, grammar) for one in words)


def _shape(token: Token) -> str:
    return re.sub(r"[a-z]+", "a", re.sub(r"\d+", "0", token.text))


def _key(token: Token | None) -> str:
    return token.key if token else ""


def _words(tokens: Sequence[Token]) -> str:
    return " ".join(one.text for one in tokens)
