"""What went wrong with real small models, against the real server."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from PIL import Image

from agent import Agent, Settings, models
from agent.models import gguf
from agent.models.replies import bounds

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]  # seconds, on a busy machine
PATIENCE = 250.0  # seconds: the machine may be busy


def test_a_figure_among_the_sources_does_not_fail_the_question(served: str) -> None:
    data = io.BytesIO()
    Image.new("RGB", (50, 40), "red").save(data, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
    content: Any = [
        {"type": "text", "text": "Say hello."},
        {"type": "text", "text": "Picture of source [1]:"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    model = models.load(Settings(model=served, model_tokens=8, model_timeout=PATIENCE))
    reply = model.invoke([HumanMessage(content)])
    assert reply.text
    assert any("would not take the pictures" in notice for notice in bounds.notices(reply.response_metadata))


def test_a_reply_cut_by_its_limit_is_told(served: str) -> None:
    model = models.load(Settings(model=served, model_tokens=8, model_timeout=PATIENCE))
    reply = model.invoke("Write a long story about a lighthouse.")
    assert bounds.notices(reply.response_metadata) == ["The model's reply was cut after 8 tokens."]


def test_the_same_question_gets_the_same_words(served: str) -> None:
    model = models.load(Settings(model=served, model_tokens=24, model_timeout=PATIENCE))
    assert len({model.invoke("Name three colours.").text for _ in range(3)}) == 1


def test_a_reply_leaves_room_for_its_prompt_in_a_small_context(weights: Path) -> None:
    """The limit sent is a part of the context: a server that is told 2,048 of 512 refuses, or drops the prompt."""
    server = gguf.start(weights, 512)
    model = models.load(Settings(model=f"openai:{weights.stem}@{gguf.address(server)}", model_timeout=PATIENCE))
    reply = model.invoke("Count from one to five hundred, in words, without leaving any out.")
    assert reply.usage_metadata and reply.usage_metadata["output_tokens"] <= 128


def test_an_agent_answers_where_a_figure_is_among_the_sources(served: str, tmp_path: Path) -> None:
    """Its server says that it sees none: none is sent, and nothing is to be told."""
    Image.new("RGB", (300, 200), "navy").save(tmp_path / "lighthouse.png")
    (tmp_path / "note.md").write_text("# Lighthouse\n\nThe lighthouse keeper is called Ottilie Brandt.\n")
    settings = Settings(data_dir=tmp_path / "data", model=served, model_tokens=24, model_timeout=PATIENCE)
    with Agent(settings, router="switch") as agent:
        agent.ingest([tmp_path / "lighthouse.png", tmp_path / "note.md"])
        answer = agent.ask("What is the lighthouse keeper called?")
    assert answer.model == served
    assert not any("picture" in notice for notice in answer.notices)
