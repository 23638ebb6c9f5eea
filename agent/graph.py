"""The agent's graph: `route -> tools -> answer -> convert`, looping over tools while the plan has steps left.

Only the finished turns of a conversation are checkpointed; everything of the request at hand is untracked. Events
leave through the graph's custom stream as they happen.
"""

import operator
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.tools import BaseTool, ToolException
from langgraph.channels import UntrackedValue
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agent import memory
from agent.answering import evidence
from agent.answering.answer import Writing, answer
from agent.answering.candidates.found import Found
from agent.answering.diagrams import write_diagram
from agent.answering.quoting.extractive import Extractive
from agent.converting.context import ConversionContext
from agent.converting.requests import CONVERT, OutputRequest, requests_in
from agent.converting.run import ConversionRuntime, run_conversions
from agent.converting.service import ConverterService
from agent.events import Answer, Evidence, Planned, ToolFinished, ToolStarted
from agent.inputs.page_images import Draw
from agent.memory import Turn
from agent.plan import MOST_CALLS_IN_ALL, Call, Outcome, Plan, Step, call_with, run_wave
from agent.routers.asked import Asked
from agent.routers.base import Decision, Router, Situation
from agent.routers.followup.by_model import Rewrite
from agent.routers.searching import with_search
from agent.routers.tool_calling import calls, left_out
from agent.tools.base import Scope
from common.errors import ModelUnavailable
from generators.core.base import Table

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

    from agent.settings import Settings

MAX_ROUNDS = 4  # plans made for one request


@dataclass(frozen=True)
class Request:
    """What the nodes need to know of one request, and what they may use. Never checkpointed.

    `fallback` routes when the model that should have done it is down. `stop` is set when nobody listens any more.
    """

    question: str
    scope: Scope
    tools: Mapping[str, BaseTool]
    model: "BaseChatModel"
    router: Router
    rewrite: Rewrite
    fallback: Router
    asked: Asked
    settings: "Settings"
    figure: Draw
    page: Draw
    converters: ConverterService
    started: float
    notices: tuple[str, ...] = ()
    stop: Event = field(default_factory=Event)


@dataclass(frozen=True)
class Work:
    """How far the request is. `ended` holds the ids of the steps that have run, `refused` why some may not."""

    question: str
    router: Router
    asked: str = ""
    plan: Plan = field(default_factory=Plan)
    ended: frozenset[str] = frozenset()
    messages: tuple[BaseMessage, ...] = ()
    rounds: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    down: str = ""
    asks: bool = True
    answer: Answer | None = None


class State(TypedDict, total=False):
    turns: Annotated[list[dict[str, Any]], operator.add]
    work: Annotated[Work, UntrackedValue]


def build(checkpointer: "BaseCheckpointSaver[str] | None" = None) -> "CompiledStateGraph[State, Request, State, State]":
    graph = StateGraph(State, context_schema=Request)
    graph.add_node("route", route)
    graph.add_node("tools", tools)
    graph.add_node("answer", write_answer)
    graph.add_edge(START, "route")
    graph.add_conditional_edges("route", after_route, ["tools", "answer"])
    graph.add_conditional_edges("tools", after_tools, ["tools", "route", "answer"])
    graph.add_node("convert", convert_and_remember)
    graph.add_edge("answer", "convert")
    graph.add_edge("convert", END)
    return graph.compile(checkpointer=checkpointer)


def route(state: State, runtime: Runtime[Request]) -> State:
    """Ask the router what to do (again)."""
    work, request = state["work"], runtime.context
    scope = request.scope
    situation = Situation(
        request.question,
        _turns(state),
        request.tools,
        work.messages,
        len(scope.images),
        scope.pictures,
        request.rewrite,
    )
    work, decision = _decided(work, request, situation)
    plan = decision.plan.first(MOST_CALLS_IN_ALL - len(work.ended)) if work.router.obeys else decision.plan
    refused = request.asked.refused(plan, situation) if work.router.obeys else {}
    allowed = plan.without(refused)
    done = work.router.obeys and not _goes_on(allowed, work)
    if done and (searching := with_search(plan, allowed, situation, request.fallback)):
        decision, plan, allowed = searching, searching.plan, searching.plan.without(refused)
        work = replace(work, router=request.fallback)
    question = decision.question if work.rounds == 0 else work.question
    messages = (*work.messages, calls(plan)) if plan.steps else work.messages
    if plan.steps or work.rounds == 0:
        runtime.stream_writer(Planned(work.router.name, tuple(map(str, allowed.steps))))
    work = replace(
        work,
        question=question,
        asked=situation.standalone if work.rounds == 0 else work.asked,
        asks=decision.asks if work.rounds == 0 else work.asks,
        plan=plan,
        messages=messages,
        rounds=work.rounds + 1,
        refused={**work.refused, **refused},
        notices=_each_once(*work.notices, *decision.notices, *left_out(decision.plan, plan)),
    )
    return {"work": work}


def _decided(work: Work, request: Request, situation: Situation) -> tuple[Work, Decision]:
    start = time.monotonic()
    try:
        return work, work.router.route(situation)
    except ModelUnavailable as error:
        work = _without_model(work, request, error, time.monotonic() - start)
        return work, work.router.route(situation)


def _goes_on(allowed: Plan, work: Work) -> bool:
    """Whether the router sees what the plan brings and may plan again."""
    reads = any(step.tool != CONVERT for step in allowed.steps)
    return reads and work.router.loops and work.rounds + 1 < MAX_ROUNDS


