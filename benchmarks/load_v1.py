"""Fifty conversations at once through `/v1`, against a double of a language model:

    python benchmarks/load_v1.py --conversations 50 --seconds 300

Each asks about a lighthouse of its own, again and again, with all that was said before. Counted are errors and words of
another conversation in an answer; measured are the seconds to the first event and to the first words, and the memory of
the server. The double writes the name that stands in the question, ten pieces in half a second.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from threading import Thread

import httpx
import numpy as np

NAME = re.compile(r"Light\d{3}")
KEPT = 6  # messages that a conversation goes on from


class Double(BaseHTTPRequestHandler):
    """Chat Completions: whatever is asked, it writes the name that was asked about last."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        last = str(body["messages"][-1]["content"])
        asked = NAME.findall(last.rpartition("Question")[2]) or NAME.findall(last)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        name = asked[-1] if asked else "Nobody"
        for piece in [name, *["has", "many", "steps.", "More", "are", "being", "built,", "slowly"], "[1]."]:
            time.sleep(0.05)
            delta = {"choices": [{"index": 0, "delta": {"content": f"{piece} "}, "finish_reason": None}]}
            self.wfile.write(f"data: {json.dumps(delta)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *args: object) -> None: ...


@dataclass
class Measured:
    errors: list[str] = field(default_factory=list)
    crossed: int = 0
    first_event: list[float] = field(default_factory=list)
    first_words: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)  # MB, once a second

    def to_dict(self) -> dict[str, object]:
        def p(times: list[float]) -> dict[str, float]:
            return {f"p{share}": round(float(np.percentile(times, share)), 3) for share in (50, 95, 99) if times}

        memory = {"by_minute": self.memory[::60], "at_the_end": self.memory[-1], "most": max(self.memory)}
        times = {name: p(getattr(self, name)) for name in ("first_event", "first_words", "whole")}
        counted = {"answers": len(self.whole), "errors": len(self.errors), "crossed": self.crossed}
        return counted | {"seconds": times, "memory_mb": memory, "first_errors": self.errors[:3]}


@contextmanager
def running(root: Path, conversations: int) -> Iterator[tuple[str, int]]:
    """The address of a server over the lighthouses, and its process id."""
    documents = root / "documents"
    documents.mkdir()
    for number in range(conversations):
        text = f"# Light{number:03}\n\nThe lighthouse Light{number:03} has {100 + number} steps.\n"
        (documents / f"light-{number:03}.md").write_text(text)
    double = ThreadingHTTPServer(("127.0.0.1", 0), Double)
    Thread(target=double.serve_forever, daemon=True).start()
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {"DATA_DIR": str(root / "data"), "MODEL": f"openai:double@http://127.0.0.1:{double.server_port}/v1"}
    own |= {"ROUTER": "switch", "AT_ONCE": str(conversations)}
    environment = os.environ | {f"TRIPTYCH_{name}": value for name, value in own.items()}
    command = [sys.executable, "-m", "ui.cli", "serve", "--no-browser", "--port", str(port)]
    command += ["--corpus", "lights", "--corpus-from", str(documents)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, conversations)
            yield address, server.pid
        finally:
            server.terminate()


def _wait(address: str, documents: int) -> None:
    """Until all of them have been read."""
    last = time.monotonic() + 300
    while time.monotonic() < last:
        time.sleep(1)
        try:
            store = httpx.get(f"{address}/v1/vector_stores/lights", timeout=30).json()
        except httpx.HTTPError:
            continue
        if store.get("file_counts", {}).get("completed") == documents:
            return
    raise TimeoutError("The server did not read its documents in five minutes.")


async def converse(client: httpx.AsyncClient, number: int, until: float, measured: Measured) -> None:
    name, said = f"Light{number:03}", list[dict[str, str]]()
    while time.monotonic() < until:
        said.append({"role": "user", "content": f"How many steps does the lighthouse {name} have?"})
        begun, first, words = time.monotonic(), 0.0, ""
        body = {"model": "lights", "stream": True, "messages": said[-KEPT:]}
        try:
            async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
                async for line in answer.aiter_lines():
                    if not line.startswith("data: {"):
                        continue
                    if not first:
                        first = time.monotonic() - begun
                        measured.first_event.append(first)
                    event = json.loads(line[6:])
                    if "error" in event:
                        measured.errors.append(event["error"]["message"])
                    new = "".join(choice["delta"].get("content") or "" for choice in event.get("choices", ()))
                    if new and not words:
                        measured.first_words.append(time.monotonic() - begun)
                    words += new
            if answer.status_code != 200:
                measured.errors.append(str(answer.status_code))
        except httpx.HTTPError as error:
            measured.errors.append(repr(error))
        measured.whole.append(time.monotonic() - begun)
        measured.crossed += set(NAME.findall(words)) != {name}
        said.append({"role": "assistant", "content": words})


async def load(address: str, pid: int, conversations: int, seconds: float) -> Measured:
    measured, until = Measured(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=conversations)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        work = [asyncio.create_task(converse(client, number, until, measured)) for number in range(conversations)]
        while time.monotonic() < until:
            measured.memory.append(_memory(pid))
            await asyncio.sleep(1)
        await asyncio.gather(*work)
    return measured


def _memory(pid: int) -> int:
    """MB that it holds (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024  # type: ignore[index]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder, running(Path(folder), arguments.conversations) as (address, pid):
        done = asyncio.run(load(address, pid, arguments.conversations, arguments.seconds))
    print(json.dumps(done.to_dict(), indent=1))


if __name__ == "__main__":
    main()
