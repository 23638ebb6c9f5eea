"""The switch: clauses, word classes, instruction set, head, written plans, the LoRA data, and the evaluation."""

import json
import random

import pytest
from langchain_core.messages import HumanMessage
from pydantic import ValidationError

from agent import tools
from agent.routers.base import Situation
from agent.routers.clauses import clauses, spelled
from agent.routers.instructions import MODALITIES, Grammar, joined
from agent.routers.lora import dataset, train
from agent.routers.modalities import ModalityHead, Reading
from agent.routers.wordclasses import class_patterns
from agent.routers.written import WrittenRouter, parsed
from agent.testing import ScriptedModel
from agent.tools.base import Scope
from common.errors import MissingExtra, ModelUnavailable, UserError
from evals import switch
from retrievers import embedders


@pytest.fixture(scope="module")
def head():
    return ModalityHead(embedders.load("minilm"))


@pytest.mark.parametrize(
    ("request_", "parts"),
    [
        ("plot sales n read me the trend", ["plot sales", "read me the trend"]),
        ("Explain fig. 2 and draw it.", ["Explain fig. 2", "draw it"]),
        ("Who discovered salt and pepper?", ["Who discovered salt and pepper?"]),
        ("I'm driving, so read it out", ["I'm driving", "read it out"]),
    ],
)
def test_clauses(request_, parts):
    assert clauses(spelled(request_)) == parts


def test_word_classes_see_the_article_and_the_verb():
    assert "CHART/a" in class_patterns(["make", "a", "nice", "histogram"])
    assert "CHART/the" in class_patterns(["explain", "the", "histogram"])
    assert "CHART/a" in class_patterns(["make", "a", "histgram"]), "a letter left out"
    assert not any("CHART" in one for one in class_patterns(["chart", "the", "sales"])), "here it is a verb"


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ("Give me a histogram of the wing spans.", "chart"),
        ("pls grph teh wing spans", "chart"),
        ("Let me hear the second paragraph.", "audio"),
        ("Compose a waltz for the gala.", "audio"),
        ("Paint a hedgehog on a bicycle.", "picture"),
        ("Show me the photo of the lighthouse.", "image"),
        ("Put the opening hours in a table.", "table"),
        ("Draw a mind map of the second chapter.", "diagram"),
        ("Make a short film of a falling leaf.", "video"),
        ("Save our chat as a PDF.", "document"),
        ("Describe the sound of the bell.", "text"),
        ("What does the histogram show?", "text"),
        ("Summarise the image on page 3.", "text"),
        ("Don't draw anything, just tell me the total.", "text"),
        ("Who filmed the documentary?", "text"),
        ("Plot the wing spans and read me the trend.", "audio chart"),
        ("Plot the wing spans and read me which is the widest.", "audio chart"),
        ("Show me the photo of the lighthouse and read me when it was built.", "audio image"),
        ("What did you read in the report?", "text"),
        ("Who built the lighthouse? Show its photo.", "image text"),
        ("Explain the tides, then save the explanation as a PDF.", "document text"),
    ],
)
def test_the_head_on_requests_it_has_not_seen(head, request_, wanted):
    assert head(request_).modalities == set(wanted.split())


def test_a_reading_is_unsure_between_two_but_sure_that_words_are_not_enough():
    shares = dict.fromkeys(MODALITIES, 0.0) | {"image": 0.4, "picture": 0.45}
    assert Reading(("a",), (shares,)).modalities == {"picture"}
    assert Reading(("a",), (dict.fromkeys(MODALITIES, 0.0),)).modalities == {"text"}


def test_the_grammar_gives_the_same_requests_again_and_each_once():
    first, again = Grammar(3).instructions(), Grammar(3).instructions()
    assert first == again
    assert len({one.request for one in first}) == len(first)
    assert {name for one in first for name in one.modalities} == set(MODALITIES)
    assert not any(mark in one.request for one in first for mark in "{}|"), "a pattern was left unfilled"


def test_no_request_of_the_benchmark_is_in_the_instruction_set():
    asked = {item.request.lower().strip(".?! ") for item in switch.read(switch.BENCHMARK)}
    made = {one.request.lower().strip(".?! ") for one in Grammar(0).instructions()}
    assert len(asked & made) <= 0.02 * len(asked), sorted(asked & made)


def test_requests_are_joined():
    assert joined(["Plot it.", "Read it."], random.Random(0)).startswith("Plot it")


def situation(question):
    return Situation(question, (), tools.build(Scope(None)))


