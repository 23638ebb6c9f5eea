"""Main verbs, told by where they stand: after \"who\", at the end after an auxiliary, before an article."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.routers.followup.tokens import Token

if TYPE_CHECKING:
    from agent.routers.followup.grammar import Grammar

PARTICIPLE = re.compile(
    r"\w{2,}ed|made|built|sold|found|held|kept|paid|sent|lost|won|led|left|met|laid|bought|brought|taught|thought|"
    r"caught|put|cut|set|read|seen|done|gone|born|borne|worn|torn|said|told|run|fed|hung|spent|lent|bent|"
    r"\w*(?:written|drawn|known|shown|given|taken|broken|chosen|spoken|grown|thrown|flown|driven|eaten|fallen|hidden|woken|frozen)"
)
_ALSO_NOUNS = frozenset({"set", "cut", "put", "read", "run", "left", "lost", "thought"})


def verbs(tokens: Sequence[Token], grammar: "Grammar") -> set[int]:
    """Their places."""
    return set(_german(tokens, grammar) if grammar.name == "german" else _by_place(tokens, grammar))


def _by_place(tokens: Sequence[Token], grammar: "Grammar") -> Iterator[int]:
    before = -2
    for run in _runs(tokens):
        opener = tokens[run[0] - 1] if run[0] else None
        first, last = tokens[run[0]], tokens[run[-1]]
        after = tokens[run[-1] + 1] if run[-1] + 1 < len(tokens) else None
        asked = any(one.tag in {"be", "aux"} for one in tokens[: run[0]])
        if (
            first.tag == "word"
            and opener is not None
            and (
                opener.tag in {"subj", "person"}
                or (
                    opener.key == "to"
                    and (after is None or (after.tag in {"det", "poss", "name", "obj", "mark"} and after.text != ":"))
                )
                or (opener.tag == "obj" and run[0] > 1 and tokens[run[0] - 2].key in grammar["of"])
                or (opener.tag == "obj" and grammar.name != "english")
                or (opener.tag == "conj" and opener.key in {"that", "who", "which"})
                or (opener.tag == "wh" and opener.key in grammar["who"])
                or (opener.tag == "be" and len(run) > 1 and PARTICIPLE.fullmatch(first.key))
            )
        ):
            yield run[0]
        elif opener is not None and opener.tag == "wh" and not any(one.tag in {"be", "aux"} for one in tokens):
            thing = opener.key in grammar["which"] or opener.key in grammar["many"] or first.key in grammar["many"]
            if first.tag == "word" and not thing:
                yield run[0]
            elif thing and (words := _plain(tokens, run, grammar["many"])) and len(words) > 1:
                yield words[-1]
            elif thing:
                before = run[-1]
        elif (
            before >= 0
            and opener is not None
            and opener.tag == "det"
            and len(run) > 1
            and (after is not None and after.tag == "det")
        ):
            yield run[-1]
        elif opener is not None and opener.tag == "be" and len(run) == 1 and PARTICIPLE.fullmatch(first.key):
            yield run[0]
        elif after is not None and after.tag in {"aux", "be"}:
            continue
        elif asked and len(run) > 1 and last.tag == "word" and _ends_verbal(tokens, run, grammar):
            together = "wh" not in {one.tag for one in tokens} and _begins_with(tokens, grammar["do"])
            object_last = together and len(run) > 2 and tokens[run[-2]].tag == "word"  # "does the policy cover theft"
            yield run[-2] if object_last else run[-1]
        elif (
            opener is None
            and first.tag == "word"
            and len(run) == 1
            and after is not None
            and (
                after.tag in {"det", "dem", "person", "obj", "wh", "poss"}
                or (after.tag == "prep" and after.key == "to")
            )
        ) or (before == run[0] - 1 and first.tag == "word"):
            yield run[0]
    if grammar.name != "english":
        yield from _participles(tokens, grammar)


def _ends_verbal(tokens: Sequence[Token], run: Sequence[int], grammar: "Grammar") -> bool:
    """Whether the last of several words after an auxiliary is its verb: "does the dam hold", "was the dam closed"."""
    helper = next((one for one in reversed(tokens[: run[0]]) if one.tag in {"be", "aux"}), None)
    if helper is None:
        return False
    between = any(one.tag in {"prep", "verb"} for one in tokens[tokens.index(helper) + 1 : run[0]])
    if helper.tag == "be":
        key = tokens[run[-1]].key
        return bool(PARTICIPLE.fullmatch(key)) and not (between and key in _ALSO_NOUNS)
    named = tokens[run[0]].tag == "name" and run[-1] + 1 < len(tokens) and tokens[run[-1] + 1].tag == "mark"
    return grammar.name == "english" and (not between or named)


def _participles(tokens: Sequence[Token], grammar: "Grammar") -> Iterator[int]:
    """In French the word right after "a", before what it is done to: "a construit le barrage"."""
    for place, (helper, token, then) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False), start=1):
        perfect = grammar.name == "french" and helper.tag == "aux" and helper.key in grammar["perfect"]
        if perfect and token.tag == "word" and then.tag in {"det", "prep"}:
            yield place


def _german(tokens: Sequence[Token], grammar: "Grammar") -> Iterator[int]:
    """Words in small letters that stand before no noun."""
    for place, token in enumerate(tokens):
        then = tokens[place + 1] if place + 1 < len(tokens) else None
        last = tokens[place - 1] if place else None
        if token.tag != "word" or token.text[0].isupper():
            continue
        led = last is not None and (
            last.tag in {"det", "dem", "poss"} or (last.key in grammar["how"] and last.tag == "wh")
        )
        adjective = then is not None and then.text[0].isupper()
        if not led and not (adjective and last is not None and last.tag != "wh"):
            yield place


def _runs(tokens: Sequence[Token]) -> Iterator[list[int]]:
    """Places of neighbouring open-class words, with the determiner before them taken in."""
    run: list[int] = []
    for place, token in enumerate(tokens):
        if token.tag in {"word", "name", "number", "owner", "one"}:
            run.append(place)
        else:
            if run:
                yield run
            run = []
    if run:
        yield run


def _begins_with(tokens: Sequence[Token], do: Sequence[str]) -> bool:
    return bool(tokens) and tokens[0].key in do


def _plain(tokens: Sequence[Token], run: Sequence[int], many: Sequence[str]) -> list[int]:
    """The places before the first name of a run, but for "many"."""
    names = [place for place in run if tokens[place].tag == "name"]
    return [place for place in run if place < min(names, default=place + 1) and tokens[place].key not in many]
