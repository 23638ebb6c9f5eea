"""A plan: the tool calls one request needs, as a checked graph, and how a wave of them runs.

Knows nothing of what the tools do.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field, replace
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, ValidationError

from common.errors import UserError
from common.threads import in_thread

MOST_CALLS = 12  # in one reply of a model
MOST_CALLS_IN_ALL = 24  # for one request


class PlanError(ValueError):
    """The plan cannot be run as it stands. `problems` maps step id -> what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"step {step!r}: {problem}" for step, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call. It starts when every step in `needs` has ended."""

    id: str
    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = ", ".join(_words(value) for value in self.arguments.values() if value)
        return f"{self.tool}: {words}" if words else self.tool


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...] = ()

    def check(self, tools: Mapping[str, BaseTool]) -> None:
        """Raises `PlanError` naming every step with an unknown tool, a wrong argument, a missing need or a cycle."""
        ids = [step.id for step in self.steps]
        problems = {step.id: problem for step in self.steps if (problem := _problem(step, ids, tools))}
        if problems:
            raise PlanError(problems)
        try:
            TopologicalSorter({step.id: step.needs for step in self.steps}).prepare()
        except CycleError as error:
            circle = list(map(str, error.args[1]))
            raise PlanError({circle[0]: f"the steps wait for each other: {' -> '.join(circle)}"}) from error

    def first(self, count: int) -> "Plan":
        """No more than its first `count` steps."""
        return Plan(self.steps[:count])

    def without(self, left_out: Collection[str]) -> "Plan":
        """The other steps, none of which then waits for one of `left_out`."""
        kept = [step for step in self.steps if step.id not in left_out]
        return Plan(tuple(replace(step, needs=tuple(n for n in step.needs if n not in left_out)) for step in kept))

    def ready(self, ended: Collection[str]) -> tuple[Step, ...]:
        """The next wave: steps not yet run whose needs have all ended. They may run at the same time."""
        return tuple(step for step in self.steps if step.id not in ended and set(step.needs) <= set(ended))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended: its message, or the error that says why there is none, and what whoever runs Triptych can do
    about it (`UserError.command`)."""

    step: Step
    seconds: float
    message: ToolMessage | None = None
    error: str = ""
    command: str = ""


Call = Callable[[Step], ToolMessage]


def call_with(tools: Mapping[str, BaseTool]) -> Call:
    """Runs a step's tool and returns its message, artifact included."""

    def call(step: Step) -> ToolMessage:
        request = {"type": "tool_call", "id": step.id, "name": step.tool, "args": step.arguments}
        message = tools[step.tool].invoke(request)
        assert isinstance(message, ToolMessage)
        return message

    return call


def run_wave(steps: Sequence[Step], call: Call, timeout: float) -> Iterator[Outcome]:
    """Run `steps` at the same time, one thread each; outcomes in the order they end.

    A step that raises `ToolException` or `UserError`, or runs past `timeout` seconds, ends with an error and leaves
    the others standing. Any other exception is a bug and is raised here. A thread that timed out cannot be killed:
    it is left behind as a daemon and its result is dropped.
    """
    ends = time.monotonic() + timeout
    waiting = {in_thread(partial(_run, step, call)): step for step in steps}
    while done := wait(waiting, max(0.0, ends - time.monotonic()), FIRST_COMPLETED).done:
        yield from sorted((one.result() for one in done), key=lambda outcome: outcome.seconds)
        waiting = {one: step for one, step in waiting.items() if one not in done}
    for step in waiting.values():
        yield Outcome(step, timeout, error=f"{step.tool} took longer than {timeout:g} s.")


def _run(step: Step, call: Call) -> Outcome:
    start = time.monotonic()
    try:
        message = call(step)
    except ToolException as error:
        return Outcome(step, time.monotonic() - start, error=str(error))
    except UserError as error:
        return Outcome(step, time.monotonic() - start, error=error.words, command=error.command)
    return Outcome(step, time.monotonic() - start, message)


def _problem(step: Step, ids: Sequence[str], tools: Mapping[str, BaseTool]) -> str:
    if ids.count(step.id) > 1:
        return "another step has the same id"
    missing = [need for need in step.needs if need not in ids]
    if missing:
        return f"needs {', '.join(missing)}, which the plan does not hold"
    if step.tool not in tools:
        return f"there is no tool {step.tool!r}; choose one of: {', '.join(sorted(tools))}"
    return _argument_problem(tools[step.tool], step.arguments)


def _argument_problem(tool: BaseTool, arguments: Mapping[str, Any]) -> str:
    unknown = sorted(set(arguments) - set(tool.args))
    if unknown:
        return f"{tool.name} takes no argument {', '.join(unknown)}; it takes {', '.join(tool.args)}"
    schema = tool.args_schema
    assert isinstance(schema, type) and issubclass(schema, BaseModel)
    try:
        schema.model_validate(arguments)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return ""


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
