"""How sure an answer is: what the fit learns, and that the weights which ship say the same."""

import hashlib
import json
import random
from dataclasses import asdict

import pytest

from agent.answering.candidates import estimate
from agent.answering.candidates.coverage import Lacking
from agent.answering.candidates.passages import Passage
from agent.answering.reader import Span
from agent.answering.tables import Computed
from evals.estimate.examples import Example
from evals.estimate.fit import fit, report
from retrievers.elements import WHOLE_PAGE, Element, Hit
from ui.cli import main

THERE = Lacking(asked=4)
ELEMENT = Element("a.pdf", "0", 1, "text", "It is 84 m high.", WHOLE_PAGE, 0)


def features(score: float, covered: float, relevance: float | None = None) -> dict[str, float]:
    passage = Passage(1, "sentence", ELEMENT.text, "", ELEMENT, covered=covered, similarity=covered)
    span = Span(0, 6, 8, score)
    return estimate.span_features(span, span, passage, Hit(ELEMENT, 1.0, relevance=relevance))


def cells(probability: float) -> dict[str, float]:
    table = Passage(1, "table", "| 84 |", "", ELEMENT, covered=0.5)
    return estimate.cell_features(Computed(("84",), "", (), "lookup", probability, ""), [table], [])


def seen(values: dict[str, float]) -> estimate.Seen:
    return estimate.Seen("span", values, estimate.of_span(values))


def examples(count: int) -> list[Example]:
    """Right where the reader is sure and the words are there, in two collections."""
    draw, made = random.Random(7), []
    for number in range(count):
        right = number % 2 == 0
        values = features(draw.gauss(2.0 if right else -2.0, 1.5), draw.uniform(0.5, 1) if right else draw.random())
        name, computed = "ab"[number % 3 == 0], cells(0.5 + 0.4 * right)
        made.append(Example(name, f"q{number}", right, None, THERE, "span", values, right))
        made.append(Example(name, f"t{number}", right, None, THERE, "cells", computed, right))
    return made


def test_a_fit_on_one_collection_holds_on_the_other() -> None:
    made = examples(400)
    fitted = fit([one for one in made if one.collection == "a"])
    told = report([one for one in made if one.collection == "b"], fitted)
    assert told["auroc"] > 0.9
    assert told["right"] == 1.0


def test_questions_that_cannot_be_told_apart_are_reported_so() -> None:
    draw = random.Random(3)
    values = [(n, features(draw.gauss(0, 1), 0.5)) for n in range(400)]
    made = [Example("a", f"q{n}", n % 2 == 0, None, THERE, "span", value, n % 2 == 0) for n, value in values]
    computed = [Example("a", f"c{n}", n % 2 == 0, None, THERE, "cells", cells(0.5), n % 2 == 0) for n in range(10)]
    fitted = fit([*made, *computed])
    assert report(made, fitted)["auroc"] == pytest.approx(0.5, abs=0.12)


def test_the_weights_that_ship_are_surer_of_what_the_reader_is_surer_of() -> None:
    assert estimate.of_span(features(6.0, 1.0)) > estimate.of_span(features(-6.0, 1.0))
    assert estimate.of_span(features(2.0, 1.0)) > estimate.of_span(features(2.0, 0.1))


def test_a_question_is_answerable_by_what_was_read_and_by_what_the_search_thought() -> None:
    read, unread = [seen(features(4.0, 1.0))], [seen(features(-6.0, 0.1))]
    assert estimate.answerable(None, read, THERE) > estimate.FOUND > estimate.answerable(None, unread, THERE)
    assert estimate.answerable(0.9, read, THERE) > estimate.answerable(None, read, THERE)
    assert estimate.answerable(None, read, THERE) > estimate.answerable(0.1, read, THERE)


def test_a_word_that_is_nowhere_makes_a_question_less_answerable() -> None:
    read = [seen(features(0.0, 0.5))]
    strange = Lacking(asked=4, missing=1, strangest=0.8)
    assert estimate.answerable(None, read, strange) < estimate.answerable(None, read, THERE)


def test_a_number_that_cells_were_compared_with_is_not_missing() -> None:
    table = Passage(1, "table", "| 84 |", "", ELEMENT, covered=0.5, unnamed=1.0)
    counted = Computed(("3",), "", (), "count", 0.9, "", accounts=frozenset(["moons", "20"]))
    assert estimate.cell_features(counted, [table], [], ["20"])["unnamed"] == 0.0
    assert estimate.cell_features(counted, [table], [], ["Pluto"])["unnamed"] == 1.0


def test_the_command_says_what_it_was_fitted_on_and_what_each_collection_counted(tmp_path, capsys):
    kept = tmp_path / "cases.jsonl"
    kept.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in examples(200)))
    records = []
    for weighed in ([], ["--weigh", "b=6"]):
        out = tmp_path / "estimate.json"
        assert main(["fit", "estimate", "--examples", str(kept), "--out", str(out), *weighed]) == 0
        records.append(json.loads(out.read_text()))
        assert records[-1]["command"].endswith(" ".join([*weighed, "--examples cases.jsonl"]))
        assert records[-1]["data"] == {"cases.jsonl": hashlib.sha256(kept.read_bytes()).hexdigest()}
    alike, more = records
    assert alike["weights"] != more["weights"]
    assert alike["left out"]["a"] == more["left out"]["a"], "what one collection alone counts changes nothing"
    capsys.readouterr()
    assert main(["fit", "estimate", "--examples", str(kept), "--weigh", "c=2", "--out", str(out)]) == 2
    assert "no collection 'c'" in capsys.readouterr().err
