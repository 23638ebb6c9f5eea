"""An endpoint that takes Chat Completions and keeps what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class Endpoint(BaseHTTPRequestHandler):
    """Speaks enough of the protocol; `root` is the folder it says it serves, `refusal` what it answers 400 with."""

    root: ClassVar[str] = ""
    refusal: ClassVar[str] = ""
    bodies: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        self._reply(200, json.dumps({"data": [{"id": "lab", "root": type(self).root}]}))

    def do_POST(self) -> None:
        type(self).bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if type(self).refusal:
            return self._reply(400, json.dumps({"error": {"message": type(self).refusal}}))
        chunks = [{"choices": [{"delta": {"content": piece}}]} for piece in (" ap", "ple")]
        return self._reply(200, "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n")

    def log_message(self, *_words: Any) -> None:
        pass

    def _reply(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def listening(root: str) -> Iterator[str]:
    """Its URL, ending in /v1. It says that it serves the model "lab" from the folder `root`."""
    Endpoint.root, Endpoint.refusal, Endpoint.bodies = root, "", []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
