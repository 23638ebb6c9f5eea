"""A chat endpoint that knows no end: it writes for ever, sends everything in one piece, or says nothing at all."""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any, Self

MEGABYTE = b"a" * (1 << 20)


def token(text: str, **delta: object) -> bytes:
    """One chunk of a Chat Completions stream."""
    choice = {"index": 0, "delta": {"content": text, **delta}}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def call(name: str, arguments: str) -> bytes:
    """A chunk that begins a tool call."""
    function = {"name": name, "arguments": arguments}
    return token("", tool_calls=[{"index": 0, "id": "call", "type": "function", "function": function}])


def more_arguments(text: str) -> bytes:
    return token("", tool_calls=[{"index": 0, "function": {"arguments": text}}])


def end(reason: str = "stop") -> bytes:
    choice = {"index": 0, "delta": {}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\ndata: [DONE]\n\n"


def forever(text: str = "word ", pause: float = 0.002) -> Iterator[bytes]:
    for piece in repeat(token(text)):
        yield piece
        time.sleep(pause)


def one_line(megabytes: int) -> Iterator[bytes]:
    """A chunk whose line does not end for this long."""
    yield b'data: {"choices": [{"index": 0, "delta": {"content": "'
    yield from repeat(MEGABYTE, megabytes)
    yield b'"}}]}\n\n'


def hanging() -> Iterator[bytes]:
    """Nothing more, though the line stays open."""
    yield b""
    threading.Event().wait(60)


class Loopback(ThreadingHTTPServer):
    """A chat endpoint on a free port of this machine. `bodies` are those of the requests."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.bodies: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @contextmanager
    def running(self) -> Iterator[Self]:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()


class Endpoint(Loopback):
    """Answers with what `reply` makes of a request's body. `gone` is set when the client has hung up."""

    def __init__(self, reply: Callable[[dict[str, Any]], Iterator[bytes]], status: int = 200, **headers: str) -> None:
        super().__init__(_Handler)
        self.reply, self.headers = reply, headers
        self.statuses: Callable[[dict[str, Any]], int] = lambda body: status
        self.gone = threading.Event()
        self.begun = threading.Event()
        self.sent = 0


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        threading.Thread(target=_watch, args=(self.connection, self.server.gone), daemon=True).start()
        self.server.begun.set()
        try:
            pieces = self.server.reply(body)
            if status := self.server.statuses(body):
                self.send_response(status)
                self.send_header("Content-Type", "text/event-stream" if status == 200 else "application/json")
                for name, value in self.server.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
            for piece in pieces:
                self.wfile.write(piece)
                self.server.sent += len(piece)
        except OSError:
            self.server.gone.set()

    def log_message(self, *args: object) -> None: ...


def _watch(connection: socket.socket, gone: threading.Event) -> None:
    """Sets `gone` as soon as the other side closes, also while nothing is written."""
    try:
        while select.select([connection], [], [])[0] and connection.recv(1, socket.MSG_PEEK):
            time.sleep(0.05)
    except (OSError, ValueError):
        pass
    gone.set()


@contextmanager
def served(reply: Callable[[dict[str, Any]], Iterator[bytes]], status: int = 200, **headers: str) -> Iterator[Endpoint]:
    with Endpoint(reply, status, **headers).running() as server:
        yield server
