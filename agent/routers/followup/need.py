"""Whether a question leans on those before it: a logistic regression over its form, what it shares with the last
question, and its sentence vector. Fitted by `triptych fit followup`."""

from collections.abc import Sequence

from agent.routers.followup.asks import only_asks
from agent.routers.followup.completions import chooses, counts_only
from agent.routers.followup.entities import Said, parsed
from agent.routers.followup.opening import opening
from agent.routers.followup.parsing.grammar import Grammar
from agent.routers.followup.parsing.pronouns import unresolved
from agent.routers.followup.parsing.question import Question, adjectival, kind_of

SHORT = 6  # words, beyond which it does not matter how many


def features(text: str, said: Sequence[Said], grammar: Grammar) -> dict[str, float]:
    """What is seen of a question asked after `said`; all between 0 and 1."""
    begun = opening(text, grammar)
    question, last = Question(begun.rest, grammar, inside=begun.cut), parsed(said[-1].question, grammar)
    tokens = question.words
    clause = question.is_clause
    loose = unresolved(question)
    phrases = [one for one in question.phrases if not one.asked]
    order = question.wh is None and bool(tokens) and tokens[0].tag == "verb"
    yes_no = question.wh is None and bool(tokens) and tokens[0].tag in {"be", "aux"}
    open_words = [one for one in tokens if one.tag in {"word", "name", "number", "verb", "adj"}]
    before = {one.key for one in last.tokens if one.tag in {"word", "name", "number", "verb", "adj"}}
    chained = any(one.prep is not None and one.prep.key in grammar["of"] for one in phrases[1:])
    fragment = not any(one.tag in {"be", "aux", "subj"} for one in tokens) and question.wh is None and not order
    dated = [one for one in phrases if kind_of(one, grammar) == "date"]
    definite = [one for one in phrases if one.determiner in grammar["definite"] and not one.named]
    sought = clause and not phrases and not question.counts and question.asked is not None  # "which maps do we have"
    found = {
        "led": begun.led,
        "about": begun.mark == "about",
        "same": begun.mark == "same",
        "correction": begun.mark == "correction",
        "fragment": fragment,
        "fragment_led": fragment and (begun.led or begun.mark != ""),
        "fragment_short": fragment and len(open_words) <= 2,
        "fragment_chained": fragment and chained,
        "fragment_asks": fragment and text.rstrip().endswith("?"),
        "fragment_prep": fragment and bool(phrases) and phrases[0].prep is not None,
        "fragment_bare_prep": fragment and not phrases and any(one.tag == "prep" for one in tokens),
        "fragment_determined": fragment and bool(phrases) and bool(phrases[0].determiner),
        "fragment_nothing": fragment and (not phrases or all(one.key in grammar["lead"] for one in tokens)),
        "fragment_dated": fragment and len(dated) == len(phrases) == 1,
        "fragment_adverb": fragment and bool(tokens) and tokens[0].tag == "adverb",
        "fragment_verb": fragment and any(one.tag == "verb" for one in tokens),
        "asks_only": only_asks(question),
        "asks_for_nothing": question.wh is not None and not phrases,
        "asks_for_kind": sought,
        "asks_what_is_there": sought and any(one.key in grammar["places"] for one in tokens),
        "order": order,
        "order_asks": order and text.rstrip().endswith("?"),
        "order_loose": order and bool(loose),
        "yes_no_loose": yes_no and bool(loose),
        "loose_subject": any(one.tag == "subj" for one in loose),
        "loose_object": any(one.tag == "obj" for one in loose) and not order,
        "loose_owner": any(one.tag == "poss" for one in loose),
        "loose_place": any(one.tag in {"place", "time"} for one in loose),
        "bound": len(loose) < sum(one.tag in {"subj", "obj", "poss"} for one in question.tokens),
        "one": any(adjectival(one, grammar) and one.determiner for one in phrases),
        "picks": any(
            one.key in grammar["picks"] and _stands_alone(question, place) for place, one in enumerate(tokens)
        ),
        "other": any(
            one.key in grammar["others"] and _stands_alone(question, place) for place, one in enumerate(tokens)
        ),
        "this": any(one.tag == "dem" for one in tokens),
        "named": any(one.named for one in phrases),
        "new_name": any(one.tag == "name" and one.key not in before for one in tokens),
        "shared": sum(one.key in before for one in open_words) / max(1, len(open_words)),
        "length": min(len(open_words), SHORT) / SHORT,
        "clause_without_things": clause and not phrases,
        "definite_only": clause and len(phrases) == len(definite) == 1,
        "definite_known": any(one.content[-1].key in before for one in definite),
        "chosen": chooses(question),
        "counted": counts_only(question),
    }
    return {name: float(value) for name, value in found.items()}


def _stands_alone(question: Question, place: int) -> bool:
    """Whether no noun follows: "the second", "the other one"."""
    then = question.words[place + 1] if place + 1 < len(question.words) else None
    return then is None or then.tag not in {"word", "name", "number", "adj"}
