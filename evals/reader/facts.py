"""Questions without limit over made-up documents: what is learned is which words of a sentence or row answer which
kind of question about which thing, and when none do: another property, or another thing of the same kind.

Names are made of syllables, so nothing can be known by heart. The words are in `facts.json`: kinds of things with
their nouns, adjectives that tell things apart, and properties. In a wording, {e} is the thing, {v} the value and {u}
its unit; in a value, # is a number and @... is made by `Maker._value`. A fact that begins with {e} may be told with
"it".
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evals.reader.groups import Group, Labelled

_VALUE = "\0"  # stands for a value until it is known where in the sentence it begins
_MISSING = 0.17  # share of the questions about a thing that is not there; as many about a property that is not told
_JOINTS = (" and ", ", and ", "; ", ", while ")
_TITLES = ("Dr ", "Professor ", "Ms ", "", "", "", "")
_FIRMS = ("Ltd", "GmbH", "Works", "Brothers", "Inc.", "& Sons")
_MARKS = ("I", "II", "III", "IV", "A", "B", "C", "100", "200")


@cache
def words() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True)
class Property:
    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    values: tuple[str, ...]
    questions: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    thing: str
    about: Property
    value: str


class Maker:
    """The same documents for the same seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._properties = [
            Property(**{name: tuple(some) for name, some in one.items()}) for one in words()["properties"]
        ]

    def groups(self) -> Iterator[Group]:
        """Without end."""
        number = 0
        while True:
            number += 1
            yield self._group(f"facts/{number}")

    def _group(self, name: str) -> Group:
        draw = self._draw
        kind = draw.choice(list(words()["things"]))
        things, absent = self._things(kind)
        fitting = [one for one in self._properties if kind in one.kinds]
        chosen = draw.sample(fitting, min(len(fitting), draw.randint(3, 6)))
        facts = [Fact(thing, about, self._value(about)) for about in chosen for thing in things]
        asked, missing = self._asked(facts, absent, [one for one in fitting if one not in chosen])
        told = self._rows if draw.random() < 0.3 else self._sentences
        passages = list(told(facts, None if missing else asked, things))
        passages = [one for one in passages if one.answer or asked.value not in one.text]  # told beside another fact
        draw.shuffle(passages)
        return Group("facts", name, self._question(asked), tuple(passages))

    def _asked(self, facts: list[Fact], absent: str, untold: list[Property]) -> tuple[Fact, bool]:
        """What is asked for, and whether it is missing. No property is asked for whose values look like the told one's:
        they may mean the same."""
        told = self._draw.choice(facts)
        others = [one for one in untold if not {*one.values} & {*told.about.values}]
        roll = self._draw.random()
        if roll < _MISSING:
            return Fact(absent, told.about, told.value), True
        if roll < 2 * _MISSING and others:
            other = self._draw.choice(others)
            return Fact(told.thing, other, self._value(other)), True
        return told, False

    def _things(self, kind: str) -> tuple[list[str], str]:
        """One to three things of a kind that are easily taken for each other, and one that is not there."""
        draw = self._draw
        noun = draw.choice(words()["things"][kind])
        count, style = draw.randint(1, 3), draw.randrange(4)
        if style == 0:
            many = [f"the {one} {noun}" for one in draw.sample(draw.choice(words()["pairs"]), 3)]
        elif style == 1:
            many = [f"the {self._word()} {noun}" for _ in range(4)]
        elif style == 2:
            stem = self._word()
            many = [f"the {stem} {noun} {mark}" for mark in draw.sample(_MARKS, 4)]
        else:
            many = [f"{self._word()} {noun.capitalize()}" for _ in range(4)]
        return many[:-1][:count], many[-1]

    def _question(self, asked: Fact) -> str:
        text = self._draw.choice(asked.about.questions).format(e=asked.thing, u=asked.value.split(" ", 1)[-1])
        roll = self._draw.random()
        if roll < 0.1:
            return text.lower().rstrip("?")
        return f"{self._draw.choice(asked.about.labels)} of {asked.thing}" if roll < 0.15 else text

    def _sentences(self, facts: list[Fact], asked: Fact | None, things: list[str]) -> Iterator[Labelled]:
        draw = self._draw
        heading = draw.choice(["", f"{self._word()} report", draw.choice(things)])
        for fact in facts:
            others = [one for one in facts if one.thing == fact.thing and one.about != fact.about]
            text, setting = self._sentence(fact, others, heading)
            yield _marked(text, setting, fact, asked)
        for filler in draw.sample(words()["fillers"], 2):
            yield Labelled(capital(filler.format(e=draw.choice(things))), heading)

    def _sentence(self, fact: Fact, others: list[Fact], heading: str) -> tuple[str, str]:
        """A fact and its setting: as "label: value" under the thing's name, with the thing named only in the sentence
        before, behind or before another fact about the same thing, or alone. The value's place is held by `_VALUE`."""
        draw = self._draw
        wording = draw.choice(fact.about.facts)
        named, meant = wording.format(e=fact.thing, v=_VALUE), wording.format(e="it", v=_VALUE)
        leads = wording.startswith("{e} ")
        roll = draw.random()
        if roll < 0.15:
            return f"{draw.choice(fact.about.labels)}: {_VALUE}", fact.thing
        if not others or roll >= 0.7 or (roll < 0.6 and not leads):
            return capital(named) + ".", heading
        other = draw.choice(others)
        if roll < 0.4:
            return capital(meant) + ".", f"{heading}. {capital(self._told(other))}.".lstrip(". ")
        if roll < 0.6:
            return f"{capital(self._told(other))}{draw.choice(_JOINTS)}{meant}.", heading
        return (
            f"{capital(named)}{draw.choice(_JOINTS)}{draw.choice(other.about.facts).format(e='it', v=other.value)}.",
            heading,
        )

    def _told(self, fact: Fact) -> str:
        return self._draw.choice(fact.about.facts).format(e=fact.thing, v=fact.value)

    def _rows(self, facts: list[Fact], asked: Fact | None, things: list[str]) -> Iterator[Labelled]:
        """A table with a row for every thing: "header: cell", or bare cells with the header as setting."""
        draw = self._draw
        labels = {about: draw.choice(about.labels) for about in dict.fromkeys(fact.about for fact in facts)}
        caption = draw.choice(["", f"Table {draw.randint(1, 9)}. {self._word()} overview", "Overview"])
        bare = draw.random() < 0.25
        for thing in things:
            own = [fact for fact in facts if fact.thing == thing]
            text, answer = thing.removeprefix("the ") if bare else f"Name: {thing.removeprefix('the ')}", None
            for fact in own:
                text += "; " if bare else f", {labels[fact.about]}: "
                if fact == asked:
                    answer = (len(text), len(text) + len(fact.value))
                text += fact.value
            yield Labelled(text, "; ".join(["Name", *labels.values()]) if bare else caption, answer)

    def _value(self, about: Property) -> str:
        draw = self._draw
        made: dict[str, Callable[[], str]] = {
            "@year": lambda: str(draw.randint(1650, 2024)),
            "@date": self._date,
            "@person": lambda: f"{draw.choice(_TITLES)}{self._word()} {self._word()}",
            "@place": lambda: draw.choice(["", "", "northern ", "the city of "]) + self._word(),
            "@company": lambda: f"{self._word()} {draw.choice(_FIRMS)}",
            "@phone": lambda: f"+{draw.randint(1, 99)} {draw.randint(100, 999)} {draw.randint(10000, 99999)}",
            "@nick": lambda: f"the {draw.choice(['Old', 'Iron', 'Little', 'Silent', 'White'])} {self._word()}",
        }
        value = draw.choice(about.values)
        return made[value]() if value in made else value.replace("#", self._number())

    def _number(self) -> str:
        draw = self._draw
        size = draw.choice([10, 100, 100, 1000, 10_000, 1_000_000])
        if draw.random() < 0.3:
            return f"{draw.uniform(1, min(size, 1000)):.1f}"
        return f"{draw.randint(2, size):,}" if draw.random() < 0.7 else str(draw.randint(2, size))

    def _date(self) -> str:
        draw, months = self._draw, words()["months"]
        day, month, year = draw.randint(1, 28), draw.randrange(12), draw.randint(1890, 2025)
        named = months[month]
        forms = (f"{day} {named} {year}", f"{named} {day}, {year}", f"{day} {named}", f"{year}-{month + 1:02}-{day:02}")
        return draw.choice(forms)

    def _word(self) -> str:
        return "".join(self._draw.sample(words()["syllables"], self._draw.randint(2, 3))).capitalize()


def _marked(text: str, setting: str, fact: Fact, asked: Fact | None) -> Labelled:
    """The value in the place kept for it, marked if it is what is asked for."""
    place = text.index(_VALUE)
    value = capital(fact.value) if place == 0 else fact.value
    return Labelled(text.replace(_VALUE, value), setting, (place, place + len(value)) if fact == asked else None)


def capital(text: str) -> str:
    """`text` as a sentence begins."""
    return text[0].upper() + text[1:]