def tools(state: State, runtime: Runtime[Request]) -> State:
    """Run every step that is ready, at the same time. A step that fails says so and leaves the rest standing."""
    work, request = state["work"], runtime.context
    ready = work.plan.ready(work.ended)
    for step in ready:
        if step.tool != CONVERT and step.id not in work.refused:
            runtime.stream_writer(ToolStarted(step.id, step.tool, step.arguments))
    results: dict[str, ToolMessage] = {}
    notices = list(work.notices)
    for outcome in run_wave(ready, _allowed(call_with(request.tools), work), request.settings.tool_timeout):
        message = results[outcome.step.id] = _message(outcome)
        if outcome.step.id in work.refused:
            notices.append(outcome.error)
            continue
        if not isinstance(message.artifact, OutputRequest):
            runtime.stream_writer(_finished(outcome, message))
        if outcome.error:
            notices.append(f"{outcome.step.tool} failed: {outcome.error}")
        if isinstance(message.artifact, Found):
            notices += message.artifact.notices
    before = evidence.collect(work.messages)
    messages = (*work.messages, *(results[step.id] for step in ready))
    hits = evidence.collect(messages)
    if len(hits) > len(before):
        runtime.stream_writer(Evidence(hits))
    ended = work.ended | {step.id for step in ready}
    return {"work": replace(work, messages=messages, ended=ended, notices=_each_once(*notices))}


def write_answer(state: State, runtime: Runtime[Request]) -> State:
    """Stream the written answer."""
    work, request = state["work"], runtime.context
    writing = Writing(
        question=work.question,
        asked=request.question,
        turns=_turns(state),
        messages=work.messages,
        images=request.scope.images,
        figure=request.figure,
        page=request.page,
        notices=work.notices,
        down=work.down,
        asks=work.asks,
    )
    for event in answer(request.model, request.settings.model, request.settings.model_images, writing):
        if isinstance(event, Answer):
            written = event
        else:
            runtime.stream_writer(event)
    return {"work": replace(work, answer=written)}


def convert_and_remember(state: State, runtime: Runtime[Request]) -> State:
    """Make what was asked for, and remember the turn."""
    work, request = state["work"], runtime.context
    assert work.answer is not None
    whole = work.answer
    if outputs := requests_in(work.messages):
        results = [message for message in work.messages if isinstance(message, ToolMessage)]
        writes = not isinstance(request.model, Extractive) and not work.down
        context = ConversionContext(
            question=request.question,
            hits=evidence.collect(work.messages),
            tables=tuple(result.artifact for result in results if isinstance(result.artifact, Table)),
            searched=any(not isinstance(result.artifact, OutputRequest) for result in results),
            answer=whole,
            turns=_turns(state),
            images=request.scope.images,
            write_diagram=partial(write_diagram, request.model) if writes else None,
            silent=not whole.text,
        )
        conversion = ConversionRuntime(
            converters=request.converters,
            figure=request.figure,
            pictures=request.scope.pictures,
            timeout=request.settings.tool_timeout,
            tell=runtime.stream_writer,
            stop=request.stop,
        )
        whole = run_conversions(outputs, context, conversion)
    whole = replace(whole, seconds=time.monotonic() - request.started)
    runtime.stream_writer(whole)
    return {"turns": [memory.dump(Turn(request.question, work.question, whole, request.scope.images, work.asked))]}


def after_route(state: State) -> str:
    work = state["work"]
    return "tools" if work.plan.ready(work.ended) else "answer"


def after_tools(state: State) -> str:
    work = state["work"]
    if work.plan.ready(work.ended):
        return "tools"
    return "route" if work.router.loops and work.rounds < MAX_ROUNDS else "answer"


def _turns(state: State) -> list[Turn]:
    return [memory.load(record) for record in state.get("turns", [])]


def _allowed(call: Call, work: Work) -> Call:
    def checked(step: Step) -> ToolMessage:
        if step.id in work.refused:
            raise ToolException(work.refused[step.id])
        return call(step)

    return checked


def _each_once(*notices: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notices))


def _without_model(work: Work, request: Request, error: ModelUnavailable, seconds: float) -> Work:
    """Routed by the fallback from here on. A model that refused at once may still answer: many servers cannot call
    tools. One that kept us waiting is not asked again."""
    if seconds > request.settings.model_timeout / 2:
        return replace(work, router=request.fallback, down=str(error))
    return replace(work, router=request.fallback, notices=(*work.notices, f"{error} The tools were chosen without it."))


def _message(outcome: Outcome) -> ToolMessage:
    step = outcome.step
    if outcome.message is not None:
        return outcome.message
    return ToolMessage(outcome.error, tool_call_id=step.id, name=step.tool, status="error")


def _finished(outcome: Outcome, message: ToolMessage) -> ToolFinished:
    step = outcome.step
    if outcome.error:
        return ToolFinished(step.id, step.tool, outcome.seconds, "", outcome.error)
    if isinstance(message.artifact, tuple):
        pages = len({(hit.element.document, hit.element.page) for hit in message.artifact})
        summary = f"{len(message.artifact)} regions on {pages} pages" if pages else "nothing found"
    else:
        summary = message.text.partition("\n")[0]
    return ToolFinished(step.id, step.tool, outcome.seconds, summary)
