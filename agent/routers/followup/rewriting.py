"""A follow-up made to stand alone, without a language model: by its opening, its form, and the last questions."""

import re
from collections.abc import Sequence

from agent.routers.followup import alignment
from agent.routers.followup.focus import Entity, Question, Said, answered, items
from agent.routers.followup.grammar import Grammar
from agent.routers.followup.opening import opening
from agent.routers.followup.pronouns import Resolver, unresolved
from agent.routers.followup.tokens import Phrase, Token

Weights = dict[str, float]


class Rewriter:
    """Of follow-ups to `said`, which must not be empty."""

    def __init__(self, said: Sequence[Said], grammar: Grammar, weights: Weights) -> None:
        self._said = said
        self._grammar = grammar
        self._weights = weights
        self._last = Question(said[-1].question, grammar)
        self._resolver = Resolver(said, grammar)

    def rewrite(self, text: str) -> str:
        """The follow-up as a question of its own; as it was put where nothing that it leaves unsaid is found."""
        begun = opening(text, self._grammar)
        question = Question(begun.rest, self._grammar, inside=begun.cut)
        if picked := self._picked(question):
            question = Question(picked, self._grammar)
            if swapped := self._swapped(question):
                return swapped
        if self._only_why(question):
            return self._why(question)
        if question.wh is not None and self._only_asks(question):
            return self._asked_otherwise(question)
        if question.wh is not None or is_clause(question):
            return self._finished(self._filled(question))
        return self._aligned(question, begun.mark in {"same", "correction"}) or text

    def _finished(self, text: str, *, asks: bool = False) -> str:
        text = re.sub(r"\s+([?.,!])", r"\1", " ".join(text.split())).strip(" ¿")
        text = f"{text.rstrip(' ?.!')}?" if asks else text
        opened = "¿" if self._grammar.name == "spanish" and text.endswith("?") else ""
        return opened + text[:1].upper() + text[1:]

    def _only_why(self, question: Question) -> bool:
        if question.wh is None or question.wh.key not in self._grammar["why"]:
            return False
        rest = [one for one in question.tokens if one.end > question.wh.end and one.tag not in {"mark", "adverb", "be"}]
        return all(one.tag in {"obj", "subj"} for one in rest) and not any(one.tag == "verb" for one in rest)

    def _only_asks(self, question: Question) -> bool:
        left = [one for one in question.tokens if one not in question.asking and one.tag not in {"mark", "adverb"}]
        return not left

    def _why(self, question: Question) -> str:
        """The last question, asked for its reason."""
        assert question.wh is not None
        why, last = question.wh.text.capitalize(), self._last
        if question.wh.start and question.text[: question.wh.start].strip():
            why = question.text[: question.wh.end].strip().capitalize()
        named = answered(self._said[-1], self._grammar)
        if not last.asking:
            body = last.text[:1].lower() + last.text[1:] if last.tokens[0].tag != "name" else last.text
            return self._finished(f"{why} {body}", asks=True)
        rest = last.text[last.asking[-1].end :].strip()
        after = next((one for one in last.tokens if one.start >= last.asking[-1].end), None)
        subject = last.wh is not None and (after is None or after.tag in {"be", "aux", "verb"})
        if named and subject and after and after.tag == "be":
            rest = f"{after.text} {named.text} {last.text[after.end :].strip()}"
        elif named and subject and after and after.tag == "verb":
            plain = self._grammar.name == "english" and after.key.endswith("s")
            verb = re.sub(r"(?<=[osxzh])es$|s$", "", after.text) if plain else after.text
            rest = f"{'does ' if plain else ''}{named.text} {verb}{last.text[after.end :]}"
        elif len(last.asking) > 1 and after and after.tag == "be" and last.asking[0].key in self._grammar["how"]:
            rest = f"{rest.rstrip(' ?.!')} {last.asking[-1].text}?"
        return self._finished(f"{why} {rest}", asks=True)

    def _asked_otherwise(self, question: Question) -> str:
        """ "When?", "And how wide?", "By which rocket?": the last question with other words that ask."""
        last, grammar = self._last, self._grammar
        asking = question.text.strip(" ?.!")
        assert question.wh is not None
        how = question.wh.key in grammar["how"] and len(question.asking) > 1
        many = question.asking[-1].key in grammar["many"]
        topic = last.topic_text()
        if not last.asking:
            return self._finished(f"{asking}: {last.text}", asks=True)
        if many and last.asked is not None:
            asking = f"{asking} {last.asked.core}"
        elif how and not many and not (last.wh and last.wh.key in grammar["how"]) and topic:
            be = grammar["be"][1 if _is_many(last) else 0]
            return self._finished(f"{asking} {be} {topic}?", asks=True)
        rest = last.text[last.asking[-1].end :].strip()
        after = next((one for one in last.tokens if one.start >= last.asking[-1].end), None)
        if after is not None and after.tag == "verb" and grammar.name == "english" and after.key.endswith("ed"):
            rest = f"was {last.text[after.end :].strip(' ?.!')} {after.text}?"
        return self._finished(f"{asking} {rest}", asks=True)

    def _picked(self, question: Question) -> str:
        """The question with the thing that "the second one" picks from the answer before; "" where it picks none."""
        grammar = self._grammar
        for phrase, word in picks(question):
            place = _place(word, grammar)
            if place is None or _degrees(self._last, grammar):
                continue
            for listed in items(self._said, grammar):
                rest = [one for one in listed if one.lower() not in self._last.text.lower()]
                among = rest if word.key in grammar["others"] else listed
                if -len(among) <= place < len(among):
                    return question.text[: phrase.start] + among[place] + question.text[phrase.end :]
        return ""

    def _swapped(self, question: Question) -> str:
        """A thing picked from a list, in the place of another of that list; "" where the last question names none."""
        bare = question.text.strip(" ?.!").lower()
        for listed in items(self._said, self._grammar):
            if bare not in [one.lower() for one in listed]:
                continue
            for other in listed:
                place = self._last.text.lower().find(other.lower())
                if place >= 0 and other.lower() != bare:
                    rest = self._last.text[place + len(other) :]
                    return self._finished(self._last.text[:place] + question.text.strip(" ?.!") + rest)
        return ""

    def _filled(self, question: Question) -> str:
        """A clause with its pronouns, "one", and what it counts or chooses from filled in."""
        edits = [edit for token in unresolved(question) if (edit := self._edit(question, token))]
        edits += [edit for phrase in question.phrases if (edit := self._of_one(question, phrase))]
        if edit := self._chosen_from(question, bool(edits)):
            edits.append(edit)
        if not edits and self._grammar["drops"] and not [one for one in question.phrases if not one.asked]:
            named = self._resolver.first()
            return f"{question.text.rstrip(' ?')} {named.text}?" if named else question.text
        text = question.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _edit(self, question: Question, token: Token) -> tuple[int, int, str] | None:
        grammar, place = self._grammar, question.tokens.index(token)
        then = question.tokens[place + 1] if place + 1 < len(question.tokens) else None
        if token.tag == "time":
            return None
        if token.tag == "obj" and (edit := self._counted_or_done(question.tokens, place)):
            return edit
        entity = self._resolver.place() if token.tag == "place" else self._resolver.entity(token)
        if entity is None:
            return None
        if token.tag == "poss":
            return self._owned(token, then, entity)
        led = f"{grammar['in'][0]} " if token.tag == "place" else " " if token.text.startswith("-") else ""
        return token.start, token.end, f"{led}{entity.text}"

    def _counted_or_done(self, tokens: Sequence[Token], place: int) -> tuple[int, int, str] | None:
        """ "How many of them", "do that": what was counted or done before."""
        token, before = tokens[place], tokens[place - 1] if place else None
        if before is None:
            return None
        counted = tokens[place - 2] if place > 1 and before.key in self._grammar["of"] else None
        if counted is not None and (counted.tag == "wh" or counted.key in self._grammar["many"]):
            whole = self._last.sought() or self._last.topic_text()
            return token.start, token.end, f"the {whole}" if self._grammar.name == "english" else whole
        if before.key in {"do", "done", "doing"} and self._last.predicate():
            return before.start, token.end, self._last.predicate()
        return None

    def _owned(self, token: Token, then: Token | None, entity: Entity) -> tuple[int, int, str]:
        if self._grammar.name == "english" or then is None:
            return token.start, token.end, f"{entity.text}'s" if self._grammar.name == "english" else entity.text
        return token.start, then.end, f"{then.text} {self._grammar['owner'][0]} {entity.text}"

    def _of_one(self, question: Question, phrase: Phrase) -> tuple[int, int, str] | None:
        """ "the new one" -> "the new bridge", "that one" -> the thing itself."""
        one = next((token for token in phrase.tokens if token.tag == "one"), None)
        if one is None:
            return None
        if phrase.tokens[0].tag == "dem" and len(phrase.tokens) == 2:
            entity = self._resolver.entity(Token("it", "it", 0, 0, "subj"))
            return (phrase.start, phrase.end, entity.text) if entity else None
        named = self._resolver.first()
        topic = Question(named.text, self._grammar).phrases if named else []
        noun = alignment.head(topic[0], self._grammar) if topic else None
        if noun is None or noun.tag == "name":
            asked = self._last.asked
            noun = alignment.head(asked, self._grammar) if asked else noun
        return (one.start, one.end, noun.text) if noun else None

    def _chosen_from(self, question: Question, filled: bool) -> tuple[int, int, str] | None:
        """ "Which is the largest?", "How many are retrograde?": from what the last question was about."""
        grammar = self._grammar
        if filled or not question.asking or question.wh is None:
            return None
        last = question.asking[-1]
        counts = last.key in grammar["many"] and (question.wh.key in grammar["how"] or question.wh is last)
        chooses = question.wh is last and last.key in grammar["which"] and last.key not in grammar["what"]
        after = next((one for one in question.tokens if one.start >= last.end), None)
        if not (counts or chooses) or after is None or after.tag not in {"be", "aux", "verb"}:
            return None
        much = bool(self._last.asking) and self._last.asking[-1].key in grammar["many"]
        if counts and much and self._last.asked is None:
            of = next((one for one in self._last.phrases if one.prep and one.prep.key in grammar["of"]), None)
            whole = self._last.text[of.start : of.end] if of else self._last.topic_text()
        else:
            whole = self._last.sought() or self._last.topic_text()
        led = f" {grammar['owner'][0]} " + (
            "the " if grammar.name == "english" and not _determined(whole, grammar) else ""
        )
        return (last.end, last.end, f"{led}{whole}") if whole else None

    def _aligned(self, question: Question, instead: bool) -> str:
        """A fragment put into the last question; "" if it has no phrase to be put."""
        current = before = self._what_was_asked()
        earlier = self._said[-2].question if len(self._said) > 1 else ""
        for phrase in question.phrases:
            new = self._owned_fragment(phrase, current) or alignment.best(
                phrase, current, self._weights, instead, earlier
            )
            current = Question(new, self._grammar)
        return "" if current is before else self._finished(current.text)

    def _what_was_asked(self) -> Question:
        """The last question; of "why" after a question, that question."""
        if len(self._said) > 1 and self._last.wh is not None and self._last.wh.key in self._grammar["why"]:
            before = Question(self._said[-2].question, self._grammar)
            if any(one.core in self._last.text for one in before.phrases):
                return before
        return self._last

    def _owned_fragment(self, phrase: Phrase, current: Question) -> str:
        """ "its recall" after "the accuracy of the model": "the recall of the model"; "her brother" as she."""
        if phrase.tokens[0].tag != "poss":
            return ""
        entity = self._resolver.entity(phrase.tokens[0])
        if entity is None:
            return ""
        named = entity.text.lower()
        places = (n for n, one in enumerate(current.phrases) if named.startswith(_text(current, one).lower()))
        place = next(places, None)
        owner = current.phrases[place] if place is not None else None
        if entity.person and owner is not None and owner.prep is None:
            owned = (
                f"{entity.text}'s {phrase.core}"
                if self._grammar.name == "english"
                else (f"{phrase.core} {self._grammar['owner'][0]} {entity.text}")
            )
            return current.text[: owner.start] + owned + current.text[owner.end :]
        before = current.phrases[place - 1] if place else None
        if owner is not None and before is not None and owner.prep is not None and not before.asked:
            return current.text[: before.content[0].start] + phrase.core + current.text[before.end :]
        return alignment.attribute_of(phrase, entity.text, self._grammar)


