"""The whole agent over a real small model: whatever it writes, the rules of docs/models.md hold."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import Agent, Answer, ToolStarted

pytestmark = pytest.mark.model

PATIENCE = 250.0  # seconds: the machine may be busy
VENUS = "Venus is the hottest planet, with a mean of 464 °C, because thick air of carbon dioxide holds the heat in."
QUESTION = "What is the mean temperature of Venus?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("answering")
    towers = " ".join(f"Tower number {number} was built in {1500 + number} of red brick." for number in range(400))
    documents = root / "documents"
    documents.mkdir()
    (documents / "venus.md").write_text(f"# Venus\n\n{VENUS}\n", encoding="utf-8")
    (documents / "towers.md").write_text(f"# Towers\n\n{towers}\n", encoding="utf-8")
    Agent.from_corpus(documents, corpus="test", data_dir=root / "data").close()
    return root


@pytest.fixture(params=["switch", "tool_calling", "written"])
def agent(folder: Path, served: str, request: pytest.FixtureRequest) -> Iterator[Agent]:
    settings = {"model": served, "router": request.param, "model_timeout": PATIENCE, "model_tokens": 60}
    with Agent(corpus="test", data_dir=folder / "data", **settings) as agent:
        yield agent


def asked(agent: Agent, question: str) -> tuple[Answer, list[str]]:
    events = list(agent.stream(question))
    assert isinstance(events[-1], Answer), events[-1]
    return events[-1], [event.tool for event in events if isinstance(event, ToolStarted)]


def test_a_question_is_looked_up_whatever_the_router(agent: Agent) -> None:
    answer, tools = asked(agent, QUESTION)
    assert "search" in tools
    assert not answer.found or answer.citations
    assert not any("The model" in line or "http" in line for line in answer.text.splitlines())


def test_long_sources_fit_the_context(folder: Path, server: Any, served: str) -> None:
    """A prompt that is too long is an error of this server: then the answer would be quoted."""
    with Agent(
        corpus="test", data_dir=folder / "data", model=served, router="switch", model_timeout=PATIENCE, model_tokens=20
    ) as agent:
        answer, _ = asked(agent, "In which year was tower number 77 built?")
    assert not any("answered 4" in notice or "context" in notice for notice in answer.notices)
    with urllib.request.urlopen(f"{server.listening_address}/props") as reply:
        assert json.load(reply)["default_generation_settings"]["n_ctx"] == 4096


def test_a_greeting_is_not_looked_up(agent: Agent) -> None:
    answer, tools = asked(agent, "Good morning!")
    if agent.settings.router != "written":  # so small a model writes a search into its plan whatever is said
        assert tools == []
    assert "source" not in " ".join(answer.notices)
