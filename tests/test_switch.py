"""The switch: parts, lexicon, grammar, classifier, written plans, the LoRA data, and the evaluation."""

import hashlib
import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from langchain_core.messages import HumanMessage
from pydantic import ValidationError

from agent import tools
from agent.lexicon import MODALITIES, file_type, subject
from agent.request import Request, Work
from agent.routers import classifier as reading
from agent.routers.classifier import (
    OUTPUTS,
    THRESHOLD,
    WEIGHTS,
    Classifier,
    Network,
    grams,
    parts,
    wanted_of,
)
from agent.routers.written import WrittenRouter, parsed
from agent.testing import ScriptedModel
from agent.tools.base import Scope
from common.errors import MissingExtra, ModelUnavailable, UserError
from evals.switch import evaluate as switch
from evals.wanted import network as training
from evals.wanted.examples import PATTERNS, WRITTEN, grown, patterned, written
from evals.wanted.fit import EACH, GROWN
from evals.wanted.grammar import ENGLISH, FOREIGN, joined
from evals.wanted.pictures import PICTURES
from experiments.switch_lora import dataset, train
from retrievers import embedders


@pytest.fixture(scope="module")
def classifier():
    return Classifier(embedders.load("minilm"))


@pytest.mark.parametrize(
    ("request_", "cut"),
    [
        ("plot sales n read me the trend", ["plot sales", "read me the trend"]),
        ("Explain fig. 2 and draw it.", ["Explain fig. 2", "draw it"]),
        ("Zeichne es, dann lies es vor", ["Zeichne es", "lies es vor"]),
        ("How old is it?", ["How old is it?"]),
        (f"Why? {'a, ' * 20}", [f"Why? {'a, ' * 20}"]),
    ],
)
def test_parts(request_, cut):
    assert parts(request_) == cut


def test_parts_that_want_the_same_or_nothing_are_one_clause(classifier):
    plan = classifier("Plot apples 3, pears 5, plums 9 as a pie.")
    assert plan.clauses == ("Plot apples 3, pears 5, plums 9 as a pie.",)
    plan = classifier("Plot the salt, pepper and sugar sales, and tell me who discovered salt and pepper.")
    assert plan.clauses == ("Plot the salt, pepper and sugar sales", "tell me who discovered salt and pepper")
    assert [max(("chart", "text"), key=lambda name: one[name]) for one in plan.shares] == ["chart", "text"]


def test_shapes_hold_for_every_name_of_a_form():
    common = frozenset(("up", "a", "the", "who"))
    assert "d ~ up a MUSIC" in grams("conjure up a melody", common) & grams("rustle up a waltz", common)
    assert "d the MUSIC" in grams("who composed the waltz?", common)
    assert "d a CHART" in grams("make a histgram", common), "a letter left out"


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ("Save it as Word.", "docx"),
        ("the minutes as a Word document", "docx"),
        ("Speichere das als Word-Datei", "docx"),
        ("Convert report.docx to PDF", "pdf"),
        ("Save the table as CSV", "csv"),
        ("table 3 -> Excel", "xlsx"),
        ("In other words, explain it word by word.", ""),
        ("Export it.", ""),
    ],
)
def test_the_type_of_file(request_, kind):
    assert file_type(request_) == kind


