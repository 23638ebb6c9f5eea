"""What a person's own words want made: the only ground on which a model may have something made.

A model that plans also reads documents, and whatever stands in one may talk it into a call. So every call that does
more than read is held against the person's message, read by those who see nothing else of the request: the
classifier, and where that finds no such wish, the model itself.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from pydantic import ValidationError

from agent.converting.requests import CONVERT
from agent.plan import Plan, Step
from agent.request import Request, Work
from agent.routers import written
from agent.routers.classifier import OutputPlan, own_words
from agent.routers.ordering import MADE, wish_of
from agent.routers.picture_choice import settled
from agent.tools.base import reads
from common.errors import ModelUnavailable

CURE = "If you want that, ask for it in your own words."


class Reads(Protocol):
    """`agent.routers.classifier.Classifier`."""

    def __call__(self, request: str) -> OutputPlan: ...


class Asked:
    """One request's words, read once by the classifier and, if need be, once by the model."""

    def __init__(self, classifier: Reads, model: BaseChatModel) -> None:
        self._classifier, self._model = classifier, model
        self._found: dict[Any, frozenset[str]] = {}

    def refused(self, plan: Plan, request: Request, work: Work) -> dict[str, str]:
        """The steps that the person did not ask for -> what is to be told of each."""
        return {step.id: why for step in plan.steps if (why := self._problem(step, request, work))}

    def _problem(self, step: Step, request: Request, work: Work) -> str:
        if step.tool == CONVERT:
            form = step.arguments["to"]
            if any(MADE[form] in modalities for modalities in self._readings(request, work)):
                return ""
            return f"The model wanted to make a {form}, which your words do not ask for, so it was not made. {CURE}"
        if reads(request.tools[step.tool]):
            return ""
        return f"The model wanted to call {step.tool}, which does more than read, so it was not called."

    def _readings(self, request: Request, work: Work) -> Iterator[frozenset[str]]:
        for read in (self._by_classifier, self._by_model):
            if read not in self._found:
                self._found[read] = read(request, work)
            yield self._found[read]

    def _by_classifier(self, request: Request, work: Work) -> frozenset[str]:
        """Of the message, and of what it leaves unsaid after the one before ("and the moons?")."""
        question, turns = request.question, work.turns
        find = None if request.images else request.pictures
        plan = settled(self._classifier(question), find)
        wish = wish_of(question, plan, turns)
        whole = self._classifier(work.asked) if turns else plan
        changed = {MADE[order.form] for order in wish.orders} if wish else set()
        return plan.modalities | whole.modalities | changed

    def _by_model(self, request: Request, work: Work) -> frozenset[str]:
        try:
            return written.read(self._model, own_words(request.question)).modalities
        except (ValidationError, ModelUnavailable):
            return frozenset()