def picks(question: Question) -> list[tuple[Phrase, Token]]:
    """Phrases such as "the second one" and "the other", with the word that picks."""
    found = []
    for phrase in question.phrases:
        words = [one for one in phrase.content if one.tag != "one"]
        if len(words) == 1 and phrase.determiner and _place(words[0], question.grammar) is not None:
            found.append((phrase, words[0]))
    return found


def is_clause(question: Question) -> bool:
    """Whether it has a verb, or a pronoun as its subject."""
    return any(one.tag in {"be", "aux", "verb", "subj"} for one in question.tokens)


def _place(word: Token, grammar: Grammar) -> int | None:
    if word.key in grammar["ordinals"]:
        return grammar["ordinals"].index(word.key)
    if word.key in grammar["last"]:
        return -1
    return 0 if word.key in grammar["others"] else None


def _degrees(question: Question, grammar: Grammar) -> bool:
    return any(one.key in grammar["ordinals"] or one.key in grammar["last"] for one in question.tokens)


def _determined(text: str, grammar: Grammar) -> bool:
    first = grammar.tokens(text)[:1]
    return bool(first) and first[0].tag in {"det", "dem", "name"}


def _is_many(question: Question) -> bool:
    topic = question.topic
    return bool(topic and topic.tokens[-1].key.endswith("s") and topic.tokens[-1].tag == "word")


def _text(question: Question, phrase: Phrase) -> str:
    return question.text[phrase.start : phrase.end]
