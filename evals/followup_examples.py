"""Follow-ups and complete questions grown from templates, for `triptych fit followup`: by topic, with what was said.

The words are those of `followup_topics.json`, chosen without those of `conversations.jsonl`.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.routers.followup.focus import Said

TOPICS = Path(__file__).with_name("followup_topics.json")
ROUNDS = 14  # draws of every kind for each topic


@dataclass(frozen=True)
class Example:
    """`rewrite` is "" where it is not known; `leans`: whether the question needs what was said."""

    topic: str
    said: tuple[Said, ...]
    question: str
    leans: bool
    rewrite: str = ""


def examples(seed: int = 0) -> list[Example]:
    """The same for the same seed; none twice."""
    data = json.loads(TOPICS.read_text(encoding="utf-8"))
    draw = random.Random(seed)
    found: dict[tuple[str, str], Example] = {}
    for topic in data["topics"]:
        for _ in range(ROUNDS):
            for one in _Topic(topic, data, draw).all():
                found.setdefault((one.said[-1].question, one.question), one)
    for language, parts in data["other"].items():
        for _ in range(ROUNDS):
            for one in _of_language(language, parts, draw):
                found.setdefault((one.said[-1].question, one.question), one)
    return list(found.values())


class _Topic:
    """One draw of the words of a topic, and the examples that they make."""

    def __init__(self, topic: dict[str, Any], data: dict[str, Any], draw: random.Random) -> None:
        self._topic, self._data, self._draw = topic, data, draw
        self.x, self.y, self.z = draw.sample(topic["names"], 3)
        self.attribute, self.other = draw.sample(topic["attributes"], 2)
        self.kind, self.second = draw.sample(topic["kinds"], 2)
        self.year, self.later = draw.sample(data["years"], 2)
        singles = {name: draw.choice(topic[f"{name}s"]) for name in ("measure", "degree", "count")}
        self._slots = singles | {
            "x": self.x, "y": self.y, "attribute": self.attribute, "kind": self.kind, "year": self.year,
            "thing": topic["thing"], "person": draw.choice(topic["person"]),
        }  # fmt: skip
        self.frames = [*data["frames"], draw.choice(topic["facts"]) + "?"]
        self.frame = draw.choice(self.frames)

    def all(self) -> Iterator[Example]:
        yield from self._names()
        yield from self._parts()
        yield from self._clauses()
        yield from self._complete()

    def _put(self, frame: str, **changed: str) -> str:
        return frame.format(**(self._slots | changed))

    def _pick(self, name: str, **changed: str) -> str:
        return self._put(self._draw.choice(self._data[name]), **changed)

    def _case(
        self, asked: str, question: str, rewrite: str = "", *, answer: str = "42.", leans: bool = True
    ) -> Example:
        said = (Said(_large(asked), answer),)
        return Example(self._topic["name"], said, _hasty(_large(question), self._draw), leans, _large(rewrite))

    def _names(self) -> Iterator[Example]:
        """Another name in the place of one, once and twice."""
        for form in ("names_as", "same_as", "corrected"):
            yield self._case(self._put(self.frame), self._pick(form), self._put(self.frame, x=self.y))
        of_kind = self._draw.choice(self._data["of_kind"])
        whole = self._put(of_kind.replace("the {kind} {thing}", "{y}"))
        yield self._case(self._put(of_kind), self._pick("names_as"), whole)
        said = tuple(Said(_large(self._put(self.frame, x=one)), "42.") for one in (self.x, self.y))
        follow = self._draw.choice(["And {z}?", "I meant {z}", "{z}?"]).format(z=self.z)
        whole = _large(self._put(self.frame, x=self.z))
        yield Example(self._topic["name"], said, _large(follow), leans=True, rewrite=whole)

    def _parts(self) -> Iterator[Example]:
        """Another attribute, year, kind, count or group."""
        measured = self._draw.choice(self._data["measured"])
        follow = self._pick("attributes_as", attribute=self.other)
        yield self._case(self._put(measured), follow, self._put(measured, attribute=self.other))
        plain = self._draw.choice(self.frames[-1:] + self.frames[1:2])
        yield self._case(self._put(plain), follow, f"What is the {self.other} of {self.x}?")
        dated = self._draw.choice(self._data["dated"])
        yield self._case(self._put(dated), self._pick("years_as", year=self.later), self._put(dated, year=self.later))
        undated = self._put("What was the {attribute} of {x}")
        yield self._case(f"{undated}?", f"And in {self.later}?", f"{undated} in {self.later}?")
        of_kind = self._draw.choice(self._data["of_kind"])
        follow = self._pick("kinds_as", kind=self.second)
        yield self._case(self._put(of_kind), follow, self._put(of_kind, kind=self.second))
        first = self._topic["counts"][0]
        counted = "How many {count} does {x} have?"
        yield self._case(self._put(counted), self._pick("counts_as", count=first), self._put(counted, count=first))
        ordered = "Plot the {attribute} of the {thing}s as a bar chart"
        yield self._case(self._put(ordered), f"And the {self.other}?", self._put(ordered, attribute=self.other))
        yield self._grouped()

    def _grouped(self) -> Example:
        groups, subjects = self._draw.sample(self._data["groups"], 2), self._draw.sample(self._data["subjects"], 2)
        frame = self._draw.choice(self._data["grouped"])
        old, new = (self._put(frame, g=g, s=s) for g, s in zip(groups, subjects, strict=True))
        led = ["And for {n}?"] if "for {" in frame else []
        follow = self._draw.choice(["And {n}?", "{n}?", "What about {n}?", *led])
        return self._case(old, follow.format(n=groups[1] if "{g}" in frame else subjects[1]), new)

    def _clauses(self) -> Iterator[Example]:
        """With pronouns, picks and questions of one word, of which only is known that they lean on what was said."""
        listed, answer = self._put("Which {thing}s are {kind}?"), f"{self.x} and {self.y}."
        yield self._case(listed, self._pick("picked"), answer=answer)
        yield self._case(listed, self._pick("chosen"), answer=answer)
        he, his, him = self._draw.choice([("he", "his", "him"), ("she", "her", "her")])
        who, person = self._put(self._topic["who"]), f"{self._draw.choice(self._topic['person'])}."
        yield self._case(who, self._pick("persons", he=he, his=his, him=him), answer=person)
        about = self._topic["about"].format(pron=self._draw.choice(["he", "she", "they"]))
        yield self._case(who, f"{about}?", answer=person)
        own = self._draw.choice(self._topic["own"]) + "?"
        for question in (own, *map(self._pick, ("owned", "measures_as", "whys", "asks"))):
            yield self._case(self._put(self.frame), question)

    def _complete(self) -> Iterator[Example]:
        seeking = self._draw.choice(["Which {thing} has the highest {attribute}?", self._topic["who"]])
        again = self._put(self._draw.choice(self.frames), x=self.y)
        for question in (*map(self._pick, ("wishes", "whole", "whole", "whole", "again", "chat")), again):
            yield self._case(self._put(self._draw.choice([self.frame, seeking])), question, leans=False)


def _of_language(language: str, parts: dict[str, Any], draw: random.Random) -> Iterator[Example]:
    x, y = draw.sample(parts["names"], 2)
    said = (Said(draw.choice(parts["asked"]).format(x=x), "42."),)
    asked, question, rewrite = draw.choice(parts["pairs"])
    yield Example(language, (Said(asked, "42."),), question, True, rewrite)
    for name, leans in (("follow", True), ("whole", False)):
        yield Example(language, said, draw.choice(parts[name]).format(x=x, y=y), leans)


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _hasty(text: str, draw: random.Random) -> str:
    """Now and then as typed in haste: small letters, no question mark."""
    if draw.random() < 0.15:
        text = text.rstrip("?.")
    return text[:1].lower() + text[1:] if draw.random() < 0.15 else text
