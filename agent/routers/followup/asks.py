"""Follow-ups that only ask: "When?", "Why?", "And how wide?", "At what pressure?", "By which rocket?"."""

import re
from collections.abc import Iterator, Sequence

from agent.routers.followup.candidate import Candidate, prefixed
from agent.routers.followup.entities import Said, answered, entities, parsed
from agent.routers.followup.parsing.question import Question
from agent.routers.followup.parsing.tokens import Token


def only_asks(question: Question) -> bool:
    """Whether it holds no more than the words that ask, but for "is that" or "was it"; not "which are there"."""
    there = any(one.key in question.grammar["places"] for one in question.words)
    return question.wh is not None and not there and all(_only_asks(one, question) for one in question.words)


def _only_asks(token: Token, question: Question) -> bool:
    event = token.tag in {"obj", "subj"} and _event(token, question)
    return event or token in question.asking or token.tag in {"adverb", "be", "prep"}


def _event(token: Token, question: Question) -> bool:
    """Whether "that" or "it" may be what the last question was about: "when was that", "why is it so"."""
    return token.key in question.grammar["events"]


def asks(question: Question, said: Sequence[Said]) -> Iterator[Candidate]:
    """The last questions, asked with these words instead."""
    asking = _asking(question)
    if question.asks("why"):
        yield from _why(asking, question, said)
        return
    if question.words[-1].tag == "be":  # "¿Dónde está?"
        for entity in entities(said, question.grammar)[:6]:
            text = f"{question.text.rstrip(' ?')} {entity.text}?"
            yield Candidate(
                text, prefixed("ask_of", {**entity.traits, "drops": float(bool(question.grammar["drops"]))})
            )
    for age, one in enumerate(list(reversed(said))[:2]):
        last = parsed(one.question, question.grammar)
        features = {
            f"age_{age}": 1.0,
            "how": float(question.asks("how") and len(question.asking) > 1 and not question.counts),
            "counts": float(question.counts),
            "noun": float(question.asked is not None),
            "prep": float(question.asking[0].tag == "prep"),
            "after_how": float(last.asks("how") and len(last.asking) > 1),
            "after_measure": float(last.measures),
            "after_order": float(not last.asking),
            "after_yes": float(not last.asking and last.is_clause),
        }
        yield from _instead(asking, question, last, one, features)
        yield from _about(asking, question, said, features if age == 0 else {})


def _asking(question: Question) -> str:
    last = max(one.end for one in question.words if one in question.asking or one.tag in {"adverb", "prep"})
    return question.text[question.words[0].start : last] if question.words else ""


def _instead(
    asking: str, question: Question, last: Question, said: Said, features: dict[str, float]
) -> Iterator[Candidate]:
    named = answered(said, question.grammar)
    if not last.asking:
        yield Candidate(f"{asking} {_lowered(last)}?", prefixed("ask", features | {"before": 1.0}))
        return
    rest = last.text[last.asking[-1].end :].strip()
    counted = f"{asking} {last.asked.core}" if question.counts and question.asked is None and last.asked else asking
    subject = bool(last.after_asking) and last.after_asking[0].tag in {"be", "verb"} and last.seeks_thing
    features = features | {"subject": float(subject), "kept": float(last.asked is not None)}
    yield Candidate(f"{counted} {rest}", prefixed("ask", features))
    if last.asked is not None and counted == asking:
        yield Candidate(f"{asking} {last.asked.core} {rest}", prefixed("ask", features | {"with_noun": 1.0}))
    if named:
        yield Candidate(
            f"{asking} {_with_subject(named.text, last, rest)}", prefixed("ask", features | {"answer": 1.0})
        )


def _about(asking: str, question: Question, said: Sequence[Said], features: dict[str, float]) -> Iterator[Candidate]:
    """ "How wide is the river?", "How many rooms does the flat have?", for what the conversation is about."""
    grammar = question.grammar
    if not features or not grammar["have"]:
        return
    for entity in entities(said, grammar)[:6]:
        traits = {**features, **entity.traits, "plural": float(entity.plural)}
        if question.counts or question.asked is not None:
            yield Candidate(grammar["have"][0].format(asking, entity.text), prefixed("ask_have", traits))
        if question.asks("how") and not question.counts:
            be = grammar["be"][1 if entity.plural else 0]
            yield Candidate(f"{asking} {be} {entity.text}?", prefixed("ask_be", traits))


def _why(asking: str, question: Question, said: Sequence[Said]) -> Iterator[Candidate]:
    """The last question, asked for its reason."""
    for age, one in enumerate(list(reversed(said))[:2]):
        last = parsed(one.question, question.grammar)
        named = answered(one, question.grammar)
        features = {f"age_{age}": 1.0, "asked": float(bool(last.asking)), "again": float(last.asks("why"))}
        if not last.asking:
            yield Candidate(f"{asking} {_lowered(last)}?", prefixed("why", features))
            continue
        rest = last.text[last.asking[-1].end :].strip()
        if last.asks("how") and len(last.asking) > 1 and last.after_asking and last.after_asking[0].tag == "be":
            rest = f"{rest.rstrip(' ?.!')} {last.asking[-1].text}?"
        yield Candidate(f"{asking} {rest}", prefixed("why", features))
        if last.asked:
            text = f"{asking} {rest.rstrip(' ?.!')} {last.asked.core}?"
            yield Candidate(text, prefixed("why", features | {"with_noun": 1.0}))
        if named:
            text = f"{asking} {_with_subject(named.text, last, rest)}"
            yield Candidate(text, prefixed("why", features | {"answer": 1.0}))


def _with_subject(named: str, last: Question, rest: str) -> str:
    """What "who" or "which" asked for, put into the rest of its question."""
    after = last.after_asking[0] if last.after_asking else None
    if after is None or after.tag not in {"be", "verb"}:
        return f"{rest.rstrip(' ?.!')} {named}?"
    tail = last.text[after.end :].strip()
    if after.tag == "be":
        return f"{after.text} {named} {tail}"
    if last.grammar.name != "english" or not after.key.endswith("s"):
        led = "did " if last.grammar.name == "english" else ""
        return f"{led}{named} {after.text} {tail}" if led else f"{after.text} {named} {tail}"
    return f"does {named} {re.sub(r'(?<=[osxzh])es$|s$', '', after.text)} {tail}"


def _lowered(last: Question) -> str:
    text = last.text.strip(" ?.!¿")
    return text if last.tokens and last.tokens[0].tag == "name" else text[:1].lower() + text[1:]
