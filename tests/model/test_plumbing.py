"""Our client and llama.cpp's server: streaming, stop, schema, logprobs, what the server says it can do, its context."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agent import Agent, Settings, models
from agent.models import abilities, budget, gguf
from common.errors import UserError

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]  # seconds, on a busy machine

PATIENCE = 250.0  # seconds: the machine may be busy
SCHEMA = {
    "type": "object",
    "properties": {"planet": {"type": "string", "maxLength": 12}},
    "required": ["planet"],
    "additionalProperties": False,
}


@pytest.fixture
def model(served: str) -> Any:
    return models.load(Settings(model=served, model_tokens=48, model_timeout=PATIENCE))


def tokens(server: Any, text: str) -> int:
    body = json.dumps({"content": text}).encode()
    asked = urllib.request.Request(f"{server.listening_address}/tokenize", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked) as reply:
        return len(json.load(reply)["tokens"])


def test_tokens_stream(model: Any) -> None:
    assert len([chunk for chunk in model.stream("Name the planets of the solar system.") if chunk.text]) > 2


def test_a_stop_word_ends_the_reply(model: Any) -> None:
    whole = model.invoke("Count: one, two, three, four, five.").text
    word = whole.split()[2]
    assert word not in model.invoke("Count: one, two, three, four, five.", stop=[word]).text


def test_a_reply_keeps_to_the_schema(model: Any) -> None:
    reply = models.constrained(model, SCHEMA).invoke("Name a planet as JSON.")
    assert isinstance(json.loads(reply.text)["planet"], str)


def test_it_says_how_probable_true_is(model: Any) -> None:
    asked = "Is water wet? Reply with one word, True or False."
    assert 0 <= model.p_true([HumanMessage(asked)]) <= 1


def test_the_server_says_what_its_model_can_do(model: Any, weights: Path) -> None:
    known = abilities.of(model)
    assert known.context == 4096
    assert (known.schema, known.logprobs, known.images) == (True, True, False)
    assert known.parameters is not None and known.parameters > 10**8
    if "SmolLM2" in weights.stem:
        assert known.tools is False


def test_what_fits_the_budget_fits_the_context(weights: Path) -> None:
    server = gguf.start(weights, 1024)
    model = models.load(Settings(model=f"openai:{weights.stem}@{gguf.address(server)}", model_timeout=PATIENCE))
    rest = [SystemMessage("Answer from the sources."), HumanMessage("How far is Neptune?")]
    row = "| Neptune | 4,495.1 | 59,800 | Très éloignée, die äußerste; 海王星 |\n"
    room = budget.budget(model, *rest)
    sources = row * (room // budget.tokens(row))
    assert 0.5 * room < tokens(server, sources) <= room
    reply = model.invoke([*rest, HumanMessage(sources)], max_tokens=1)
    assert isinstance(reply, AIMessage) and reply.usage_metadata
    assert 512 < reply.usage_metadata["input_tokens"] <= 1024 - budget.reply(model)


def test_a_file_is_served_in_process_and_ends_with_the_agent(weights: Path, tmp_path: Path) -> None:
    document = tmp_path / "garden.md"
    document.write_text("# Garden\n\nThe secret garden opens at seven in the morning.\n")
    settings = Settings(data_dir=tmp_path / "data", model=f"gguf:{weights}", model_tokens=24, model_timeout=PATIENCE)
    with Agent(settings, router="switch", model_images=0) as agent:
        agent.ingest([document])
        answer = agent.ask("When does the secret garden open?")
        assert answer.model == f"gguf:{weights}"
        assert not any("cannot be reached" in notice for notice in answer.notices)
        url = agent._parts.model.openai_api_base
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", b"{}"))
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(f"{url}/models")


@pytest.mark.parametrize("content", [None, b"", b"GGUF and nothing more", b"%PDF-1.7"])
def test_a_file_that_is_no_model_is_said(content: bytes | None, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    path = tmp_path / "weights.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"weights.gguf.*GGUF file"):
        gguf.start(path, 512)
