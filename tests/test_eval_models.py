"""`triptych eval models`: outcomes are kept as they come and are not asked for again; the table's figures."""

import json
from pathlib import Path

import pytest
from agent_corpus import agent_over

from evals.models.evaluate import OUTCOMES, Outcome, read, table
from ui.cli import main

QUESTIONS = [
    {"question": "How many kg does the pump weigh?", "document": "pump.txt", "pages": [1], "answer": "38"},
    {"question": "What is the mean temperature of Venus?", "document": "planets.md", "pages": [1], "answer": "464"},
    {"question": "How many employees has the bank in Lisbon?", "document": "pump.txt", "unanswerable": True},
]


def test_each_question_and_request_is_asked_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    agent_over(tmp_path).close()
    asked = tmp_path / "questions.jsonl"
    asked.write_text("".join(json.dumps(one) + "\n" for one in QUESTIONS))
    requests = tmp_path / "requests.jsonl"
    requests.write_text('{"request": "Good morning!", "tool": ""}\n{"request": "How hot is Mars?", "tool": "search"}\n')
    command = ["eval", "models", str(asked), "--corpus", "test", "--data-dir", str(tmp_path / "data")]
    command += ["--requests", str(requests), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    outcomes = list(read(tmp_path / "out" / OUTCOMES))
    assert len(outcomes) == 5 and {one.kind for one in outcomes} == {"answerable", "unanswerable", "request"}
    by_question = {one.question: one for one in outcomes}
    pump = by_question["How many kg does the pump weigh?"]
    assert pump.looked and pump.answered and pump.holds and pump.cited and pump.wrote
    assert not by_question["How many employees has the bank in Lisbon?"].answered
    assert by_question["How hot is Mars?"].looked and not by_question["Good morning!"].looked
    assert main(command) == 0
    assert len(list(read(tmp_path / "out" / OUTCOMES))) == 5
    assert "| extractive | switch | 1.00 (0.51 to 1.00) of 4 |" in capsys.readouterr().out


def test_shares_are_of_those_they_are_about() -> None:
    outcomes = [
        Outcome("m", "switch", "answerable", "a", True, True, True, True, True, True, 2.0),
        Outcome("m", "switch", "answerable", "b", True, True, False, False, False, True, 4.0),
        Outcome("m", "switch", "unanswerable", "c", True, False, False, None, False, True, 3.0),
        Outcome("m", "switch", "request", "d", False, True),
    ]
    row = table(outcomes).splitlines()[2].split(" | ")
    assert [cell.split(" ")[0] for cell in row[2:9]] == ["0.67", "1.00", "0.50", "1.00", "0.50", "1.00", "1.00"]
    assert row[9] == "3.0 |"
