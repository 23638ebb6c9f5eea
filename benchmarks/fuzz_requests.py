"""Random requests to the routes of the page: the same seed makes the same ones."""

import json
import random
import string
from typing import Any

import httpx

WORDS = (
    "",
    "x",
    "What is Venus?",
    "plot it",
    "\0",
    "../..",
    "a" * 5000,
    "é\u2028\u202e",
    "<script>",
    "%s%n",
    "fuzz",
    "🙂" * 50,
)
NUMBERS = (0, -1, 1, 0.5, 1e308, -0.0, 2**31, 2**63, 10**400)
EVENT_DATA = (
    None,
    {},
    {"index": 0},
    {"index": [0, 1], "value": "x"},
    {"cite": "0-1"},
    {"cite": "9-9"},
    {"value": {"text": "hi"}},
)


class Fuzz:
    """Makes requests from a seed. `events` are, for each event of the page, the types of its inputs."""

    def __init__(self, seed: int, events: dict[int, list[str]], files: list[str]) -> None:
        self.random, self.events, self.files = random.Random(seed), events, files
        self.count = 0

    def value(self, depth: int = 0) -> Any:
        """Any JSON."""
        pick = self.random.randrange(9 if depth < 4 else 6)
        if pick >= 7:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        if pick == 6:
            return {
                self.random.choice(("path", "text", "files", "value", "meta", "x")): self.value(depth + 1)
                for _ in range(3)
            }
        return (None, True, self.number(), self.number(), self.words(), self.file())[pick]

    def number(self) -> float:
        return self.random.choice(NUMBERS)

    def words(self) -> str:
        if self.random.random() < 0.7:
            return self.random.choice(WORDS)
        return "".join(self.random.choices(string.printable + "äß中\ufeff\u0085", k=self.random.randrange(60)))

    def file(self) -> Any:
        path = self.random.choice((*self.files, "/etc/passwd", "http://192.0.2.1/x", "", "x" * 300, "\0"))
        return {"path": path, "orig_name": self.words(), "size": self.number(), "meta": {"_type": "gradio.FileData"}}

    def fitting(self, kind: str) -> Any:
        """A value of an input of this type, as the page would send it."""
        own = {"path": self.random.choice(self.files), "meta": {"_type": "gradio.FileData"}}
        return {
            "multimodaltextbox": {"text": self.random.choice(WORDS), "files": [own][: self.random.randrange(2)]},
            "file": self.random.choice((None, own, [own])),
            "dropdown": self.random.choice(("fuzz", "balanced", "", None)),
            "number": self.random.choice((1, 3, None)),
            "state": None,
        }.get(kind, self.random.choice(WORDS))

    def call(self) -> dict[str, Any]:
        """A click, most of the time with something wrong."""
        fn_index = self.random.choice(list(self.events))
        data = [self.fitting(kind) for kind in self.events[fn_index]]
        body = {"data": data, "fn_index": fn_index, "session_hash": f"f{self.count}", "trigger_id": None}
        body["event_data"] = self.random.choice(EVENT_DATA)
        place = self.random.randrange(6)
        if place < 3 and data:
            data[self.random.randrange(len(data))] = self.value()
        elif place == 3:
            body[self.random.choice(list(body))] = self.value()
        elif place == 4:
            del body[self.random.choice(list(body))]
        return body

    def request(self) -> dict[str, Any]:
        """Arguments of `httpx.Client.request`."""
        self.count += 1
        session, event = f"f{self.random.randrange(self.count)}", self.words() or "x"
        pick = self.random.randrange(10)
        if pick < 5:
            return {"method": "POST", "url": "/gradio_api/queue/join", "json": self.call()}
        if pick == 5:
            return {"method": "POST", "url": "/gradio_api/call/ask", "json": {"data": self.value()}}
        if pick == 6:
            return {
                "method": "POST",
                "url": "/gradio_api/cancel",
                "json": self.random.choice((self.value(), {"session_hash": session, "fn_index": 1, "event_id": event})),
            }
        if pick == 7:
            return {"method": "POST", "url": "/gradio_api/upload", **self.upload()}
        if pick == 8:
            return {
                "method": self.random.choice(("GET", "HEAD", "POST", "PUT", "OPTIONS")),
                **self.page(session, event),
            }
        body = bytearray(json.dumps(self.call(), allow_nan=True).encode())
        for _ in range(self.random.randrange(1, 6)):
            body[self.random.randrange(len(body))] = self.random.randrange(256)
        url = self.random.choice(("/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/reset"))
        return {"method": "POST", "url": url, "content": bytes(body), "headers": {"content-type": "application/json"}}

    def upload(self) -> dict[str, Any]:
        content, name = self.random.randbytes(self.random.randrange(2000)), self.words() or "x"
        if self.random.random() < 0.3:
            kind = self.random.choice(
                (
                    "multipart/form-data",
                    "multipart/form-data; boundary=",
                    "text/plain",
                    "multipart/form-data; boundary=x",
                )
            )
            return {"content": b"--x\r\n" + content, "headers": {"content-type": kind}}
        field = self.random.choice(("files", "file", "x"))
        return {"files": {field: (name, content)}, "params": {"upload_id": self.random.choice((None, "u", ""))}}

    def page(self, session: str, event: str) -> dict[str, Any]:
        paths = (
            "/",
            "/config",
            "/gradio_api/info",
            "/gradio_api/file={}",
            "/assets/{}",
            "/static/{}",
            "/svelte/{}",
            "/theme.css",
            "/{}",
            "/gradio_api/startup-events",
            "/gradio_api/call/ask/{}",
            "/manifest.json",
            "/login",
            "/logout",
            "/favicon.ico",
        )
        url = self.random.choice(paths).replace(
            "{}", httpx.QueryParams({"": event + self.random.choice(("", *self.files))}).__str__()[1:]
        )
        headers = (
            {"x-forwarded-proto": self.random.choice(("https", "http", "x"))} if self.random.random() < 0.2 else {}
        )
        return {"url": url, "params": {"page": self.words(), "deep_link": session, "x": event}, "headers": headers}
