"""Models other than the embedded one: in process, and behind an endpoint that misbehaves in every way it can."""

import base64
import io
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tiny_models
from langchain_core.messages import HumanMessage, SystemMessage
from PIL import Image

from agent import Agent, Settings, models
from agent.models import hf
from common.errors import ModelUnavailable, UserError

PATIENCE = 0.5  # seconds, with an endpoint that stays silent; every other is given what a busy machine may need
BOUND = 60.0  # seconds, generous: a hang is what it must tell from an answer
TOKEN = b'data: {"choices": [{"index": 0, "delta": {"content": "hi"}}]}\n\n'
END = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.write(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def local(tiny: Path) -> hf.LocalModel:
    return hf.load(f"hf:{tiny}", Settings(model_tokens=24))


def picture(color: str) -> dict[str, object]:
    data = io.BytesIO()
    Image.new("RGB", (50, 40), color).save(data, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def test_local_model_streams_what_transformers_generates(local: hf.LocalModel) -> None:
    messages = [SystemMessage("Be brief."), HumanMessage("hello")]
    pieces = [chunk.text for chunk in local.stream(messages)]
    assert len(pieces) > 2
    prompt = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
    inputs = local.reader.tokenizer(prompt, return_tensors="pt")
    tokens = local.network.generate(**inputs, do_sample=False, max_new_tokens=24)
    written = local.reader.tokenizer.decode(tokens[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    assert "".join(pieces) == written


def test_local_model_sees_the_pictures(local: hf.LocalModel) -> None:
    def said(color: str) -> str:
        return local.invoke([HumanMessage([{"type": "text", "text": "hello"}, picture(color)])]).text

    assert said("red") == said("red")
    assert len({said("red"), said("blue"), local.invoke("hello").text}) == 3


def test_local_model_stops_when_nobody_listens(tiny: Path) -> None:
    endless = hf.load(f"hf:{tiny}", Settings(model_tokens=10**6))
    before = set(threading.enumerate())
    stream = endless.stream("hello")
    next(stream)
    (writer,) = set(threading.enumerate()) - before
    stream.close()
    writer.join(BOUND)
    assert not writer.is_alive()


def test_local_model_says_that_the_question_is_too_long(local: hf.LocalModel) -> None:
    with pytest.raises(ModelUnavailable, match=f"reads {tiny_models.MAX_TOKENS}.*TOP_K"):
        local.invoke("a" * tiny_models.MAX_TOKENS)


def test_missing_model_folder_is_the_users_to_fix(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing here.* cannot be loaded.*safetensors"):
        models.load(Settings(model=f"hf:{tmp_path}/nothing here"))


def test_pickled_weights_are_not_read(tiny: Path, tmp_path: Path) -> None:
    for path in tiny.iterdir():
        (tmp_path / path.name.replace("model.safetensors", "pytorch_model.bin")).write_bytes(path.read_bytes())
    with pytest.raises(UserError, match="cannot be loaded"):
        models.load(Settings(model=f"hf:{tmp_path}"))


class Endpoint(ThreadingHTTPServer):
    """Answers every request with `status` and `pieces`, then keeps the line open with comments while `silent`."""

    daemon_threads = True

    def __init__(self, status: int = 200, pieces: tuple[bytes, ...] = (), silent: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.pieces, self.silent = status, pieces, silent
        self.closed = threading.Event()
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        self.server.requests += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/event-stream" if self.server.status == 200 else "application/json")
        self.end_headers()
        for piece in self.server.pieces:
            self.wfile.write(piece)
        try:
            while self.server.silent and not self.server.closed.wait(PATIENCE / 5):
                self.wfile.write(b": keep-alive\n\n")
        except OSError:
            pass  # the client has gone

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    server = Endpoint(**request.param)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.closed.set()
    server.shutdown()
    server.server_close()
    thread.join()


def ask(url: str, timeout: float = BOUND, pause: float = BOUND) -> list[str]:
    model = models.load(Settings(model=f"openai:x@{url}", model_timeout=timeout, model_pause=pause))
    return [chunk.text for chunk in model.stream("hello")]


@pytest.mark.parametrize("endpoint", [{"pieces": (TOKEN, TOKEN, END)}], indirect=True)
def test_served_model_streams(endpoint: Endpoint) -> None:
    assert [text for text in ask(endpoint.url) if text] == ["hi", "hi"]


TROUBLE = {
    "silent": ({"silent": True}, "sent no token .*TRIPTYCH_MODEL_TIMEOUT"),
    "falls silent": ({"pieces": (TOKEN,), "silent": True}, "fell silent .*TRIPTYCH_MODEL_PAUSE"),
    "breaks off": ({"pieces": (TOKEN,)}, "broke off"),
    "crashes": ({"status": 500, "pieces": (b'{"error": {"message": "out of memory"}}',)}, r"error \(500\).*Ask again"),
    "reports": ({"pieces": (b'data: {"error": {"message": "out of memory"}}\n\n',)}, "an error.*Ask again"),
    "wants a key": ({"status": 401, "pieces": (b"{}",)}, r"\(401\).*TRIPTYCH_MODEL_API_KEY"),
    "lacks the model": ({"status": 404, "pieces": (b"{}",)}, r"\(404\).*Check the name and the URL"),
    "no tools": (
        {"status": 400, "pieces": (b'{"error": {"message": "auto tool choice requires a flag"}}',)},
        r"\(400\).*TRIPTYCH_ROUTER=switch",
    ),
    "a web page": ({"pieces": (b"<html>Welcome</html>",)}, "no chat completion"),
    "no JSON": ({"pieces": (b"data: {oops\n\n",)}, "no chat completion"),
    "other JSON": ({"pieces": (b"data: [1, 2]\n\n",)}, "no chat completion"),
    "no text": ({"pieces": (b"data: \xff\xfe\n\n",)}, "no chat completion"),
    "nothing": ({}, "no chat completion"),
}


@pytest.mark.parametrize(("endpoint", "said"), TROUBLE.values(), ids=list(TROUBLE), indirect=["endpoint"])
def test_trouble_with_the_endpoint_is_said(endpoint: Endpoint, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its address and its own words are for whoever runs it: they stand in the log, once."""
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match=said) as caught:
        ask(
            endpoint.url,
            timeout=PATIENCE if endpoint.silent and not endpoint.pieces else BOUND,
            pause=PATIENCE if endpoint.silent else BOUND,
        )
    assert "http" not in str(caught.value)
    assert "out of memory" not in str(caught.value)
    assert caplog.text.count(endpoint.url) == 1
    assert ("out of memory" in caplog.text) == (b"out of memory" in b"".join(endpoint.pieces))
    assert time.monotonic() - began < BOUND
    assert endpoint.requests == 1, "asked again"


@pytest.fixture
def nobody() -> str:
    """The address of a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def test_endpoint_that_is_down_is_said(nobody: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"cannot be reached.*Start the server"):
        ask(nobody)


@pytest.mark.parametrize("spec", ["openai:", "openai:x", "openai:x@localhost:8000", "openai:@http://localhost/v1"])
def test_bad_specification_is_explained(spec: str) -> None:
    with pytest.raises(UserError, match=r"openai:<name>@<url>"):
        models.load(Settings(model=spec))


def test_agent_answers_from_the_documents_when_the_endpoint_is_down(nobody: str, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Lighthouse\n\nThe lighthouse keeper is called Ottilie Brandt.\n")
    settings = {"model": f"openai:x@{nobody}", "data_dir": tmp_path / "data"}
    with Agent.from_corpus(note, **settings) as agent:
        answer = agent.ask("What is the lighthouse keeper called?")
    assert "Ottilie Brandt" in answer.text
    assert answer.citations
    assert answer.model == "extractive"
    assert any("cannot be reached" in notice for notice in answer.notices)
