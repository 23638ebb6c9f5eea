"""What tests of speech share: an endpoint that hears the same in every recording, and a browser that is spoken to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from web import ARGUMENTS, CHROMIUM

SAID = "How many known moons does Saturn have?"


class Listener(BaseHTTPRequestHandler):
    """/v1/audio/transcriptions."""

    said = SAID

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"text": f" {self.said} "}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def listening(said: str = SAID) -> Iterator[dict[str, dict[str, str]]]:
    """The setting `converters` that names it while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Says", (Listener,), {"said": said}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield {"transcript-served": {"base_url": f"http://127.0.0.1:{server.server_address[1]}/v1"}}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def speaking(recording: Path, **context: Any) -> Iterator[Any]:
    """A visitor whose microphone plays this file, again and again."""
    from playwright.sync_api import sync_playwright

    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, *fake])
        visitor = browser.new_context(**context)
        visitor.set_default_timeout(60_000)
        yield visitor
        browser.close()