@pytest.mark.parametrize(
    ("clause", "about"),
    [
        ("Plot the diameters of the planets as a bar chart.", "diameters of the planets"),
        ("Read it aloud, please", ""),
        ("Show me the picture, please.", ""),
        ("Save this conversation as Markdown.", ""),
        ("pic of the lunar rover pls", "lunar rover"),
    ],
)
def test_what_a_clause_is_about(clause, about):
    assert subject(clause) == about


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ("Give me a histogram of the wing spans.", "chart"),
        ("pls grph teh wing spans", "chart"),
        ("Let me hear the second paragraph.", "speech"),
        ("Compose a waltz.", "music"),
        ("Compose a waltz for the gala.", "music"),
        ("Cobble together a ballad about the old crane.", "music"),
        ("Throw together a clip of a falling leaf.", "video"),
        ("Paint a hedgehog on a bicycle.", "picture"),
        ("Show me the photo of the lighthouse.", "image"),
        ("Put the opening hours in a table.", "table"),
        ("Draw a mind map of the second chapter.", "diagram"),
        ("Make a short film of a falling leaf.", "video"),
        ("Save our chat as a PDF.", "document"),
        ("Save the table as CSV.", "sheet"),
        ("Export the fares to Excel.", "sheet"),
        ("Could I have the summary as a Word document?", "document"),
        ("Zeichne ein Balkendiagramm der Fahrgäste je Linie.", "chart"),
        ("Lis-moi le deuxième chapitre à voix haute.", "speech"),
        ("Describe the sound of the bell.", "text"),
        ("What does the histogram show?", "text"),
        ("Who composed the waltz?", "text"),
        ("Which film won?", "text"),
        ("What is the reading of the sensor with the id 50000?", "text"),
        ("Summarise the image on page 3.", "text"),
        ("Don't draw anything, just tell me the total.", "text"),
        ("Who filmed the documentary?", "text"),
        ("Plot the volume by dam.", "chart"),
        ("Plot the wing spans and read me the trend.", "speech chart"),
        ("Plot the wing spans and read me which is the widest.", "speech chart"),
        ("Show me the photo of the lighthouse and read me when it was built.", "speech image"),
        ("What did you read in the report?", "text"),
        ("Who built the lighthouse? Show its photo.", "image text"),
        ("Explain the tides, then save the explanation as a PDF.", "document text"),
    ],
)
def test_requests_it_has_not_seen(classifier, request_, wanted):
    assert classifier(request_).modalities == set(wanted.split())


@pytest.mark.parametrize(
    ("request_", "again"),
    [
        ("Only the four largest.", True),
        ("Same, but as a line chart.", True),
        ("Make it louder.", True),
        ("read it to me", False),
        ("And the lower one?", False),
        ("Plot the diameters of the planets as a bar chart.", False),
        ("Which are the four largest?", False),
    ],
)
def test_what_changes_the_last_thing(classifier, request_, again):
    assert (classifier(request_).again >= THRESHOLD) == again


def test_what_is_likely_is_wanted_or_else_what_is_likeliest():
    nothing = dict.fromkeys(MODALITIES, 0.0)
    assert wanted_of(nothing | {"image": 0.4, "picture": 0.45}) == {"picture"}
    assert wanted_of(nothing | {"text": 0.85, "chart": 0.9}) == {"text", "chart"}
    assert wanted_of(nothing | {"text": 0.6, "chart": 0.9}) == {"chart"}
    assert wanted_of(nothing | {"text": 0.4, "chart": 0.3, "diagram": 0.3}) == {"text"}


def test_a_request_of_parts_is_joined_of_its_whole_and_its_likeliest_part():
    join = np.tile(np.float32([0.5, 2.0, -1.0]), (2, 1))
    network = Network(frozenset(), {}, np.zeros((0, 0)), np.zeros((0, 0)), join)
    assert network.joined(np.array([[4.0, -2.0]])).tolist() == [4.0, -2.0]
    assert network.joined(np.array([[4.0, -2.0], [1.0, -9.0], [-3.0, 3.0]])).tolist() == [3.0, 4.0]


def test_what_is_fitted_is_what_is_applied(monkeypatch):
    """Requests of one part and of two, of four n-grams, two outputs: fitted by torch, read by numpy."""
    monkeypatch.setattr(training, "EPOCHS", 300)
    draw = np.random.default_rng(0)
    pairs = [(one, other) for one in "ab" for other in ("", "c", "d")]
    found = [[{one, other}, {one}, {other}] if other else [{one}] for one, other in pairs]
    labels = np.array([["b" in one[0], "d" in one[0]] for one in found], np.float32)
    places = {gram: place for place, gram in enumerate("abcd")}
    vectors = np.float32(draw.normal(size=(sum(map(len, found)), 3)) * 0.01)
    material = training.Material.of(found, vectors, places)
    fitted = training.fit(material, labels, np.ones(len(found), np.float32), frozenset(), places, seed=0)
    monkeypatch.setattr(reading, "grams", lambda text, _common: set(text))
    for one, wanted, start in zip(found, labels, material.starts[:-1], strict=True):
        texts = ["".join(sorted(text)) for text in one]
        scores = fitted.log_odds(texts, vectors[start : start + len(one)], [place > 0 for place in range(len(one))])
        assert (fitted.joined(scores) > 0).tolist() == wanted.astype(bool).tolist()


