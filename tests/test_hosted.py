"""Models of providers by LangChain: a real one of its classes against an endpoint that speaks the provider's API."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from agent_corpus import agent_over
from langchain.chat_models import init_chat_model
from langchain_core.messages import HumanMessage

from agent import doctor, models
from agent.models import abilities
from agent.settings import Settings
from common.errors import MissingExtra, ModelUnavailable

MODEL = "anthropic:claude-sonnet-4-6"
QUESTION = [HumanMessage("How hot is Venus?")]
TOOL = {"name": "search", "description": "Finds.", "input_schema": {"type": "object", "properties": {}}}
Events = Callable[[dict[str, Any]], Iterator[dict[str, Any]]]


def saying(*words: str, block: dict[str, Any] | None = None, reason: str = "end_turn") -> Events:
    """https://docs.anthropic.com/en/api/messages-streaming"""

    def events(_body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
        yield {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}}
        yield {"type": "content_block_start", "index": 0, "content_block": block or {"type": "text", "text": ""}}
        for word in words:
            yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}
        yield {"type": "message_stop"}

    return events


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Starts one that answers with `events`, whose requests the returned list gets."""

    @contextmanager
    def serve(events: Events, status: int = 200) -> Iterator[list[dict[str, Any]]]:
        asked: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                asked[-1]["key"] = self.headers["x-api-key"] or self.headers["authorization"]
                self.send_response(status)
                self.send_header("Content-Type", "text/event-stream" if status == 200 else "application/json")
                self.end_headers()
                with suppress(ConnectionError):
                    for event in events(asked[-1]):
                        named = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                        self.wfile.write(named.encode() if status == 200 else json.dumps(event).encode())

            def log_message(self, *_words: object) -> None:
                """Quiet."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{server.server_port}")
            yield asked
            server.shutdown()

    return serve


def loaded(**settings: Any) -> Any:
    return models.load(Settings(model=MODEL, model_api_key="secret", **settings))


def test_an_answer_is_written_and_cited(provider: Any, tmp_path: Path) -> None:
    settings = {"model": MODEL, "model_api_key": "secret", "router": "switch"}
    words = saying("Venus has a mean temperature", " of 464 °C.")
    with provider(words) as asked, agent_over(tmp_path, **settings) as agent:
        answer = agent.ask("What is the mean temperature of Venus?")
    assert answer.text.startswith("Venus has a mean temperature of 464 °C.")
    assert [one.hit.element.document for one in answer.citations] == ["planets.md"]
    assert asked[-1]["key"].removeprefix("Bearer ") == "secret"
    assert asked[-1]["temperature"] == 0
    assert "464" in json.dumps(asked[-1]["messages"])


def test_a_tool_is_called(provider: Any) -> None:
    block = {"type": "tool_use", "id": "t", "name": "search", "input": {}}
    model = loaded()
    assert models.calls_tools(model)
    with provider(saying(block=block, reason="tool_use")) as asked:
        reply = loaded().bind_tools([TOOL]).invoke(QUESTION)
    assert [call["name"] for call in reply.tool_calls] == ["search"]
    assert [tool["name"] for tool in asked[0]["tools"]] == ["search"]


def test_what_the_model_can_do_is_known() -> None:
    known = abilities.of(loaded())
    assert known.tools
    assert known.images
    assert known.context
    assert known.context >= 100_000
    assert abilities.of(loaded(model_context=5000)).context == 5000


def test_a_temperature_is_sent_only_to_a_model_that_takes_one(provider: Any) -> None:
    with provider(saying("Hot.")) as asked:
        for name in ("claude-sonnet-4-6", "claude-sonnet-5"):
            models.load(Settings(model=f"anthropic:{name}", model_api_key="k")).invoke(QUESTION)
    assert ["temperature" in one for one in asked] == [True, False]


@pytest.mark.parametrize(("status", "cure"), [(401, "TRIPTYCH_MODEL_API_KEY"), (529, "Ask again")])
def test_an_error_is_told_with_its_cure_and_without_its_words(provider: Any, status: int, cure: str) -> None:
    def refusing(_body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"type": "error", "error": {"type": "x", "message": "internal host 10.0.0.7"}}

    with provider(refusing, status) as asked, pytest.raises(ModelUnavailable, match=str(status)) as caught:
        loaded().invoke(QUESTION)
    assert cure in str(caught.value)
    assert "10.0.0.7" not in str(caught.value)
    assert len(asked) == 1, "asked once"


def test_a_silent_one_is_not_waited_for(provider: Any) -> None:
    over = threading.Event()

    def silent(_body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        over.wait(60)
        yield {"type": "ping"}

    with provider(silent):
        began = time.monotonic()
        with pytest.raises(ModelUnavailable, match=r"sent no token for 0\.5 s"):
            loaded(model_timeout=0.5).invoke(QUESTION)
        assert time.monotonic() - began < 30
        over.set()


def test_an_endless_reply_is_cut_and_hung_up_on(provider: Any) -> None:
    gone = threading.Event()

    def endless(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from list(saying()(body))[:2]
        try:
            for number in range(1_000_000):
                time.sleep(0.001)
                yield {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "text_delta", "text": f"{number} "},
                }
        finally:
            gone.set()

    with provider(endless):
        reply = loaded(model_tokens=20).invoke(QUESTION)
        assert gone.wait(30)
    assert reply.response_metadata["cut"] == "20 tokens"
    assert reply.text.startswith("0 1 2 ")


def test_a_missing_package_is_named() -> None:
    with pytest.raises(MissingExtra) as caught:
        models.load(Settings(model="mistralai:mistral-large-latest"))
    assert caught.value.command == "pip install langchain-mistralai"


@pytest.mark.parametrize("name", models.HOSTED)
def test_every_provider_is_one_that_langchain_knows(name: str) -> None:
    with suppress(ImportError):  # known, and not installed; an unknown one is a ValueError
        init_chat_model("m", model_provider=name, api_key="k", azure_endpoint="https://x", api_version="1")


def test_doctor_says_what_it_is() -> None:
    [there] = [part for part in doctor.examine(Settings(model=MODEL, model_api_key="k")) if part.name == "hosted model"]
    assert there.present
    assert "tools" in there.detail
    [gone] = [part for part in doctor.examine(Settings(model="groq:x")) if part.name == "hosted model"]
    assert not gone.present
    assert gone.cure == "pip install langchain-groq"
