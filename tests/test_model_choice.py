"""One question is answered by another of the models that the settings name, and by none that they do not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over
from describing_server import describing, listing
from endless_endpoint import end, token

from agent import Agent
from common.errors import UserError

PUMP = "How much does the pump weigh?"


def written(body: dict[str, Any]) -> Iterator[bytes]:
    yield from [token(f"The pump weighs 38 kg, says {body['model']} [1]."), end()]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with describing(listing("scribe", "somebody"), written) as server:
        spec = f"openai:scribe@{server.url}"
        with agent_over(tmp_path, models=[spec, "extractive"], router="switch") as agent:
            yield agent


def test_another_model_answers_one_question(agent: Agent) -> None:
    first, scribe = agent.models
    assert first == "extractive"
    assert agent.ask(PUMP).model == first
    assert "says scribe" in agent.ask(PUMP, model=scribe, conversation="c").text
    assert agent.ask(PUMP, conversation="c").model == first, "the next is answered by the first again"
    assert [turn.answer.model for turn in agent.history("c")] == [scribe, first]


def test_a_model_that_is_not_offered_is_refused(agent: Agent) -> None:
    with pytest.raises(UserError, match="not one that is offered here"):
        agent.ask(PUMP, model="openai:stranger@http://127.0.0.1:1/v1")
