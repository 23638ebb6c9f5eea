"""A served model end to end: our client, a real vLLM server, a vision-language model with random weights.

What it writes means nothing, so these tests look at what it was sent and at the shape of what comes back.
"""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
import tiny_models
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from PIL import Image

from agent import Agent, Settings, models

MARKS = 3  # tokens around those of a picture itself
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(400)]


@tool
def look(kind: Literal["table", "figure"], whole_page: bool) -> str:
    """Look at a picture."""
    return ""


SHORT = 32  # tokens of a reply: one that repeats itself is hung up on, and its server then tells no usage


@pytest.fixture
def model(served: str) -> Any:
    return models.load(Settings(model=served))


def prompt_tokens(model: Any, content: Any) -> int:
    reply = model.bind(max_tokens=SHORT).invoke([HumanMessage(content)])
    tokens: int = reply.usage_metadata["input_tokens"]
    return tokens


def test_tokens_stream(model: Any) -> None:
    assert len([chunk for chunk in model.stream("hello") if chunk.text]) > 2


def test_pictures_reach_the_model(model: Any) -> None:
    data = io.BytesIO()
    Image.new("RGB", (50, 40), "red").save(data, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
    text = {"type": "text", "text": "hello"}
    picture = {"type": "image_url", "image_url": {"url": url}}
    assert prompt_tokens(model, [text, picture]) == prompt_tokens(model, [text]) + tiny_models.IMAGE_TOKENS + MARKS


def test_tool_calls_fit_their_schema(model: Any) -> None:
    reply = model.bind_tools([look], tool_choice="look", strict=True).bind(max_tokens=400).invoke("hello")
    (call,) = reply.tool_calls
    assert call["name"] == "look"
    assert call["args"].keys() == {"kind", "whole_page"}
    assert call["args"]["kind"] in ("table", "figure")
    assert isinstance(call["args"]["whole_page"], bool)


QUESTION = "What is the lighthouse keeper called?"
NOTE = "The lighthouse keeper is called Ottilie Brandt."
MORE = " She came to the island in 1931 and kept the lamp burning through every storm of that winter."


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its corpus holds two notes; the second says all that the first says, and more."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "1.md").write_text(f"{NOTE}\n")
    (folder / "2.md").write_text(f"{NOTE}{MORE}\n")
    with Agent.from_corpus(folder / "1.md", folder / "2.md", data_dir=folder / "data") as agent:
        assert len(agent.library.open("default").documents()) == 2
    return folder / "data"


@pytest.fixture
def red(tmp_path: Path) -> Path:
    Image.new("RGB", (50, 40), "red").save(tmp_path / "red.png")
    return tmp_path / "red.png"


def asked(served: str, data_dir: Path, document: str, images: Sequence[Path] = (), **settings: Any) -> int:
    """Asks the agent, and returns how many tokens the server read. A token is a byte."""
    with (
        Agent(model=served, data_dir=data_dir, model_tokens=SHORT, **settings) as agent,
        get_usage_metadata_callback() as usage,
    ):
        answer = agent.ask(QUESTION, documents=[document], images=images)
    assert answer.model == served, answer.notices
    assert answer.text
    return sum(of_model["input_tokens"] for of_model in usage.usage_metadata.values())


def test_agent_sends_the_evidence(served: str, data_dir: Path) -> None:
    less, more = (asked(served, data_dir, name, router="switch") for name in ("1.md", "2.md"))
    assert more - less == len(MORE)


def test_agent_sends_the_users_picture(served: str, data_dir: Path, red: Path) -> None:
    none, one = (asked(served, data_dir, "1.md", [red], router="switch", model_images=most) for most in (0, 1))
    assert one - none == tiny_models.IMAGE_TOKENS + MARKS


def test_server_takes_what_the_tool_calling_router_sends(served: str, data_dir: Path) -> None:
    asked(served, data_dir, "1.md", router="tool_calling")
