"""`triptych plan`: no corpus, no answer, only what would be done."""

import json

import pytest
from command import run_alone, run_here

from agent.build import Parts
from agent.plan import Step
from agent.routers.preview import brought
from agent.settings import Settings
from common.errors import UserError


@pytest.fixture(scope="module")
def planner(tmp_path_factory):
    return Parts(Settings(data_dir=tmp_path_factory.mktemp("data"), router="switch")).planner


@pytest.mark.parametrize(
    ("request_", "modalities"),
    [
        ("Plot the rainfall per month as a line chart.", ["chart"]),
        ("Paint a walrus in a bow tie.", ["image"]),
        ("Show me figure 3.", ["image"]),
        ("What does figure 3 show?", ["text"]),
        ("Explain the harvest cycle and read the explanation aloud.", ["audio", "text"]),
    ],
)
def test_modalities_of_a_request(planner, request_, modalities):
    assert planner(request_).modalities == modalities


def test_a_chart_is_made_after_its_numbers_are_found(planner):
    steps = {step.id: step for step in planner("Plot the rainfall per month as a line chart.").steps}
    made = next(step for step in steps.values() if step.tool == "convert")
    assert made.arguments["to"] == "chart"
    assert "rainfall" in made.arguments["request"]
    assert {steps[need].tool for need in made.needs} == {"search"}


def test_a_request_for_words_makes_nothing(planner):
    outline = planner("Which instrument took the photo on page 2?")
    assert {step.tool for step in outline.steps} == {"search"}
    assert not outline.forgotten


def test_what_is_to_be_shown_is_looked_up_by_its_own_words(planner):
    outline = planner("Make a bar chart of the planets' masses and show the photo of Jupiter.")
    searches = {step.id: step.arguments for step in outline.steps if step.tool == "search"}
    assert searches["figures"] == {"query": "Jupiter", "kinds": ["figure"]}
    assert not outline.forgotten
    followed = planner("Tell me about Titan, show its picture, and read the answer aloud.")
    assert "Titan" in next(step.arguments["query"] for step in followed.steps if step.id == "figures")


def test_what_steps_bring():
    steps = [
        Step("1", "search", {"query": "x"}),
        Step("2", "search", {"query": "x", "kinds": ["figure"]}),
        Step("3", "convert", {"to": "music", "request": "x"}),
    ]
    assert brought(steps) == {"image", "music"}


def test_an_empty_request_is_refused(planner):
    with pytest.raises(UserError, match="empty"):
        planner("  ")


def test_one_request_in_words_and_as_json(tmp_path):
    request = "Draw a flow chart of the approval procedure."
    run = run_here(["plan", request, "--data-dir", tmp_path])
    assert run.returncode == 0, run.stderr
    assert "modalities: diagram" in run.stdout
    assert "diagram" in run.stdout.splitlines()[-1]
    plan = json.loads(run_here(["plan", request, "--json", "--data-dir", tmp_path]).stdout)
    assert plan["modalities"] == ["diagram"]
    assert {"id", "tool", "arguments", "needs"} == set(plan["steps"][-1])
    assert not any(tmp_path.iterdir()), "planning leaves nothing behind"


def test_a_file_of_requests_and_its_bad_lines(tmp_path):
    lines = [
        json.dumps({"id": 7, "request": "Read the abstract to me."}),
        "not json",
        json.dumps({"id": "b"}),
        "",
        json.dumps({"id": "c", "request": " "}),
        json.dumps({"id": "d", "request": "Who wrote it?"}),
    ]
    run = run_alone(["plan", "--requests", "-", "--data-dir", tmp_path], "\n".join(lines))
    assert run.returncode == 1
    plans = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(plan["id"], plan["modalities"]) for plan in plans] == [(7, ["audio"]), ("d", ["text"])]
    assert [f"line {number}:" in run.stderr for number in range(1, 7)] == [False, True, True, False, True, False]


@pytest.mark.parametrize("arguments", [(), ("x", "--requests", "-")])
def test_one_request_or_a_file(arguments, tmp_path):
    run = run_here(["plan", *arguments, "--data-dir", tmp_path])
    assert run.returncode == 2
    assert "--requests" in run.stderr
