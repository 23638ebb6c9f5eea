"""Whether a question leans on those before it: a logistic regression over its form, what it shares with the last
question, and its sentence vector. Fitted by `triptych fit followup`."""

from collections.abc import Sequence

from agent.routers.followup.alignment import adjectival, kind_of
from agent.routers.followup.focus import Question, Said
from agent.routers.followup.grammar import Grammar
from agent.routers.followup.opening import opening
from agent.routers.followup.pronouns import unresolved
from agent.routers.followup.rewriting import is_clause, picks

SHORT = 6  # words, beyond which it does not matter how many


def features(text: str, said: Sequence[Said], grammar: Grammar) -> dict[str, float]:
    """What is seen of a question asked after `said`; all between 0 and 1."""
    begun = opening(text, grammar)
    question, last = Question(begun.rest, grammar, inside=begun.cut), Question(said[-1].question, grammar)
    tokens = [one for one in question.tokens if one.tag != "mark"]
    clause = is_clause(question)
    loose = unresolved(question)
    phrases = [one for one in question.phrases if not one.asked]
    order = clause and question.wh is None and bool(tokens) and tokens[0].tag == "verb"
    content = [one for one in tokens if one.tag in {"word", "name", "number", "verb"}]
    before = {one.key for one in last.tokens if one.tag in {"word", "name", "number", "verb"}}
    chained = any(one.prep is not None and one.prep.key in grammar["of"] for one in phrases[1:])
    fragment = not clause and question.wh is None
    dated = [one for one in phrases if kind_of(one, grammar) == "date"]
    found = {
        "led": begun.led,
        "about": begun.mark == "about",
        "same": begun.mark == "same",
        "correction": begun.mark == "correction",
        "fragment": fragment,
        "fragment_led": fragment and (begun.led or begun.mark != ""),
        "fragment_short": fragment and len(content) <= 2,
        "fragment_chained": fragment and chained,
        "fragment_asks": fragment and text.rstrip().endswith("?"),
        "fragment_prep": fragment and bool(phrases) and phrases[0].prep is not None,
        "fragment_determined": fragment and bool(phrases) and bool(phrases[0].determiner),
        "fragment_nothing": fragment and (not phrases or all(one.key in grammar["lead"] for one in tokens)),
        "fragment_dated": fragment and len(dated) == len(phrases) == 1,
        "fragment_adverb": fragment and bool(tokens) and tokens[0].tag == "adverb",
        "asks_only": question.wh is not None and len(question.asking) == len(tokens),
        "asks_for_nothing": question.wh is not None and not phrases,
        "order": order,
        "order_loose": order and bool(loose),
        "loose_subject": any(one.tag == "subj" for one in loose),
        "loose_object": any(one.tag == "obj" for one in loose) and not order,
        "loose_owner": any(one.tag == "poss" for one in loose),
        "loose_place": any(one.tag in {"place", "time"} for one in loose),
        "bound": len(loose) < sum(one.tag in {"subj", "obj", "poss"} for one in question.tokens),
        "one": any(adjectival(one, grammar) for one in phrases),
        "picks": bool(picks(question)),
        "this": any(one.tag == "dem" for one in tokens),
        "named": any(one.named for one in phrases),
        "new_name": any(one.tag == "name" and one.key not in before for one in tokens),
        "shared": sum(one.key in before for one in content) / max(1, len(content)),
        "length": min(len(content), SHORT) / SHORT,
        "clause_without_things": clause and not phrases,
        "chosen": question.wh is not None
        and question.asking[-1] is question.wh
        and question.wh.key in grammar["which"]
        and question.wh.key not in grammar["what"],
        "counted": bool(question.asking) and question.asking[-1].key in grammar["many"],
    }
    return {name: float(value) for name, value in found.items()}
