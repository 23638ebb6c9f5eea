"""What a request would do, without doing it: the modalities it wants and the steps of its plan. Needs no corpus."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from agent.plan import Step
from agent.request import Request, Work
from agent.routers.base import Router
from agent.routers.ordering import MADE, SHOWN
from common.errors import UserError
from common.untrusted import whole

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from retrievers.library import Corpus

KINDS = {"picture": "image", "speech": "audio", "music": "audio", "sheet": "document"}


@dataclass(frozen=True, slots=True)
class Outline:
    """`wants` are `agent.lexicon.MODALITIES`: they tell a picture to be made from an image to be shown."""

    wants: frozenset[str]
    steps: tuple[Step, ...]

    @property
    def modalities(self) -> list[str]:
        """What the person would get, by kind of medium: an image is an image, found or made."""
        return sorted({KINDS.get(name, name) for name in self.wants})

    @property
    def forgotten(self) -> frozenset[str]:
        """What is wanted though no step brings it."""
        return self.wants - brought(self.steps) - {"text"}

    def to_dict(self) -> dict[str, Any]:
        steps = [
            {"id": step.id, "tool": step.tool, "arguments": step.arguments, "needs": list(step.needs)}
            for step in self.steps
        ]
        return {"modalities": self.modalities, "steps": steps}


class Planner:
    """A router, made when it is first needed and asked request by request, each for itself."""

    def __init__(self, router: Callable[[], Router]) -> None:
        self._router = router

    def __call__(self, request: str) -> Outline:
        """Raises `UserError` for an empty request, and what the router raises."""
        if not request.strip():
            raise UserError("The request is empty.")
        whole(request, "The request")
        question = request.strip()
        decision = self._router().route(Request(question, tools=self._tools), Work(question, asked=question))
        steps = decision.plan.steps
        return Outline(decision.modalities or brought(steps) or frozenset({"text"}), steps)

    @cached_property
    def _tools(self) -> "dict[str, BaseTool]":
        from agent import tools
        from agent.tools.base import Scope

        return tools.build(Scope(cast("Corpus", None)))  # for their names and arguments: none is called


def brought(steps: Iterable[Step]) -> frozenset[str]:
    """The modalities that some step makes or shows."""
    made = {MADE[step.arguments["to"]] for step in steps if step.tool == "convert"}
    kinds = {kind for step in steps if step.tool == "search" for kind in step.arguments.get("kinds") or ()}
    return frozenset(made | {modality for modality, kind in SHOWN.items() if kind in kinds})
