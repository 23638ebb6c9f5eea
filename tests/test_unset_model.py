"""A router that needs a model, where none is set: the tools are chosen without one, and the evidence is quoted."""

from pathlib import Path

import pytest
from agent_corpus import agent_over


@pytest.mark.parametrize("router", ["written", "tool_calling"])
def test_a_router_that_needs_a_model_is_done_without_and_that_is_told(tmp_path: Path, router: str) -> None:
    files = {"pump.md": "# Pump\n\nThe pump weighs 84 kilograms. It stands in the cellar.\n"}
    with agent_over(tmp_path, files, router=router) as agent:
        answer = agent.ask("How heavy is the pump?")
    assert answer.found and "**84 kilograms**" in answer.text and answer.model == "extractive"
    assert any("No language model is set." in notice for notice in answer.notices)
    assert answer.advice == ("Set TRIPTYCH_MODEL.",)
