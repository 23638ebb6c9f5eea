"""A question with its pronouns, "the new one" and "the second" filled in, in every way that the conversation allows."""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from agent.routers.followup.candidate import Candidate, Edit, edited, prefixed, similarity
from agent.routers.followup.entities import Entity, Said, entities, items, parsed, short_answer
from agent.routers.followup.parsing.grammar import Grammar
from agent.routers.followup.parsing.pronouns import letters, unresolved
from agent.routers.followup.parsing.question import Question, head, kind_of
from agent.routers.followup.parsing.tokens import Phrase, Token

PERSONAL = frozenset({"m", "f"})
MOST = 60  # ways to fill one question
ENTITIES = 20


def fills(question: Question, said: Sequence[Said]) -> list[Candidate]:
    """The likeliest first, roughly; the question as it stands where nothing in it is to be filled."""
    ways = (edited(question.text, edits) for edits in product(*_slots(question, said)) if not _contradicts(edits))
    return list(islice(ways, MOST)) or [Candidate(question.text, {})]


def _contradicts(edits: Sequence[Edit]) -> bool:
    """Whether one thing is named by two different pronouns of the question, or two things by the same."""
    named: dict[str, str] = {}
    for edit in edits:
        if edit.entity:
            pronoun, _, entity = edit.entity.partition(":")
            if named.setdefault(pronoun, entity) != entity:
                return True
    return len(set(named.values())) < len(named)


def _slots(question: Question, said: Sequence[Said]) -> Iterator[list[Edit]]:
    found = entities(said, question.grammar)[:ENTITIES]
    for token in unresolved(question):
        edits = list(_time(question, token, said) if token.tag == "time" else _pronoun(question, token, found, said))
        if edits:
            yield edits
    for phrase in question.phrases:
        edits = [*_picks(question, phrase, said), *_ones(question, phrase, found, said)]
        if edits:
            yield edits


def _pronoun(question: Question, token: Token, found: Sequence[Entity], said: Sequence[Said]) -> Iterator[Edit]:
    grammar, place = question.grammar, question.tokens.index(token)
    before = question.tokens[place - 1] if place else None
    done = (
        token.tag == "obj" and before is not None and before.key in {"do", "done", "doing"}
    )  # "how often do I do that"
    predicate = parsed(said[-1].question, grammar).predicate() if done else ""
    if before is not None and predicate:
        yield Edit(before.start, token.end, predicate, prefixed("done", {}))
        return
    wanted = letters(question, token)
    for rank, entity in enumerate(found):
        fit = _fit(entity, wanted, token, grammar)
        traits = dict(entity.traits) | {"first": float(rank == 0)}
        role = {"m": "he", "f": "he", "p": "they"}.get(wanted, "it") if grammar.name == "english" else "it"
        features = prefixed("fill", traits | fit) | {
            f"{role}_{name}": value for name, value in traits.items() if name in _BY_ROLE and value
        }
        features |= {f"{token.tag}_{name}": value for name, value in traits.items() if name in _BY_TAG and value}
        features["fill_alike"] = similarity(_around(question, token), entity.text)
        start, end, text = _put(question, token, place, entity)
        yield Edit(start, end, text, features, f"{wanted or token.tag}:{entity.text}")


def _time(question: Question, token: Token, said: Sequence[Said]) -> Iterator[Edit]:
    """ "Then" as it stands, or as the date that was answered."""
    yield Edit(token.start, token.end, token.text, prefixed("then", {}))
    reply = parsed(short_answer(said[-1].answer), question.grammar)
    for phrase in reply.phrases[:1]:
        led = f"{phrase.prep.text.lower()} " if phrase.prep else f"{question.grammar['in'][0]} "
        dated = {
            "dated": float(kind_of(phrase, question.grammar) == "date"),
            "last": float(token is question.words[-1]),
        }
        yield Edit(token.start, token.end, led + reply.text[phrase.start : phrase.end], prefixed("then_date", dated))


_BY_ROLE = frozenset(
    {
        "answer",
        "topic",
        "sought",
        "both",
        "subject",
        "answer_who",
        "answer_named",
        "answer_subject",
        "answer_object",
        "answer_called",
        "answer_else",
        "answer_clause",
        "named",
        "age_1",
        "age_2",
        "object",
        "led",
        "of",
        "measured",
        "list",
    }
)
_BY_TAG = frozenset({"answer", "topic", "led", "object", "subject", "named", "answer_prep", "sought"})


def _around(question: Question, token: Token) -> str:
    return (question.text[: token.start] + question.text[token.end :]).strip(" ?")


