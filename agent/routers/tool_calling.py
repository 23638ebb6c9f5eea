"""`tool_calling`: a chat model that can call tools decides. It sees the results and calls again until it is done."""

from collections.abc import Collection
from typing import Any, ClassVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.runnables import Runnable

from agent.answering import digest
from agent.answering.history import conversation
from agent.models.replies.bounds import awaited, cut_after
from agent.plan import MOST_CALLS, Plan, PlanError, Step
from agent.prompts import prompt
from agent.request import Request, Work
from agent.routers.base import Decision
from agent.routers.followup import said_in
from agent.routers.followup.by_model import checked
from agent.routers.textual_calls import calls_in
from common.errors import ModelUnavailable

ATTEMPTS = 3  # to call tools rightly, errors handed back each time
ANSWERING = 200  # characters written without a call: the model is answering, which is not asked of it here
WRITTEN = 4_000  # characters of calls written as text


class ToolCallingRouter:
    name: ClassVar[str] = "tool_calling"
    loops: ClassVar[bool] = True
    obeys: ClassVar[bool] = True

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def route(self, request: Request, work: Work) -> Decision:
        """Wrong calls go back to the model with what is wrong; after `ATTEMPTS` the plan is empty."""
        model = self._model.bind_tools(list(request.tools.values()))
        messages = [
            SystemMessage(prompt("route")),
            *conversation(work.turns),
            HumanMessage(request.question),
            *map(digest.shown, work.messages),
        ]
        rounds = sum(isinstance(message, AIMessage) for message in work.messages)
        for attempt in range(ATTEMPTS):
            reply = decided(model, messages)
            whole = plan_of(reply, f"{rounds + 1}.{attempt + 1}", request.tools)
            plan = whole.first(MOST_CALLS)
            try:
                plan.check(request.tools)
            except PlanError as error:
                messages += [calls(plan), *_errors(plan, error)]
            else:
                return Decision(plan, _question(plan, request, work), notices=left_out(whole, plan))
        return Decision(Plan(), request.question)


def decided(model: Runnable[Any, AIMessage], messages: list[BaseMessage]) -> AIMessage:
    """The model's reply, no further than where it is plainly writing an answer rather than calling a tool.

    Raises `ModelUnavailable` for calls that were cut, whose arguments are not whole.
    """
    whole: AIMessageChunk | None = None
    for chunk in awaited(model.stream(messages)):
        assert isinstance(chunk, AIMessageChunk)
        whole = chunk if whole is None else whole + chunk
        most = WRITTEN if "{" in whole.text else ANSWERING
        if len(whole.text) > most and not whole.tool_call_chunks:
            break
        if (cut := cut_after(chunk.response_metadata)) and whole.tool_call_chunks:
            raise ModelUnavailable(f"The model's reply was cut after {cut}, in the middle of a tool call.")
    return whole or AIMessage("")


def plan_of(reply: AIMessage, prefix: str, tools: Collection[str]) -> Plan:
    """Tool calls as steps, also those written as text. What could not be parsed stays a step, whose check then says
    what is wrong with it."""
    broken = [(call["name"] or "", {"arguments": call["args"]}) for call in reply.invalid_tool_calls]
    named = [(call["name"], call["args"]) for call in reply.tool_calls] + broken or calls_in(reply.text, tools)
    return Plan(tuple(Step(f"{prefix}.{place}", name, args) for place, (name, args) in enumerate(named, start=1)))


def left_out(whole: Plan, kept: Plan) -> tuple[str, ...]:
    """What is to be told when a model wanted more calls than are made."""
    wanted, made = len(whole.steps), len(kept.steps)
    return (f"The model wanted {wanted} tool calls; the first {made} were made.",) if wanted > made else ()


def calls(plan: Plan) -> AIMessage:
    """The plan as the message of a model that called its tools."""
    return AIMessage("", tool_calls=[{"id": step.id, "name": step.tool, "args": step.arguments} for step in plan.steps])


def _errors(plan: Plan, error: PlanError) -> list[ToolMessage]:
    return [
        ToolMessage(
            error.problems.get(step.id, "not run, because another call of this turn was wrong"),
            tool_call_id=step.id,
            name=step.tool,
            status="error",
        )
        for step in plan.steps
    ]


def _question(plan: Plan, request: Request, work: Work) -> str:
    """A model that searches writes queries that stand alone; the first serves wherever words must."""
    queries = [step.arguments["query"] for step in plan.steps if step.tool == "search"]
    return checked(queries[0], request.question, said_in(work.turns)) if queries and work.turns else request.question
