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
            for one in _of_topic(topic, data, draw):
                found.setdefault((one.said[-1].question, one.question), one)
    for language, parts in data["other"].items():
        for _ in range(ROUNDS):
            for one in _of_language(language, parts, draw):
                found.setdefault((one.said[-1].question, one.question), one)
    return list(found.values())


def _of_topic(topic: dict[str, Any], data: dict[str, Any], draw: random.Random) -> Iterator[Example]:
    x, y = draw.sample(topic["names"], 2)
    attribute, other = draw.sample(topic["attributes"], 2)
    kind, second = draw.sample(topic["kinds"], 2)
    year, later = draw.sample(data["years"], 2)
    measure, degree, count = (draw.choice(topic[name]) for name in ("measures", "degrees", "counts"))
    slots = {
        "x": x, "y": y, "attribute": attribute, "kind": kind, "year": year, "measure": measure, "degree": degree,
        "count": count, "thing": topic["thing"], "person": draw.choice(topic["person"]),
    }  # fmt: skip

    def pick(name: str, **changed: str) -> str:
        return str(draw.choice(data[name])).format(**(slots | changed))

    def case(asked: str, answer: str, question: str, rewrite: str = "", leans: bool = True) -> Example:
        said = (Said(_large(asked), answer),)
        return Example(topic["name"], said, _hasty(_large(question), draw), leans, _large(rewrite))

    fact = draw.choice(topic["facts"]) + "?"
    frames = [
        "What is the {attribute} of {x}?", "How {measure} is {x}?", "How many {count} does {x} have?", fact,
        "What was the {attribute} of {x} in {year}?", "Does {x} have {count}?", "Give me the {attribute} of {x}",
    ]  # fmt: skip
    frame = draw.choice(frames)
    asked = frame.format(**slots)
    yield case(asked, "42.", pick("names_as"), frame.format(**(slots | {"x": y})))
    yield case(asked, "42.", pick("same_as"), frame.format(**(slots | {"x": y})))
    yield case(asked, "42.", pick("corrected"), frame.format(**(slots | {"x": y})))
    measured = draw.choice(frames[:1] + frames[4:5])
    yield case(measured.format(**slots), "42.", pick("attributes_as", attribute=other), measured.format(**(slots | {"attribute": other})))
    if fact not in (measured, frame):
        whole = f"What is the {other} of {x}?"
        yield case(draw.choice([fact, frames[1]]).format(**slots), "42.", pick("attributes_as", attribute=other), whole)
    dated = draw.choice(["What was the {attribute} of {x} in {year}?", "How many {count} did {x} have in {year}?", "Who visited {x} in {year}?"])
    yield case(dated.format(**slots), "42.", pick("years_as", year=later), dated.format(**(slots | {"year": later})))
    undated = f"What was the {attribute} of {x}?"
    yield case(undated, "42.", f"And in {later}?", f"{undated[:-1]} in {later}?")
    of_kind = draw.choice([
        "How {measure} is the {kind} {thing}?", "What is the {attribute} of the {kind} {thing}?", "Who bought the {kind} {thing}?",
        "What did the {kind} {thing} cost?", "How many {count} does the {kind} {thing} have?",
    ])  # fmt: skip
    yield case(of_kind.format(**slots), "42.", pick("kinds_as", kind=second), of_kind.format(**(slots | {"kind": second})))
    yield case(of_kind.format(**slots), "42.", pick("names_as"), of_kind.replace("the {kind} {thing}", y).format(**slots))
    group, other_group = draw.sample(data["groups"], 2)
    subject, other_subject = draw.sample(data["subjects"], 2)
    grouped = draw.choice(data["grouped"])
    mine, others = ({"g": group, "s": subject}, {"g": other_group, "s": other_subject})
    new = other_group if "{g}" in grouped else other_subject
    follow = draw.choice(["And {n}?", "{n}?", "What about {n}?", "And for {n}?" if "for {" in grouped else "And {n}?"])
    yield case(grouped.format(**slots, **mine), "42.", follow.format(n=new), grouped.format(**slots, **others))
    third = next(one for one in topic["names"] if one not in (x, y))
    first, second_asked = (f"{frame[:-1] if frame.endswith('?') else frame}".format(**(slots | {"x": one})) + "?" for one in (x, y))
    twice = (Said(_large(first), "42."), Said(_large(second_asked), "43."))
    whole = frame.format(**(slots | {"x": third}))
    yield Example(topic["name"], twice, draw.choice([f"And {third}?", f"I meant {third}", f"{_large(third)}?"]), True, _large(whole))
    counted = frames[2].format(**slots)
    yield case(counted, "42.", pick("counts_as", count=topic["counts"][0]), f"How many {topic['counts'][0]} does {x} have?")
    ordered = f"Plot the {attribute} of the {topic['thing']}s as a bar chart"
    yield case(ordered, "Here is the chart.", f"And the {other}?", ordered.replace(attribute, other))
    yield case(f"Which {topic['thing']}s are {kind}?", f"{x} and {y}.", pick("picked"))
    he, his, him = draw.choice([("he", "his", "him"), ("she", "her", "her")])
    yield case(topic["who"].format(x=x), f"{draw.choice(topic['person'])}.", pick("persons", he=he, his=his, him=him))
    for question in (draw.choice(topic["own"]) + "?", pick("owned"), pick("measures_as"), pick("whys"), pick("asks")):
        yield case(asked, "42.", question)
    seeking = draw.choice([f"Which {topic['thing']} has the highest {attribute}?", topic["who"].format(x=y)])
    person = draw.choice(topic["person"])
    pronoun = draw.choice(["he", "she", "they"]) if draw.random() < 0.8 else person
    yield case(topic["who"].format(x=x), f"{person}.", topic["about"].format(pron=pronoun) + "?", leans=True)
    yield case(f"Which {topic['thing']}s are {kind}?", f"{x} and {y}.", pick("chosen"))
    for question in (pick("wishes"), pick("whole"), pick("whole"), pick("whole"), pick("again"), pick("chat"), draw.choice(frames).format(**(slots | {"x": y}))):
        yield case(draw.choice([asked, seeking]), "42.", question, leans=False)


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
