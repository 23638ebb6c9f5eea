"""Two things of which questions were asked one after the other: what "which is larger?", "both" and "they" may mean."""

from collections.abc import Sequence

from agent.routers.followup.parsing.question import Question
from agent.routers.followup.parsing.tokens import Token


def paired(earlier: Question, later: Question) -> tuple[tuple[str, str], bool] | None:
    """The two things, and whether they are no more than what the questions are about."""
    if pair := contrast(earlier, later):
        return pair, False
    pair = topics(earlier, later)
    return (pair, True) if pair else None


def contrast(earlier: Question, later: Question) -> tuple[str, str] | None:
    """The phrase in which two questions differ, of each; None where they differ in more."""
    known = [{one.key for one in question.words} for question in (earlier, later)]
    pair: list[str] = []
    owned: list[tuple[str, str]] = []  # "Brock plc" and "'s expenditures"
    for question, others in zip((earlier, later), reversed(known), strict=True):
        new = [one for one in question.phrases if any(word.key not in others for word in one.content)]
        loose = [one for one in question.words if one.tag in {"verb", "wh"} and one.key not in others]
        if len(new) != 1 or loose:
            return None
        text = as_inside(question.text[new[0].start : new[0].end], new[0].tokens)
        pair.append(text)
        at = next((one.start - new[0].start for one in new[0].tokens if one.tag == "owner"), len(text))
        owned.append((text[:at], text[at:]))
    if owned[0][1] == owned[1][1]:
        return owned[0][0], owned[1][0]
    return pair[0], pair[1]


def topics(earlier: Question, later: Question) -> tuple[str, str] | None:
    """What two questions are about, where that is of one kind and not the same."""
    found = [(question, one) for question in (earlier, later) if (one := question.topic) and not one.asked]
    if len(found) < 2 or found[0][1].named != found[1][1].named:
        return None
    texts = [as_inside(question.text[one.start : one.end], one.tokens) for question, one in found]
    return (texts[0], texts[1]) if not {*texts[0].lower().split()} & {*texts[1].lower().split()} - {"the"} else None


def as_inside(text: str, tokens: Sequence[Token]) -> str:
    """As it is written inside a sentence: a determiner small."""
    small = bool(tokens) and tokens[0].tag in {"det", "dem", "poss", "adj"}
    return text[:1].lower() + text[1:] if small else text
