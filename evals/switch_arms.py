"""What is compared by `triptych eval switch`: each arm reads a request and says which modalities it wants."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.planning import Planner
from agent.settings import Settings
from common.errors import UserError

# fmt: off
KEYWORDS = {
    "chart": "chart plot graph histogram bar pie line scatter visualise visualize",
    "diagram": "diagram flowchart mindmap mermaid gantt organigram",
    "audio": "read aloud audio speech voice listen hear sound music song narrate speak podcast mp3",
    "picture": "draw paint sketch illustrate illustration painting drawing artwork image",
    "image": "figure photo picture photograph map screenshot",
    "table": "table tabulate grid columns rows spreadsheet",
    "video": "video animate animation clip movie film gif",
    "document": "pdf html markdown export save download",
    "text": "what who when where why how explain summarise summarize describe list tell compare",
}
# fmt: on
OWNERS = {word: name for name, words in KEYWORDS.items() for word in words.split()}
WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """`valid`: the plan passed its check and makes what the modalities say; None for an arm that makes no plans."""

    modalities: frozenset[str]
    valid: bool | None = None


class Arm(Protocol):
    @property
    def name(self) -> str: ...

    def __call__(self, request: str) -> Reply: ...


class Keywords:
    """Every modality one of whose words is in the request; text when there is none."""

    name = "keywords"

    def __call__(self, request: str) -> Reply:
        said = WORD.findall(request.lower())
        return Reply(frozenset(OWNERS[word] for word in said if word in OWNERS) or frozenset({"text"}))


class Majority:
    """The most common answer of the requests it is judged on: the best that can be said without reading."""

    name = "majority"

    def __init__(self, wanted: Sequence[frozenset[str]]) -> None:
        self._always = Counter(wanted).most_common(1)[0][0]

    def __call__(self, request: str) -> Reply:
        return Reply(self._always)


class Planned:
    """A router of the agent, by its plan."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self._planner = Planner(settings)

    def __call__(self, request: str) -> Reply:
        try:
            outline = self._planner(request)
        except UserError:
            return Reply(frozenset(), valid=False)
        return Reply(outline.wants, valid=not outline.forgotten)


def arms(settings: Settings, wanted: Sequence[frozenset[str]]) -> list[Arm]:
    """Baselines and the head; the model of the settings too, if one is set."""
    found: list[Arm] = [Majority(wanted), Keywords(), Planned("head", _with(settings, router="switch"))]
    if settings.model != "extractive":
        found.append(Planned(settings.model, _with(settings, router="written")))
    return found


def _with(settings: Settings, router: str) -> Settings:
    return settings.model_copy(update={"router": router})
