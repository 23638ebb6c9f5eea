"""What is compared by `triptych eval switch`: each arm reads a request and says which modalities it wants."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.build import Parts
from agent.lexicon import MODALITIES
from agent.routers.classifier import tokens
from agent.settings import Settings
from common.errors import UserError

NAMED = {name.upper(): name for name in MODALITIES} | {"FIGURE": "image"}
"""Class of names in the lexicon -> modality."""


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
    """Every modality that the lexicon finds named in the request; text when there is none."""

    name = "keywords"

    def __call__(self, request: str) -> Reply:
        named = (NAMED.get(kind) for _, kinds in tokens(request) for kind in kinds)
        return Reply(frozenset(filter(None, named)) or frozenset({"text"}))


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
        self._planner = Parts(settings).planner

    def __call__(self, request: str) -> Reply:
        try:
            outline = self._planner(request)
        except UserError:
            return Reply(frozenset(), valid=False)
        return Reply(outline.wants, valid=not outline.forgotten)


def arms(settings: Settings, wanted: Sequence[frozenset[str]]) -> list[Arm]:
    """Baselines and the classifier; the model of the settings too, if one is set."""
    found: list[Arm] = [Majority(wanted), Keywords(), Planned("classifier", _with(settings, router="switch"))]
    if settings.model != "extractive":
        found.append(Planned(settings.model, _with(settings, router="written")))
    return found


def _with(settings: Settings, router: str) -> Settings:
    return settings.model_copy(update={"router": router})
