"""A clause that needs more said: "Which is larger?" of two things, "Who is the captain?" of the team, "How many are
lost?" of what was counted."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.routers.followup.candidate import Candidate, prefixed
from agent.routers.followup.entities import Said, entities, items, parsed
from agent.routers.followup.pairs import paired
from agent.routers.followup.parsing.question import Question


def completions(question: Question, said: Sequence[Said]) -> Iterator[Candidate]:
    traits = _traits(question)
    text = question.text.strip()
    yield Candidate(text, prefixed("as_is", traits))
    yield from _compared(question, said, traits)
    yield from _chosen_from(question, said, traits)
    if not traits["chooses"]:
        led = question.grammar["owner"][0]
        for entity in entities(said, question.grammar)[:8]:
            if entity.text.lower() not in text.lower():
                features = {**entity.traits, "asks_who": traits["asks_who"], "thingless": traits["thingless"]}
                yield Candidate(f"{text.rstrip(' ?.!')} {led} {entity.text}?", prefixed("of", features))


def chooses(question: Question) -> bool:
    """ "Which is larger", "who has more": asks for one of several, without a noun of its own."""
    return question.wh is not None and (
        (
            question.asking[-1] is question.wh
            and question.asks("which")
            and question.wh.key not in question.grammar["what"]
        )
        or any(one.tag == "one" for one in question.asking)
    )


def counts_only(question: Question) -> bool:
    """ "How many were lost"."""
    after = question.after_asking
    return question.counts and question.asked is None and bool(after) and after[0].tag in {"be", "aux", "verb"}


def _traits(question: Question) -> dict[str, float]:
    phrases = [one for one in question.phrases if not one.asked]
    return {
        "chooses": float(chooses(question)),
        "counts": float(counts_only(question)),
        "asks_who": float(question.asks("who")),
        "thingless": float(not phrases),
        "compares": float(any(one.tag in {"adj", "adverb"} and one.key.endswith("er") for one in question.words)),
        "one": float(any(one.tag == "one" for one in question.words)),
    }


def _compared(question: Question, said: Sequence[Said], traits: dict[str, float]) -> Iterator[Candidate]:
    """The things of which the same was asked, or of which the question before was asked."""
    if not (traits["chooses"] or traits["asks_who"] or traits["compares"]):
        return
    whole, joined = question.text.strip(" ?.!"), question.grammar["joins"][1]
    recent = [parsed(one.question, question.grammar) for one in list(reversed(said))[:3]]
    for age, (later, earlier) in enumerate(pairwise(recent)):
        if both := paired(earlier, later):
            pair, topical = both
            features = traits | {f"age_{age}": 1.0, "topics": float(topical)}
            yield Candidate(f"{whole}, {pair[0]} {joined} {pair[1]}?", prefixed("compared", features))
    for age, listed in items(said, question.grammar):
        if age < 2 and len(listed) < 6:
            text = f"{', '.join(listed[:-1])} {joined} {listed[-1]}"
            yield Candidate(f"{whole}, {text}?", prefixed("listed", traits | {f"age_{age}": 1.0}))


def _chosen_from(question: Question, said: Sequence[Said], traits: dict[str, float]) -> Iterator[Candidate]:
    """ "Which is the largest?", "How many are retrograde?": from what the last question was about."""
    grammar = question.grammar
    if not (traits["chooses"] or traits["counts"]):
        return
    at = question.asking[-1].end
    for entity in entities(said, grammar)[:10]:
        bare = not entity.named and grammar.closed_tokens(entity.text)[0].tag not in {"det", "dem", "poss"}
        definite = f"the {entity.text}" if grammar.name == "english" and bare else entity.text
        text = f"{question.text[:at]} {grammar['owner'][0]} {definite}{question.text[at:]}"
        features = {**entity.traits, "plural": float(entity.plural), "counts": traits["counts"]}
        yield Candidate(text, prefixed("chosen", features))
    for age, listed in items(said, grammar):
        if age < 2 and len(listed) < 6:
            names = f"{', '.join(listed[:-1])} {grammar['joins'][0]} {listed[-1]}"
            text = f"{question.text[:at]} {grammar['owner'][0]} {names}{question.text[at:]}"
            yield Candidate(text, prefixed("chosen_list", traits | {f"age_{age}": 1.0}))