def test_a_written_plan_searches_first_and_exports_last():
    reply = json.dumps(
        {"segments": [{"modality": "document"}, {"modality": "text"}, {"modality": "chart", "request": "sales, bars"}]}
    )
    decision = WrittenRouter(ScriptedModel(script=[f"```json\n{reply}\n```"])).route(situation("all about sales"))
    assert decision.modalities == {"document", "text", "chart"}
    steps = decision.plan.steps
    assert [step.tool for step in steps] == ["search", "search", "convert", "convert"]
    assert [step.arguments.get("to") for step in steps[2:]] == ["chart", "document"]
    assert steps[2].arguments["request"] == "sales, bars"
    assert set(steps[3].needs) == {step.id for step in steps[:3]}


def test_a_wrong_reply_is_told_what_is_wrong():
    model = ScriptedModel(script=["Sure!", '{"segments": [{"modality": "text"}]}'])
    assert WrittenRouter(model).route(situation("Why?")).modalities == {"text"}
    assert isinstance(model.calls[1][-1], HumanMessage)
    with pytest.raises(ModelUnavailable, match="no plan"):
        WrittenRouter(ScriptedModel(script=['{"segments": []}'] * 3)).route(situation("Why?"))


@pytest.mark.parametrize("reply", ["", "{}", '{"segments": [{"modality": "smell"}]}', '{"segments": [], "x": 1}'])
def test_what_is_no_plan(reply):
    with pytest.raises(ValidationError):
        parsed(reply)


def test_lora_conversations_are_plans_and_held_out_ones_are_new():
    made = dataset.build(300, seed=1)
    assert made == dataset.build(300, seed=1)
    learned, held_out = dataset.split(made)
    assert not {json.dumps(one) for one in learned} & {json.dumps(one) for one in held_out}
    sizes = {len(parsed(one["messages"][-1]["content"]).segments) for one in made}
    assert sizes == {1, 2, 3}


def test_lora_without_peft_names_the_cure(monkeypatch):
    monkeypatch.setattr(train, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r'pip install "triptych\[lora\]"'):
        train.with_adapter(None, train.Recipe())


def outcome(wanted, found, group="single"):
    return switch.Outcome(switch.Item("x", frozenset(wanted), (switch.ALL, group)), frozenset(found), True, 0.001)


def test_figures():
    rows = [
        outcome({"chart"}, {"chart"}),
        outcome({"chart", "text"}, {"chart"}, "compound"),
        outcome({"text"}, {"text"}),
        outcome({"text"}, {"text", "audio"}),
    ]
    report = switch.summary(rows)
    assert report["all"]["exact"][0] == 0.5
    assert report["all"]["false_conversions"][0] == 0.5
    assert report["all"]["macro_f1"][0] == pytest.approx((1.0 + 0.8) / 2)
    assert report["compound"]["false_conversions"] is None
    low, high = report["all"]["exact"][1:]
    assert low <= 0.5 <= high


def test_a_modality_the_data_does_not_name_counts_as_its_nearest():
    def arm(request):
        from evals.switch_arms import Reply

        return Reply(frozenset({"picture"}))

    item = switch.Item("x", frozenset({"image"}), (switch.ALL,))
    assert switch.judged(arm, item, frozenset({"image", "text"})).found == {"image"}
    assert switch.judged(arm, item, frozenset({"image", "picture"})).found == {"picture"}


def test_a_bad_data_file_is_named(tmp_path):
    path = tmp_path / "requests.jsonl"
    path.write_text('{"request": "x", "modality": "text"}\n{"request": "x"}\n')
    with pytest.raises(UserError, match="line 2"):
        switch.read(path)
    with pytest.raises(UserError, match="no file"):
        switch.read(tmp_path / "none.jsonl")


def test_the_command_writes_its_report(tmp_path, monkeypatch, capsys):
    from ui.cli import main

    monkeypatch.setattr(switch, "RESAMPLES", 20)
    data = tmp_path / "requests.jsonl"
    data.write_text(
        '{"request": "Plot the wing spans as bars.", "modality": "chart"}\n'
        '{"request": "Who built the lighthouse?", "modality": "text"}\n'
    )
    command = ["eval", "switch", "--data", str(data), "--out", str(tmp_path / "out"), "--json"]
    assert main([*command, "--data-dir", str(tmp_path / "home")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["majority", "keywords", "head"]
    assert report["head"]["all"]["exact"][0] == 1.0
    assert report["head"]["all"]["valid_plans"][0] == 1.0
    assert report == json.loads((tmp_path / "out/switch.json").read_text())
    assert (tmp_path / "out/switch.md").read_text().startswith("# Switch")
