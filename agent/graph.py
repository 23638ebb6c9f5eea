"""The agent's graph: `route -> tools -> answer -> convert`, looping over tools while the plan has steps left.

It keeps nothing: what was said before comes with the work, and the finished turn is handed to whoever remembers it.
Events leave through the graph's custom stream as they happen.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

from langchain_core.messages import ToolMessage
from langchain_core.tools import ToolException
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agent.answering.answerer import Answerer
from agent.answering.candidates.found import Found
from agent.converting.context import ConversionContext
from agent.converting.requests import CONVERT, OutputRequest, requests_in
from agent.converting.run import ConversionRuntime, run_conversions
from agent.converting.service import ConverterService
from agent.events import Answer, Evidence, Planned, ToolFinished, ToolStarted
from agent.memory import Turn
from agent.plan import MOST_CALLS_IN_ALL, Call, Outcome, Plan, Step, call_with, run_wave
from agent.request import Request, Work
from agent.routers.asked import Asked
from agent.routers.base import Decision, Router
from agent.routers.followup import said_in
from agent.routers.followup.by_model import Rewrite
from agent.routers.searching import with_search
from agent.routers.tool_calling import calls, left_out
from common.errors import ModelUnavailable
from retrievers.search.query_references import positions

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from agent.settings import Settings

MAX_ROUNDS = 4  # plans made for one request


@dataclass(frozen=True)
class Context:
    """One request, and who may work on it. `fallback` routes when the model that should have done it is down;
    `topic` reads what an overview is wanted of, if one is;
    `remember` is told the finished turn, before anybody else is."""

    request: Request
    router: Router
    fallback: Router
    rewrite: Rewrite
    topic: Callable[[str], str | None]
    asked: Asked
    answerer: Answerer
    converters: ConverterService
    settings: "Settings"
    remember: Callable[[Turn], None]

    def router_of(self, work: Work) -> Router:
        return self.fallback if work.replaced else self.router


class State(TypedDict, total=False):
    work: Work


def build() -> "CompiledStateGraph[State, Context, State, State]":
    graph = StateGraph(State, context_schema=Context)
    graph.add_node("route", route)
    graph.add_node("tools", tools)
    graph.add_node("answer", write_answer)
    graph.add_edge(START, "route")
    graph.add_conditional_edges("route", after_route, ["tools", "answer"])
    graph.add_conditional_edges("tools", after_tools, ["tools", "route", "answer"])
    graph.add_node("convert", convert_and_remember)
    graph.add_edge("answer", "convert")
    graph.add_edge("convert", END)
    return graph.compile()


def route(state: State, runtime: Runtime[Context]) -> State:
    """Ask the router what to do (again)."""
    context, work = runtime.context, state["work"]
    request = context.request
    if work.rounds == 0:
        work = _begun(work, context)
    work, decision = _decided(work, context)
    router = context.router_of(work)
    plan = decision.plan.first(MOST_CALLS_IN_ALL - len(work.ended)) if router.obeys else decision.plan
    refused = context.asked.refused(plan, request, work) if router.obeys else {}
    allowed = plan.without(refused)
    done = router.obeys and not _goes_on(router, allowed, work)
    if done and (searching := with_search(plan, allowed, request, work, context.fallback)):
        decision, plan, allowed = searching, searching.plan, searching.plan.without(refused)
        work, router = replace(work, replaced=True), context.fallback
    if plan.steps or work.rounds == 0:
        runtime.stream_writer(Planned(router.name, tuple(map(str, allowed.steps))))
    if work.rounds == 0:
        work = replace(work, question=decision.question, asks=decision.asks)
    work = replace(
        work,
        plan=plan,
        messages=(*work.messages, calls(plan)) if plan.steps else work.messages,
        rounds=work.rounds + 1,
        refused={**work.refused, **refused},
        shows=work.shows | decision.shows,
        notices=_each_once(*work.notices, *decision.notices, *left_out(decision.plan, plan)),
    )
    return {"work": work}


def _begun(work: Work, context: Context) -> Work:
    """With the question filled in from what was said before; one about pictures stands as it was put."""
    question = context.request.question
    if context.request.images:
        return replace(work, asked=question)
    asked = context.rewrite(question, said_in(work.turns))
    return replace(work, asked=asked, topic=None if positions(asked) else context.topic(asked))


def _decided(work: Work, context: Context) -> tuple[Work, Decision]:
    start = time.monotonic()
    try:
        return work, context.router_of(work).route(context.request, work)
    except ModelUnavailable as error:
        work = _without_model(work, context, error, time.monotonic() - start)
        return work, context.fallback.route(context.request, work)


def _goes_on(router: Router, allowed: Plan, work: Work) -> bool:
    """Whether the router sees what the plan brings and may plan again."""
    reads = any(step.tool != CONVERT for step in allowed.steps)
    return reads and router.loops and work.rounds + 1 < MAX_ROUNDS


def tools(state: State, runtime: Runtime[Context]) -> State:
    """Run every step that is ready, at the same time. A step that fails says so and leaves the rest standing."""
    context, work = runtime.context, state["work"]
    ready = work.plan.ready(work.ended)
    for step in ready:
        if step.tool != CONVERT and step.id not in work.refused:
            runtime.stream_writer(ToolStarted(step.id, step.tool, step.arguments))
    results: dict[str, ToolMessage] = {}
    notices, advice = list(work.notices), list(work.advice)
    call = _allowed(call_with(context.request.tools), work)
    for outcome in run_wave(ready, call, context.settings.tool_timeout):
        message = results[outcome.step.id] = _message(outcome)
        if outcome.step.id in work.refused:
            notices.append(outcome.error)
            continue
        if not isinstance(message.artifact, OutputRequest):
            runtime.stream_writer(_finished(outcome, message))
        if outcome.error:
            notices.append(f"{outcome.step.tool} failed: {outcome.error}")
            advice += filter(None, [outcome.command])
        if isinstance(message.artifact, Found):
            notices += message.artifact.notices
            advice += message.artifact.advice
    messages = (*work.messages, *(results[step.id] for step in ready))
    ended = work.ended | {step.id for step in ready}
    after = replace(work, messages=messages, ended=ended, notices=_each_once(*notices), advice=_each_once(*advice))
    if len(after.hits) > len(work.hits):
        runtime.stream_writer(Evidence(after.hits))
    return {"work": after}


def write_answer(state: State, runtime: Runtime[Context]) -> State:
    """Stream the written answer."""
    context, work = runtime.context, state["work"]
    for event in context.answerer.answer(context.request, work):
        if isinstance(event, Answer):
            work = replace(work, answer=event)
        else:
            runtime.stream_writer(event)
    return {"work": work}


def convert_and_remember(state: State, runtime: Runtime[Context]) -> State:
    """Make what was asked for, and remember the turn."""
    context, work = runtime.context, state["work"]
    request = context.request
    assert work.answer is not None
    whole = work.answer
    if outputs := requests_in(work.messages):
        write_diagram = None if work.down else context.answerer.write_diagram
        resources = ConversionRuntime(context.converters, context.settings.tool_timeout, runtime.stream_writer)
        whole = run_conversions(outputs, ConversionContext(request, work, whole, write_diagram), resources)
    whole = replace(whole, seconds=time.monotonic() - request.started)
    context.remember(Turn(request.question, work.question, whole, request.images, work.asked))
    runtime.stream_writer(whole)
    return {}


def after_route(state: State) -> str:
    work = state["work"]
    return "tools" if work.plan.ready(work.ended) else "answer"


def after_tools(state: State, runtime: Runtime[Context]) -> str:
    work = state["work"]
    if work.plan.ready(work.ended):
        return "tools"
    return "route" if runtime.context.router_of(work).loops and work.rounds < MAX_ROUNDS else "answer"


def _allowed(call: Call, work: Work) -> Call:
    def checked(step: Step) -> ToolMessage:
        if step.id in work.refused:
            raise ToolException(work.refused[step.id])
        return call(step)

    return checked


def _each_once(*notices: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notices))


def _without_model(work: Work, context: Context, error: ModelUnavailable, seconds: float) -> Work:
    """Routed by the fallback from here on. A model that refused at once may still answer: many servers cannot call
    tools. One that kept us waiting is not asked again."""
    work = replace(work, replaced=True, advice=_each_once(*work.advice, *filter(None, [error.command])))
    if seconds > context.settings.model_timeout / 2:
        return replace(work, down=error.words)
    return replace(work, notices=(*work.notices, f"{error.words} The tools were chosen without it."))


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
