"""How a follow-up begins: "and", "what about", "the same for", "no, I meant"."""

import re
from dataclasses import dataclass
from functools import cache

from agent.routers.followup.parsing.grammar import Grammar, grammars

_BEFORE = re.compile(r"^(?:[^.!?]*[.!?]\s+)+(?=\S)")  # "Thanks! And its mass?"
SHORT = 3  # words of a sentence before that asks nothing


@dataclass(frozen=True, slots=True)
class Opening:
    """How a follow-up begins, and the `rest` of it. `led`: "and", "but"; `mark`: "about", "same", "correction"."""

    rest: str
    led: bool = False
    mark: str = ""

    @property
    def cut(self) -> bool:
        """Whether something stood before the rest."""
        return self.led or self.mark != ""


def opening(text: str, grammar: Grammar) -> Opening:
    rest = text.strip(" ¿¡")
    if (before := _BEFORE.match(rest)) and len(before[0].split()) <= SHORT:
        rest = rest[before.end() :].strip(" ¿¡")
    led, mark = False, ""
    while True:
        patterns = _patterns(grammar.name)
        for name in ("same", "about", "correction", "denied", "lead"):
            found = patterns[name].match(rest)
            if found and found.end() < len(rest):
                rest = rest[found.end() :].lstrip(" ,:;-–…¿¡")
                led = led or name == "lead"
                mark = "correction" if name == "denied" else mark if name == "lead" else name
                break
        else:
            break
    rest = _patterns(grammar.name)["politeness"].sub("", rest)
    return Opening(rest.strip(), led, mark)


@cache
def _patterns(name: str) -> dict[str, re.Pattern[str]]:
    grammar = grammars()[name]

    def any_of(kind: str) -> str:
        openings = sorted(grammar[kind], key=len, reverse=True)
        return "|".join(r"[,\s]+".join(map(re.escape, one.split())) for one in openings)

    return {
        "lead": re.compile(rf"(?:{any_of('lead')})\b(?!\s*$)", re.IGNORECASE),
        "about": re.compile(rf"(?:{any_of('about')})(?:\s|(?<='))", re.IGNORECASE),
        "same": re.compile(rf"(?:{any_of('same')})\s", re.IGNORECASE),
        "correction": re.compile(rf"(?:{any_of('correction')})\s", re.IGNORECASE),
        "denied": re.compile(rf"(?:{any_of('not')})\s[^,?]+,\s*(?:but\s+|sondern\s+|sino\s+|mais\s+)?", re.IGNORECASE),
        "politeness": re.compile(rf"(?:[\s,]+(?:{any_of('politeness')}))+(?=[\s?.!]*$)", re.IGNORECASE),
    }
