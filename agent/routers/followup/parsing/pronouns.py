"""Which pronouns of a question have their antecedent in the question itself, and which lean on what was said before."""

from agent.routers.followup.parsing.question import Question, is_plural
from agent.routers.followup.parsing.tokens import PRONOUNS, Token

SINGULAR = "s"  # in `grammar.json`: the letter of a thing, and that of several
PLURAL = "p"


def unresolved(question: Question) -> list[Token]:
    """Those that lean on what was said before."""
    return [token for token in question.tokens if token.tag in PRONOUNS and not _resolved(question, token)]


def letters(question: Question, token: Token) -> str:
    """The genders and numbers that it may stand for."""
    found = (question.grammar.letters(kind, token.key) for kind in ("subjects", "objects", "possessives"))
    return next((one for one in found if one), "")


def _resolved(question: Question, token: Token) -> bool:
    if _expletive(question, token):
        return True
    named = [one for one in question.phrases if one.end <= token.start and not (one.asked and question.asked is None)]
    wanted = letters(question, token)
    if question.grammar.name == "english" and wanted in (SINGULAR, PLURAL):
        named = [one for one in named if is_plural(one.tokens, question.grammar) == (wanted == PLURAL) or one.named]
    if not named:
        return False
    if token.tag == "poss":  # "Does Titan keep its air": what comes before it in the clause may own it
        return True
    between = [one for one in question.tokens if named[0].end <= one.start < token.start]
    breaks = [one for one in between if one.tag == "conj" or one.text in {",", ":", ";"}]
    return bool(breaks)  # no object means the subject of its own clause (principle B of binding theory)


def _names(token: Token) -> bool:
    return token.tag in {"det", "name", "obj", "number", "poss"} or (token.tag == "word" and token.key.endswith("s"))


def _expletive(question: Question, token: Token) -> bool:
    """ "It" that stands for nothing: "is it safe to", "how long does it take to", "what time is it", "gibt es"."""
    grammar, place = question.grammar, question.tokens.index(token)
    if token.key not in grammar["expletive"]:
        return False
    before, after = question.tokens[max(0, place - 2) : place], question.tokens[place + 1 :]
    if {one.key for one in (*before, *after[:1])} & {*grammar["expletive_verbs"]}:
        return True
    asked = question.asked.tokens[-1].key if question.asked else ""
    if grammar.name != "english" or asked in grammar["expletive_asked"]:
        return asked in grammar["expletive_asked"] and bool(before) and before[-1].tag == "be"
    after = [one for one in after if one.tag not in {"adverb", "be"}]
    led = (bool(before) and before[-1].tag == "be") or len(after) < len(question.tokens) - place - 1
    whom = len(after) > 1 and after[1].tag in {"obj", "name"}  # "how long did it take them"
    takes = bool(after) and after[0].key in {"take", "takes", "took"}
    takes = takes and (whom or any(one.key == "to" for one in after[1:4]))
    true = led and len(after) > 1 and after[0].tag in {"adj", "verb", "word"} and after[1].key in {"to", "that", "for"}
    true = true and not (len(after) > 2 and after[1].key == "to" and _names(after[2]))  # "is it open to visitors"
    claims = led and len(after) > 2 and after[0].key == "true"  # "is it true it was stolen"
    return takes or claims or (true and after[1].key != "for") or (true and any(one.key == "to" for one in after[2:6]))
