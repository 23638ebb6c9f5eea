"""Pronouns: which of them have their antecedent in the same sentence, and what the others stand for."""

from collections.abc import Collection, Sequence

from agent.routers.followup.focus import Entity, Question, Said, entities
from agent.routers.followup.grammar import Grammar
from agent.routers.followup.tokens import PRONOUNS, Token

PERSONAL = frozenset({"m", "f"})


def unresolved(question: Question) -> list[Token]:
    """The pronouns that lean on what was said before."""
    return [token for token in question.tokens if token.tag in PRONOUNS and not _resolved(question, token)]


def _resolved(question: Question, token: Token) -> bool:
    tokens, grammar = question.tokens, question.grammar
    place = tokens.index(token)
    if _expletive(tokens, place, grammar):
        return True
    named = [one for one in question.phrases if one.end <= token.start and not _asks_who(question, one)]
    if not named:
        return False
    if token.tag == "poss":  # "Does Titan keep its air": what comes before it in the clause may own it
        return True
    between = tokens[tokens.index(named[0].tokens[-1]) : place]
    breaks = [one for one in between if one.tag == "conj" or one.text in {",", ":", ";"}]
    return bool(breaks)  # no object means the subject of its own clause (principle B of binding theory)


def _asks_who(question: Question, phrase: object) -> bool:
    asked = getattr(phrase, "asked", False)
    return bool(asked) and question.asked is None


def _expletive(tokens: Sequence[Token], place: int, grammar: Grammar) -> bool:
    """ "It" that stands for nothing: "is it safe to", "how long does it take to", "gibt es", "faut-il"."""
    key = tokens[place].key
    near = {one.key for one in (*tokens[max(0, place - 2) : place], *tokens[place + 1 : place + 2])}
    expletive = grammar["expletive"]
    if key not in expletive:
        return False
    if near & set(grammar["expletive_verbs"]):
        return True
    later = [one.key for one in tokens[place + 1 : place + 4]]
    return (
        grammar.name == "english"
        and any(one in later for one in ("to", "that"))
        and (
            later[0] in {"take", "takes", "took"} or tokens[place - 1].key in grammar["be"] or later[0] in grammar["be"]
        )
    )


class Resolver:
    """Finds what pronouns stand for; the same thing is not named by two different pronouns of one question."""

    def __init__(self, said: Sequence[Said], grammar: Grammar) -> None:
        self._grammar = grammar
        self._found = list(entities(said, grammar))
        self._used: dict[str, Entity] = {}

    def entity(self, token: Token, plural: bool | None = None) -> Entity | None:
        letters = self._letters(token)
        if letters in self._used:
            return self._used[letters]
        free = [one for one in self._found if one not in self._used.values()]
        if self._grammar.name == "english":
            best = next((one for one in free if _fits(one, letters)), None)
            best = best or next((one for one in free if _may_fit(one, letters)), None)
        else:
            things = [one for one in free if token.tag != "obj" or not one.person]
            best = next((one for one in (*things, *free) if _agrees(one, letters)), None)
        best = best or next(iter(free), None)
        if best is not None:
            self._used[letters] = best
        return best

    def first(self) -> Entity | None:
        """What the conversation is about."""
        return next(iter(self._found), None)

    def place(self) -> Entity | None:
        """What "there" means: a name, if there is one."""
        names = (one for one in self._found if one.person is not True and one.text[:1].isupper())
        return next(names, next(iter(self._found), None))

    def _letters(self, token: Token) -> str:
        for kind in ("subjects", "objects", "possessives"):
            if letters := self._grammar.letters(kind, token.key):
                return letters
        return ""


def _fits(entity: Entity, letters: str) -> bool:
    if letters in PERSONAL:
        return entity.person is True and not entity.plural
    if letters == "p":
        return entity.plural
    return entity.person is not True and not entity.plural


def _may_fit(entity: Entity, letters: str) -> bool:
    if letters in PERSONAL:
        return entity.person is None and entity.text[:1].isupper()
    return entity.person is not True or letters == "p"


def _agrees(entity: Entity, letters: Collection[str]) -> bool:
    return not entity.genders or not letters or bool(set(entity.genders) & set(letters))