def _fit(entity: Entity, wanted: str, token: Token, grammar: Grammar) -> dict[str, float]:
    """Whether number, person and gender agree."""
    if grammar.name != "english":
        wrong = bool(entity.genders and wanted) and not set(entity.genders) & set(wanted)
        return {"disagrees": float(wrong), "agrees": float(bool(entity.genders and wanted) and not wrong)}
    if token.tag in {"place", "time"}:
        return {"place": 1.0, "place_named": float(entity.named), "place_person": float(entity.person is True)}
    if wanted in PERSONAL:
        return {
            "nobody": float(entity.person is None and not entity.named),
            "several": float(entity.plural),
            "person": float(entity.person is True),
        }
    return {
        "number": float(entity.plural == (wanted == "p")),
        "person_it": float(entity.person is True and wanted != "p"),
        "people": float(entity.person is True and wanted == "p"),
    }


def _put(question: Question, token: Token, place: int, entity: Entity) -> tuple[int, int, str]:
    grammar = question.grammar
    if token.tag == "poss" and grammar.name == "english":
        return token.start, token.end, f"{entity.text}'s"
    then = question.tokens[place + 1] if place + 1 < len(question.tokens) else None
    if token.tag == "poss" and then is not None and then.tag != "mark":
        return token.start, then.end, f"{then.text} {grammar['owner'][0]} {entity.text}"
    led = f"{grammar['in'][0]} " if token.tag == "place" else " " if token.text.startswith("-") else ""
    return token.start, token.end, f"{led}{entity.text}"


def _picks(question: Question, phrase: Phrase, said: Sequence[Said]) -> Iterator[Edit]:
    """ "the second one" as the second of a list just given, or left as it is."""
    grammar = question.grammar
    words = [one for one in phrase.content if one.tag != "one"]
    if len(words) != 1 or not (phrase.determiner or not question.is_clause):
        return
    word = words[0]
    other = word.key in grammar["others"]
    if word.key not in grammar["picks"] and not other:
        return
    last = parsed(said[-1].question, grammar)
    ordered = any(one.key in grammar["picks"] for one in last.tokens)
    yield Edit(
        phrase.start,
        phrase.end,
        question.text[phrase.start : phrase.end],
        prefixed("unpicked", {"ordered": float(ordered)}),
    )
    for rank, (age, listed) in enumerate(items(said, grammar)):
        whole = all(one.lower() in last.text.lower() for one in listed)  # "which is longer, the Lune or the Wyre"
        told = short_answer(said[-1].answer).lower() if whole else last.text.lower()
        rest = [one for one in listed if one.lower() not in told] if other else listed
        place = 0 if other else grammar.lists["picks"][word.key]
        if -len(rest) <= place < len(rest):
            features = {
                f"age_{min(age, 3)}": 1.0,
                "nearest": float(rank == 0),
                "ordered": float(ordered),
                "other": float(other),
            }
            yield Edit(phrase.start, phrase.end, rest[place], prefixed("picked", features))
    index = 0 if other else grammar.lists["picks"][word.key]
    for pair in (one for one in entities(said, grammar) if one.traits.get("both")):
        parts = pair.text.split(f" {grammar['joins'][0]} ")
        if len(parts) == 2 and -2 <= index < 2:
            features = {**pair.traits, "other": float(other), "ordered": float(ordered)}
            yield Edit(phrase.start, phrase.end, parts[index], prefixed("pair", features))
    things = [one for one in last.phrases if not one.asked]
    if len(things) > 1 and -len(things) <= index < len(things):
        text = last.text[things[index].start : things[index].end]
        yield Edit(
            phrase.start, phrase.end, text, prefixed("named", {"other": float(other), "ordered": float(ordered)})
        )


def _ones(question: Question, phrase: Phrase, found: Sequence[Entity], said: Sequence[Said]) -> Iterator[Edit]:
    """ "the new one" -> "the new bridge", "that one" -> the thing itself."""
    one = next((token for token in phrase.tokens if token.tag == "one"), None)
    if one is None or not question.is_clause or one in question.asking:
        return
    if len(phrase.tokens) == 1 or (phrase.tokens[0].tag == "dem" and len(phrase.tokens) == 2):
        for entity in found[:4]:
            yield Edit(phrase.start, phrase.end, entity.text, prefixed("that", entity.traits))
        return
    nouns: dict[str, dict[str, float]] = {}
    for age, turn in enumerate(list(reversed(said))[:2]):
        before = parsed(turn.question, question.grammar)
        for other in before.phrases:
            noun = head(other, question.grammar)
            if noun.tag == "word":
                traits = {"topic": other is before.topic, "asked": other.asked, f"age_{age}": True}
                nouns.setdefault(noun.text, {name: float(value) for name, value in traits.items()})
    modifiers = " ".join(token.text for token in phrase.content if token.tag != "one")
    for text, features in nouns.items():
        yield Edit(one.start, one.end, text, prefixed("one", features | {"alike": similarity(modifiers, text)}))