def test_nothing_is_learned_when_requests_are_read():
    lines = (
        "import sys",
        "from agent import Settings",
        "from agent.build import Parts",
        "Parts(Settings()).switch.classifier('Plot it')",
        "print('sklearn.neural_network' in sys.modules)",
    )
    found = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "False"


def test_the_weights_are_those_of_their_record():
    record = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == record["sha256"]
    for path in (ENGLISH, FOREIGN, PATTERNS, WRITTEN, PICTURES):
        assert record["data"][path.name] == hashlib.sha256(path.read_bytes()).hexdigest(), f"fit again: {path.name}"


def test_the_grammar_gives_the_same_requests_whatever_the_hash_seed():
    lines = (
        "from evals.wanted.examples import grown, mixed, patterned, written",
        "made = [*grown(3, 200), *patterned(3, 1)]",
        "print([(one.request, sorted(one.wants)) for one in [*made, *mixed(3, 50, [*made, *written()])]])",
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", "\n".join(lines)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    found = grown(3, 1500)
    assert len({one.request for one in found}) == len(found)
    assert {name for one in found for name in one.wants} == set(OUTPUTS)
    assert not any(mark in one.request for one in [*found, *patterned(3, 2)] for mark in "{}|@"), "left unfilled"


def test_no_request_that_is_measured_is_trained_on():
    asked = {
        item.request.lower().strip(".?! ")
        for name in ("benchmark", "unseen", "blind")
        for item in switch.read(switch.BENCHMARK.with_name(f"{name}.jsonl"))
    }
    made = {one.request.lower().strip(".?! ") for one in [*grown(0, GROWN), *patterned(0, EACH), *written()]}
    assert len(asked & made) <= 0.02 * len(asked), sorted(asked & made)


def test_requests_are_joined():
    assert joined(["Plot it.", "Read it."], random.Random(0)).startswith("Plot it")


def asked(question):
    return Request(question, tools=tools.build(Scope(None))), Work(question, asked=question)


def test_a_written_plan_searches_first_and_exports_last():
    reply = json.dumps(
        {"segments": [{"modality": "document"}, {"modality": "text"}, {"modality": "chart", "request": "sales, bars"}]}
    )
    decision = WrittenRouter(ScriptedModel(script=[f"```json\n{reply}\n```"])).route(*asked("all about sales"))
    assert decision.modalities == {"document", "text", "chart"}
    steps = decision.plan.steps
    assert [step.tool for step in steps] == ["search", "search", "convert", "convert"]
    assert [step.arguments.get("to") for step in steps[2:]] == ["chart", "document"]
    assert steps[2].arguments["request"] == "sales, bars"
    assert set(steps[3].needs) == {step.id for step in steps[:3]}


def test_a_wrong_reply_is_told_what_is_wrong():
    model = ScriptedModel(script=["Sure!", '{"segments": [{"modality": "text"}]}'])
    assert WrittenRouter(model).route(*asked("Why?")).modalities == {"text"}
    assert isinstance(model.calls[1][-1], HumanMessage)
    with pytest.raises(ModelUnavailable, match="no plan"):
        WrittenRouter(ScriptedModel(script=['{"segments": []}'] * 3)).route(*asked("Why?"))


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
        from evals.switch.arms import Reply

        return Reply(frozenset({"picture"}))

    item = switch.Item("x", frozenset({"image"}), (switch.ALL,))
    assert switch.judged(arm, item, frozenset({"image", "text"})).found == {"image"}
    assert switch.judged(arm, item, frozenset({"image", "picture"})).found == {"picture"}
    assert switch.folded("sheet", frozenset({"text"})) == "text", "by way of a document"


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
    assert list(report) == ["majority", "keywords", "classifier"]
    assert report["classifier"]["all"]["exact"][0] == 1.0
    assert report["classifier"]["all"]["valid_plans"][0] == 1.0
    assert report == json.loads((tmp_path / "out/switch.json").read_text())
    assert (tmp_path / "out/switch.md").read_text().startswith("# Switch")
