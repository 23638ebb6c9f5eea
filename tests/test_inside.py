"""What is inside a corpus: two lines, and questions that it really answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_corpus import FILES, write
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from agent import Agent
from agent.inside import questions
from common.errors import UserError

GERMAN = """# Der Hafen von Brunsbek

## 1. Leuchtturm

Der Leuchtturm wurde 1887 von Ada Thorne aus Basalt gebaut. Sein Licht ist in klaren Nächten 31 Kilometer weit zu sehen.
Er wird heute aus der Ferne bedient, und niemand wohnt mehr darin.

## 2. Fähren

| Schiff | Baujahr | Plätze |
|---|---|---|
| Anna | 1998 | 120 |
| Berta | 2004 | 85 |
| Carla | 2011 | 64 |
"""
MANY = 40


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with Agent(data_dir=tmp_path / "data", corpus="harbour", model="openai:nobody@http://127.0.0.1:1/v1") as opened:
        yield opened


def asked_of(agent: Agent, question: str, corpus: str) -> str:
    return agent.ask(question, corpus=corpus, model="extractive").text


def test_a_german_document_is_described_and_asked_in_german(agent: Agent, tmp_path: Path) -> None:
    agent.ingest([write(tmp_path / "files", {"hafen.md": GERMAN})])
    inside = agent.corpora.inside("harbour", "hafen.md")
    assert inside.lines == ("Der Leuchtturm wurde 1887 von Ada Thorne aus Basalt gebaut.", "Leuchtturm · Fähren")
    assert set(inside.questions) == {"Baujahr von Berta?", "Was steht hier über Leuchtturm?"}
    assert "2004" in asked_of(agent, "Baujahr von Berta?", "harbour")
    assert "Ada Thorne" in asked_of(agent, "Was steht hier über Leuchtturm?", "harbour")


def test_a_corpus_names_its_documents_and_is_asked_of_several(agent: Agent, tmp_path: Path) -> None:
    agent.ingest([write(tmp_path / "files", FILES | {"notes.txt": "\n"})])
    inside = agent.corpora.inside("harbour")
    assert "Planets" in inside.lines[0] and "Moons" in inside.lines[0]
    assert "Known moons of Mars?" in inside.questions or "Known moons of Jupiter?" in inside.questions
    assert any("Venus" in question or "Mars" in question for question in inside.questions)
    for question in inside.questions:
        assert agent.ask(question, model="extractive").found


def test_what_is_not_answered_by_what_it_was_made_of_is_not_suggested(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.ingest([write(tmp_path / "files", {"hafen.md": GERMAN})])
    wrong = questions.Candidate("Who is the mayor of Brunsbek?", frozenset(), "2004")
    real = questions._by_turns
    monkeypatch.setattr(questions, "_by_turns", lambda documents: [wrong, *real(documents)])
    assert wrong.question not in agent.corpora.inside("harbour").questions
    elsewhere = questions.Candidate("Baujahr von Berta?", frozenset(), "2004")
    assert not elsewhere.answered_by(agent.ask("Baujahr von Berta?", model="extractive"))


def test_it_is_kept_until_other_documents_are_there(
    agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "files", {"hafen.md": GERMAN})
    agent.ingest([folder])
    assert agent.corpora.known_inside("harbour") is None
    tried: list[int] = []
    inside = agent.corpora.inside("harbour", wait=lambda: tried.append(1))
    assert tried
    tried.clear()
    assert agent.corpora.inside("harbour", wait=lambda: tried.append(1)) == inside
    assert agent.corpora.known_inside("harbour") == inside and not tried
    agent.corpora.rename("harbour", "port")
    assert agent.corpora.known_inside("port") == inside
    write(folder, {"pump.txt": FILES["pump.txt"]})
    agent.ingest([folder], "port")
    assert agent.corpora.known_inside("port") is None


def test_nothing_and_much_are_no_trouble(agent: Agent, tmp_path: Path) -> None:
    agent.corpora.create("empty")
    assert agent.corpora.inside("empty").questions == ()
    with pytest.raises(UserError):
        agent.corpora.inside("empty", "there is none.pdf")
    canvas = Canvas(str(tmp_path / "lines.pdf"), pagesize=A4)
    for number in range(MANY):
        canvas.drawString(72, 700, f"{number} {'=' * number}")
        canvas.showPage()
    canvas.save()
    agent.ingest([tmp_path / "lines.pdf"])
    assert all(len(line) <= 230 for line in agent.corpora.inside("harbour").lines)
