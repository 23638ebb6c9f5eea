"""Plans: checked before they run; independent steps at the same time; a failing step leaves the rest standing."""

import threading

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.tools import ToolException, tool

from agent.plan import Plan, PlanError, Step, call_with, run_wave
from common.errors import UserError


@tool
def add(left: int, right: int) -> str:
    """Add."""
    return str(left + right)


@tool
def fail(how: str) -> str:
    """Fail."""
    raise {"tool": ToolException, "user": UserError, "bug": ZeroDivisionError}[how]("no luck")


TOOLS = {"add": add, "fail": fail}
ONE = {"left": 1, "right": 1}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([Step("a", "fly")], "there is no tool 'fly'; choose one of: add, fail"),
        ([Step("a", "add", ONE, ("b",))], "needs b, which the plan does not hold"),
        ([Step("a", "add", ONE, ("b",)), Step("b", "add", ONE, ("a",))], "wait for each other"),
        ([Step("a", "add", ONE, ("a",))], "wait for each other"),
        ([Step("a", "add", ONE), Step("a", "add", ONE)], "same id"),
        ([Step("a", "add", {"left": "one", "right": 1})], "left: Input should be a valid integer"),
        ([Step("a", "add", {"left": 1})], "right: Field required"),
        ([Step("a", "add", {**ONE, "more": 1})], "takes no argument more"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(steps, words):
    with pytest.raises(PlanError, match="step '") as error:
        Plan(tuple(steps)).check(TOOLS)
    assert words in str(error.value)


def test_waves_follow_the_needs():
    plan = Plan((Step("c", "add", ONE, ("a", "b")), Step("a", "add", ONE), Step("b", "add", ONE)))
    plan.check(TOOLS)
    assert [step.id for step in plan.ready(())] == ["a", "b"]
    assert [step.id for step in plan.ready({"a"})] == ["b"]
    assert [step.id for step in plan.ready({"a", "b"})] == ["c"]
    assert plan.ready({"a", "b", "c"}) == ()


def test_a_wave_runs_at_the_same_time():
    meeting = threading.Barrier(3, timeout=30)

    def call(step: Step) -> ToolMessage:
        meeting.wait()
        return ToolMessage(step.id, tool_call_id=step.id)

    outcomes = list(run_wave([Step(name, "add") for name in "abc"], call, timeout=60))
    assert sorted(outcome.message.text for outcome in outcomes) == ["a", "b", "c"]


@pytest.mark.parametrize("how", ["tool", "user"])
def test_a_failing_step_leaves_the_rest_standing(how):
    steps = [Step("bad", "fail", {"how": how}), Step("good", "add", {"left": 2, "right": 3})]
    outcomes = {outcome.step.id: outcome for outcome in run_wave(steps, call_with(TOOLS), timeout=60)}
    assert outcomes["bad"].error == "no luck"
    assert outcomes["bad"].message is None
    assert outcomes["good"].message.text == "5"


def test_a_bug_in_a_tool_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(run_wave([Step("a", "fail", {"how": "bug"})], call_with(TOOLS), timeout=60))


def test_a_step_that_hangs_times_out_alone():
    never = threading.Event()

    def call(step: Step) -> ToolMessage:
        if step.id == "slow":
            never.wait(60)
        return ToolMessage("done", tool_call_id=step.id)

    outcomes = list(run_wave([Step("slow", "add"), Step("quick", "add")], call, timeout=2))
    never.set()
    assert [(outcome.step.id, outcome.error) for outcome in outcomes] == [
        ("quick", ""),
        ("slow", "add took longer than 2 s."),
    ]
