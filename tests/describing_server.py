"""A server that says what the models it serves can do, as real ones do: JSON by path, and a chat that is scripted."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from endless_endpoint import Loopback, end, token

Pages = Mapping[str, Any]


class Server(Loopback):
    def __init__(self, pages: Pages, reply: Callable[[dict[str, Any]], Iterator[bytes]]) -> None:
        super().__init__(_Handler)
        self.pages, self.reply = pages, reply
        self.redirect = ""
        self.drips = False
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self._page(self.path.partition("?")[0])

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/chat/completions"):
            self.server.asked.append(self.path)
            self._page(self.path)
            return
        self.server.bodies.append(body)
        pieces = b"".join(self.server.reply(body))
        self._send(200 if pieces else 400, "text/event-stream", pieces or b'{"error": {"message": "refused"}}')

    def _page(self, path: str) -> None:
        if self.server.redirect:
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
            return
        if self.server.drips:
            self._drip()
            return
        page = self.server.pages.get(path)
        self._send(404 if page is None else 200, "application/json", json.dumps(page).encode())

    def _send(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _drip(self) -> None:
        """A blank now and then, for ever."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b" ")
                time.sleep(0.1)

    def log_message(self, *args: object) -> None: ...


def hello(body: dict[str, Any]) -> Iterator[bytes]:
    yield from [token("hello"), end()]


@contextmanager
def describing(pages: Pages, reply: Callable[[dict[str, Any]], Iterator[bytes]] = hello) -> Iterator[Server]:
    with Server(pages, reply).running() as server:
        yield server


def listing(name: str, owner: str, **more: Any) -> dict[str, Any]:
    return {"/v1/models": {"object": "list", "data": [{"id": name, "owned_by": owner, **more}, {"id": "other"}]}}
