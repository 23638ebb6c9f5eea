"""Random requests against the routes of the real page, on loopback: what answers with a 500, hangs, or leaves a
traceback in the log is a finding. `python benchmarks/fuzz_api.py --requests 20000`; the same `--seed` sends the
same.

Half of the requests are calls as the page makes them with one thing changed, half are made from nothing. Everything is
in a temporary folder of its own. schemathesis was not taken: Gradio has one untyped route for every event, so its
schema says nothing of what the events take.
"""

import argparse
import io
import logging
import socket
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fuzz_requests import Fuzz

from agent import Agent
from ui.app import application

SLOW = 60.0
"""Seconds after which an answer counts as a hang."""


def run(requests: int, seed: int, log: io.StringIO) -> list[str]:
    """What was found; empty is good."""
    with (
        tempfile.TemporaryDirectory(prefix="fuzz-") as root,
        page(Path(root)) as address,
        httpx.Client(base_url=address, timeout=SLOW) as client,
    ):
        return list(dict.fromkeys(attack(client, requests, seed, log)))


def attack(client: httpx.Client, requests: int, seed: int, log: io.StringIO) -> Iterator[str]:
    config = client.get("/config").json()
    kinds = {one["id"]: one["type"] for one in config["components"]}
    events = {one["id"]: [kinds[place] for place in one["inputs"]] for one in config["dependencies"]}
    files = [
        client.post("/gradio_api/upload", files={"files": (name, data)}).json()[0] for name, data in SAMPLES.items()
    ]
    fuzz, codes = Fuzz(seed, events, files), Counter[int]()
    for _ in range(requests):
        before, asked = log.tell(), fuzz.request()
        try:
            answer = client.request(**asked)
            codes[answer.status_code] += 1
            if answer.status_code >= 500:
                yield f"{answer.status_code}: {asked}"
            if asked["url"].endswith("/join") and answer.status_code == 200:
                drain(client, asked["json"].get("session_hash") if "json" in asked else None)
        except httpx.TimeoutException:
            yield f"hang: {asked}"
        except (httpx.InvalidURL, httpx.LocalProtocolError):  # our own client did not let it out
            continue
        except httpx.TransportError as error:
            yield f"broken off: {error}: {asked}"
        written = log.getvalue()[before:]
        if "Traceback" in written:
            yield f"traceback: {written.strip().splitlines()[-1]}: {asked}"
    alive = client.post("/gradio_api/call/ask", json={"data": ["What is Venus?", "fuzz", ""]})
    if alive.status_code != 200:
        yield f"it no longer answers: {alive.status_code}"
    print(f"{fuzz.count} requests from seed {seed}: {dict(sorted(codes.items()))}")


def drain(client: httpx.Client, session: Any) -> None:
    """Waits for what the queue has to say to a session."""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for _ in stream.iter_lines():
            pass


SAMPLES = {
    "venus.md": b"# Venus\n\nVenus is hot.\n",
    "broken.pdf": b"%PDF-1.4 broken",
    "dot.png": bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
    ),
}


@contextmanager
def page(root: Path) -> Iterator[str]:
    """The page over a small corpus, on a free port of loopback."""
    (root / "venus.md").write_bytes(SAMPLES["venus.md"])
    with (
        Agent.from_corpus(root / "venus.md", corpus="fuzz", data_dir=root / "data", readers=1) as agent,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        server = uvicorn.Server(uvicorn.Config(application(agent), log_level="warning", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    log = io.StringIO()
    with redirect_stderr(log):
        logging.getLogger().addHandler(logging.StreamHandler(log))
        found = run(arguments.requests, arguments.seed, log)
    for one in found:
        print(one[:1000])
    print(f"{len(found)} findings")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
