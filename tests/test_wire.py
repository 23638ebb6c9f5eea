"""The one client that asks servers of models: where a key goes, how much is read, and what is told of the rest."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from common.errors import ModelUnavailable, UserError
from generators.aim import parts
from generators.aim.serving import Server
from generators.core.base import Medium
from generators.images.picture_served import ServedPicture

QUESTION = parts.messages([], Image.new("RGB", (8, 8)), "which?")
PIECE = b"data: " + b"x" * (1 << 16)
Answer = Callable[[BaseHTTPRequestHandler], None]
WAYS = {
    "aim": lambda url: "".join(Server(url, "m", "secret", 5).stream(QUESTION)),
    "converter": lambda url: ServedPicture(url, api_key="secret", timeout=5).convert(Medium.of_text("a moon")),
}


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Its URL, and the headers of what it was asked, by lower-case name."""
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append({name.lower(): value for name, value in self.headers.items()})
            with suppress(ConnectionError):
                answer(self)

        def do_GET(self) -> None:
            asked.append({name.lower(): value for name, value in self.headers.items()})

        def log_message(self, *_words: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
        server.shutdown()


def saying(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest) -> Callable[[str], object]:
    return WAYS[request.param]


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_not_followed(ask: Callable[[str], object], status: int) -> None:
    with answering(saying(200)) as (elsewhere, reached), answering(saying(status, Location=elsewhere)) as (url, asked):
        with pytest.raises(UserError, match=str(status)):
            ask(url)
        assert len(asked) == 1
        assert not reached


def test_what_is_meant_for_openai_is_not_sent(ask: Callable[[str], object], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "private")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with answering(saying(500)) as (url, asked), pytest.raises(ModelUnavailable, match="500"):
        ask(url)
    assert [one["authorization"] for one in asked] == ["Bearer secret"], "asked once"
    assert not any("private" in value for one in asked for value in one.values())


@pytest.mark.parametrize(
    "body", [b"<html>hello</html>", b"", b"data: {broken\n\n", b"data: []\n\n", b'data: {"choices": 3}\n\n']
)
def test_what_is_no_answer_is_told(ask: Callable[[str], object], body: bytes) -> None:
    answer = saying(200, body, **{"Content-Type": "text/event-stream"})
    with answering(answer) as (url, _), pytest.raises(ModelUnavailable, match="something else than was asked for"):
        ask(url)


def test_a_line_without_end_is_not_read_for_ever() -> None:
    sent = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        saying(200, **{"Content-Type": "text/event-stream"})(handler)
        for _ in range(1000):
            handler.wfile.write(PIECE)
            sent.append(len(PIECE))

    too_much = pytest.raises(ModelUnavailable, match="more than 1 MB without a line break")
    with answering(endless) as (url, _), too_much:
        WAYS["aim"](url)
    assert sum(sent) < 32 << 20
