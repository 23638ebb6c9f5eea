"""A follow-up made to stand alone, without a language model: all that it may mean, of which the likeliest is taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise, product

from agent.routers.followup.asks import asks, only_asks
from agent.routers.followup.candidate import Candidate, edited, likeliest, prefixed, similarity
from agent.routers.followup.completions import completions
from agent.routers.followup.entities import Said, entities, parsed
from agent.routers.followup.fills import fills
from agent.routers.followup.opening import opening
from agent.routers.followup.parsing.grammar import Grammar
from agent.routers.followup.parsing.pronouns import unresolved
from agent.routers.followup.parsing.question import Question
from agent.routers.followup.parsing.tokens import Phrase
from agent.routers.followup.predicates import predicated, ranked
from agent.routers.followup.swaps import attributed, swaps

TURNS = 3  # whose questions a fragment may be put into
MOST = 400  # candidates


def rewrite(text: str, said: Sequence[Said], grammar: Grammar, weights: Mapping[str, float]) -> str:
    """The follow-up as a question of its own; as it was put where nothing that it leaves unsaid is found."""
    found = candidates(text, said, grammar)
    return likeliest(found, weights) if found else text


def candidates(text: str, said: Sequence[Said], grammar: Grammar) -> list[Candidate]:
    """All that the follow-up may mean; `said` must not be empty."""
    begun = opening(text, grammar)
    question = Question(begun.rest, grammar, inside=begun.cut)
    found = _readings(question, said, begun.mark in {"same", "correction"})
    return [Candidate(_finished(one.text, grammar), one.features) for one in islice(found, MOST)]


def _readings(question: Question, said: Sequence[Said], instead: bool) -> Iterator[Candidate]:
    if only_asks(question):
        yield from asks(question, said)
        if not unresolved(question):
            return
    if _is_condition(question):
        yield from _conditioned(question, said)
    clause = question.wh is not None or _is_clause(question)
    for filled in fills(question, said):
        changed = filled.text != question.text
        if not clause:
            now = Question(filled.text, question.grammar, inside=True) if changed else question
            found = _fragment(question, now, said, instead)
        elif changed:
            found = _adjoined(filled.text, said, question.grammar)
        else:
            found = completions(question, said)
        for one in found:
            yield one.with_features(**filled.features)


def _is_condition(question: Question) -> bool:
    """ "If it rains?", "when it is cold?"; not "when is it cold?"."""
    if len(question.words) < 3 or question.asks("who", "which", "how", "why"):
        return False
    first, then = question.words[:2]
    return first.key in question.grammar["conjunctions"] and then.tag not in {"be", "aux", "verb"}


def _conditioned(question: Question, said: Sequence[Said]) -> Iterator[Candidate]:
    """The last question under this condition, in the place of its own."""
    last = parsed(said[-1].question, question.grammar)
    joins = question.grammar["joins"]
    own = next((one for one in last.tokens if one.tag == "conj" and one.key not in joins and one.start), None)
    whole = (last.text[: own.start] if own else last.text).rstrip(" ?.!,")
    for filled in (Candidate(question.text, {"condition_as_put": 1.0}), *fills(question, said)):
        text = filled.text.strip(" ?.!")
        features = {**filled.features} | prefixed("condition", {"instead": float(own is not None)})
        yield Candidate(f"{whole} {text[:1].lower()}{text[1:]}?", features)


def _is_clause(question: Question) -> bool:
    """Whether it says something of a thing, and not only "renovated" or "cycle to work"."""
    words = question.words
    orders = bool(words) and words[0].tag == "verb" and len(question.phrases) > 0 and question.text[:1].isupper()
    return orders or any(one.tag in {"be", "aux", "subj"} for one in question.tokens)


def _adjoined(text: str, said: Sequence[Said], grammar: Grammar) -> Iterator[Candidate]:
    """As it is, or with the place or time that the last question spoke of: "in Hesse"."""
    yield Candidate(text, {})
    last = parsed(said[-1].question, grammar)
    for phrase in last.phrases:
        new = phrase.core.lower() not in text.lower()
        if phrase.prep is not None and phrase.prep.key not in grammar["of"] and new:
            whole = f"{text.rstrip(' ?.!')} {last.text[phrase.prep.start : phrase.end]}?"
            features = {"named": float(phrase.named), "last": float(phrase is last.phrases[-1]), phrase.prep.key: 1.0}
            yield Candidate(whole, prefixed("adjoined", features))


def _fragment(put: Question, fragment: Question, said: Sequence[Said], instead: bool) -> Iterator[Candidate]:
    """Put into the last questions, or asked as an attribute of what they were about; `put` is before it was filled."""
    grammar = fragment.grammar
    phrases = _joined(fragment)
    if not phrases and len(fragment.words) == 1 and fragment.words[0].tag == "verb":  # "weaving?"
        phrases = [Phrase(tuple(fragment.words))]
    if put.words and put.words[0].tag == "poss":  # "its weight": "the weight" of the same question
        last, bare = parsed(said[-1].question, grammar), _joined(put)
        human = similarity(put.text, "person") - similarity(put.text, "thing")
        traits = {"human": human, "of_measure": float(last.measures)}
        for name, asking in (("owned", grammar["attribute"][0]), ("owned_who", grammar["attribute"][2])):
            yield Candidate(f"{asking} {fragment.text.strip(' ?.!')}?", prefixed(name, traits))
        if bare:
            led = replace(bare[0], tokens=bare[0].tokens[1:])
            yield from (edited(last.text, [one]).with_features(unowned=1.0) for one in swaps(led, last, "", instead))
    for age, one in enumerate(list(reversed(said))[:TURNS]):
        last = parsed(one.question, grammar)
        earlier = said[-2 - age].question if len(said) > 1 + age else ""
        back = {"back": float(age), "back_why": float(parsed(said[-1].question, grammar).asks("why"))} if age else {}
        found = [edited(last.text, [one]) for one in (*predicated(fragment, last), *ranked(fragment, last))]
        found += _swapped(phrases, last, earlier, instead)
        if len(phrases) > 1 or (phrases and len(phrases[0].tokens) < len(fragment.words)):
            lead = fragment.phrases[0].prep
            unit = Phrase(tuple(word for word in fragment.words if word is not lead), lead)
            found += [edited(last.text, [one]).with_features(unit=1.0) for one in swaps(unit, last, earlier, instead)]
        for candidate in found or _bare(fragment, last):
            yield candidate.with_features(**back)
    if len(phrases) == 1:
        last = parsed(said[-1].question, grammar)
        for entity in entities(said, grammar)[:8]:
            if not entity.traits.get("both"):
                yield from attributed(phrases[0], last, entity.text, entity.traits)


def _joined(fragment: Question) -> list[Phrase]:
    """Its phrases but for a mere "the one", at most two."""
    found = [one for one in fragment.phrases if any(word.tag not in {"one", "det", "dem"} for word in one.tokens)]
    return found[:2]


def _swapped(phrases: Sequence[Phrase], last: Question, earlier: str, instead: bool) -> Iterator[Candidate]:
    """Both phrases in two places; one alone where the question has the other already."""
    edits = [swaps(one, last, earlier, instead) for one in phrases]
    for pair in product(*edits) if edits else ():
        ordered = sorted(pair, key=lambda one: one.start)
        if all(one.end <= then.start for one, then in pairwise(ordered)):
            yield edited(last.text, pair)
    known = [one.core.lower() for one in last.phrases]
    alone = [place for place, one in enumerate(phrases) if one.core.lower() not in known]
    if len(alone) < len(phrases):
        yield from (edited(last.text, [one]) for place in alone[:1] for one in edits[place])


def _bare(fragment: Question, last: Question) -> Iterator[Candidate]:
    """ "under?", "without?": another preposition; else the words at the end."""
    words = fragment.text.strip(" ?.!").lower()
    for one in last.phrases:
        if one.prep is not None and len(fragment.words) == 1:
            yield Candidate(last.text[: one.prep.start] + words + last.text[one.prep.end :], {"prep_only": 1.0})
    yield Candidate(f"{last.text.rstrip(' ?.!')} {words}?", {"appended": 1.0})


def _finished(text: str, grammar: Grammar) -> str:
    text = re.sub(r"\s+([?.,!])", r"\1", " ".join(text.split())).strip(" ¿")
    opened = "¿" if grammar.name == "spanish" and text.endswith("?") else ""
    return opened + text[:1].upper() + text[1:]
