"""`written`: a chat model writes what is wanted as JSON that must fit a schema; the plan is made from that.

The output contract of SwitchGPT (Wang et al., 2023): ordered segments, each a modality and a conversion prompt that
stands alone. Works with any chat model, and best with one tuned for it (`experiments/switch_lora`).
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent import models
from agent.answering.history import conversation
from agent.lexicon import Modality
from agent.plan import MOST_CALLS, Plan, Step
from agent.prompts import prompt
from agent.request import Request, Work
from agent.routers.base import Decision
from agent.routers.ordering import FORMS, FROM_TABLES, SHOWN
from agent.routers.tool_calling import left_out
from common.errors import ModelUnavailable

ATTEMPTS = 3  # to write valid JSON, each time told what was wrong
FROM_NOTHING = {"picture", "video", "music"}  # made from the request alone, so nothing is looked up for them
OF_NOTHING = {"listing", "talk"}  # answered without looking up anything


class Segment(BaseModel):
    """`request` is empty when it is the whole request. "listing": which documents there are; "talk": a greeting."""

    model_config = ConfigDict(extra="forbid")
    modality: Modality | Literal["listing", "talk"]
    request: str = ""


class Segments(BaseModel):
    model_config = ConfigDict(extra="forbid")
    segments: list[Segment] = Field(min_length=1)

    @property
    def modalities(self) -> frozenset[str]:
        """Of the answer: a list of documents and a greeting are words."""
        return frozenset("text" if one.modality in OF_NOTHING else one.modality for one in self.segments)


class WrittenRouter:
    name: ClassVar[str] = "written"
    loops: ClassVar[bool] = False
    obeys: ClassVar[bool] = True

    def __init__(self, model: BaseChatModel) -> None:
        self._model = models.constrained(model, Segments.model_json_schema())

    def route(self, request: Request, work: Work) -> Decision:
        """Raises `ModelUnavailable` when the model writes no valid plan in `ATTEMPTS`."""
        system, question = asked(request.question)
        messages = [system, *conversation(work.turns), question]
        for _ in range(ATTEMPTS):
            reply = self._model.invoke(messages).text
            try:
                written = parsed(reply)
            except ValidationError as error:
                messages += [AIMessage(reply), HumanMessage(f"That does not fit: {error.errors()[0]['msg']}.")]
                continue
            whole = plan_of(written.segments, work.asked)
            plan = whole.first(MOST_CALLS)
            plan.check(request.tools)
            return Decision(plan, work.asked, written.modalities, notices=left_out(whole, plan))
        raise ModelUnavailable("The model writes no plan that fits the schema.", command="Set TRIPTYCH_ROUTER=switch.")


def read(model: BaseChatModel, question: str) -> Segments:
    """What a model that is shown nothing else makes of it. Raises `ValidationError` or `ModelUnavailable`."""
    return parsed(models.constrained(model, Segments.model_json_schema()).invoke(list(asked(question))).text)


def asked(question: str) -> tuple[BaseMessage, BaseMessage]:
    """What the model reads: how to reply, and the request."""
    return SystemMessage(prompt("segments")), HumanMessage(question)


def parsed(reply: str) -> Segments:
    """The JSON object in a reply, which may be fenced. Raises `ValidationError`."""
    start, end = reply.find("{"), reply.rfind("}")
    return Segments.model_validate_json(reply[start : end + 1] if 0 <= start < end else reply)


def plan_of(segments: Sequence[Segment], question: str) -> Plan:
    """Look up first, at the same time; then make what is wanted, a document last because it holds the rest."""
    found = list(_searches(segments, question))
    if any(one.modality == "listing" for one in segments):
        found.append(Step("list", "list_documents"))
    needs = tuple(step.id for step in found)
    made: list[Step] = []
    for number, one in enumerate(sorted(segments, key=lambda segment: segment.modality == "document"), start=1):
        if form := FORMS.get(one.modality):
            waits = (*needs, *(step.id for step in made)) if form == "document" else needs
            made.append(Step(f"make{number}", "convert", {"to": form, "request": one.request or question}, waits))
    return Plan((*found, *made))


def _searches(segments: Sequence[Segment], question: str) -> Iterator[Step]:
    wanted = {one.modality for one in segments}
    for number, one in enumerate(segments, start=1):
        kind = SHOWN.get("table" if one.modality in FROM_TABLES else one.modality)
        if one.modality == "text" or kind:
            arguments = {"query": one.request or question} | ({"kinds": [kind]} if kind else {})
            yield Step(f"find{number}", "search", arguments)
    if "text" not in wanted and wanted - FROM_NOTHING - OF_NOTHING:
        yield Step("find", "search", {"query": question})
