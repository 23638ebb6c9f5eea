"""Many conversations at once, through the page's own API.

    python benchmarks/page_load.py [--visitors 20] [--seconds 60]

Serves the sample corpus in a process of its own. Each question is first asked alone, then by every visitor in a
conversation of their own, one after the other, as long as it lasts. Prints errors, answers that differ from those given
alone (which would be another visitor's), how many were told their place while they waited, seconds to the answer, and
answers for each CPU second of the server.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import httpx
import psutil

ROOT = Path(__file__).parents[1]
CORPUS = "sample"


@dataclass
class Asked:
    """What one visitor met."""

    seconds: list[float] = field(default_factory=list)
    placed: int = 0  # questions that were told a place
    errors: list[str] = field(default_factory=list)
    others: int = 0  # answers that differ from the one given alone


@contextmanager
def serving() -> Iterator[tuple[str, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command, where = [sys.executable, "-m", "ui.cli"], ["--corpus", CORPUS, "--data-dir", folder]
        subprocess.run([*command, "ingest", str(ROOT / "examples/corpus"), *where], cwd=ROOT, check=True)
        server = subprocess.Popen([*command, "serve", *where, "--port", str(port), "--no-browser"], cwd=ROOT)
        try:
            yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait()


def ask(client: httpx.Client, function: int, question: str, conversation: str) -> tuple[str, bool]:
    """The answer's text, and whether a place was told before it. Raises `RuntimeError` for an error."""
    session, placed = uuid4().hex, False
    body = {"data": [question, CORPUS, conversation], "fn_index": function, "session_hash": session}
    client.post("/gradio_api/queue/join", json=body).raise_for_status()
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            event: dict[str, Any] = json.loads(line[6:]) if line.startswith("data: ") else {}
            placed |= event.get("msg") == "estimation" and event.get("rank") is not None
            if event.get("msg") == "process_completed":
                if not event["success"]:
                    raise RuntimeError(str(event["output"]))
                return str(event["output"]["data"][0]["text"]), placed
    raise RuntimeError("the stream ended without an answer")


def function_of(client: httpx.Client) -> int:
    """The number of the page's API "ask"."""
    config = client.get("/config").json()
    return next(int(one["id"]) for one in config["dependencies"] if one["api_name"] == "ask")


def visit(address: str, function: int, questions: list[str], alone: dict[str, str], first: int, end: float) -> Asked:
    asked = Asked()
    with httpx.Client(base_url=address, timeout=300) as client:
        while time.monotonic() < end:
            question = questions[(first + len(asked.seconds)) % len(questions)]
            began = time.monotonic()
            try:  # a conversation of its own: what was said before would belong to the question
                text, placed = ask(client, function, question, uuid4().hex)
            except (RuntimeError, httpx.HTTPError) as error:
                asked.errors.append(str(error))
                continue
            asked.seconds.append(time.monotonic() - began)
            asked.placed += placed
            asked.others += text != alone[question]
    return asked


def ready(client: httpx.Client) -> None:
    """Waits until it answers."""
    for _ in range(600):
        with suppress(httpx.HTTPError):
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        time.sleep(0.5)
    raise SystemExit("The server does not get ready.")


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main(visitors: int, seconds: float) -> None:
    questions = [one["question"] for one in json.loads((ROOT / "examples/questions.json").read_text(encoding="utf-8"))]
    with serving() as (address, process), httpx.Client(base_url=address, timeout=300) as client:
        ready(client)
        function = function_of(client)
        ask(client, function, questions[0], uuid4().hex)  # the first waits for the models
        before, began = spent(process), time.monotonic()
        alone = {question: ask(client, function, question, uuid4().hex)[0] for question in questions}
        one = (spent(process) - before) / len(questions)
        print(f"alone: {(time.monotonic() - began) / len(questions):.2f} s and {one:.2f} CPU s an answer")
        before, end = spent(process), time.monotonic() + seconds
        with ThreadPoolExecutor(visitors) as pool:
            work = [pool.submit(visit, address, function, questions, alone, place, end) for place in range(visitors)]
            found = [one.result() for one in work]
        used = spent(process) - before
    took = sorted(second for one in found for second in one.seconds)
    middle = quantiles(took, n=20)
    errors = [error for one in found for error in one.errors]
    print(f"{visitors} at once for {seconds:.0f} s: {len(took)} answers, {len(errors)} errors, ", end="")
    print(f"{sum(one.others for one in found)} that differ, {sum(one.placed for one in found)} told their place")
    print(
        f"seconds to the answer: p50 {middle[9]:.1f}, p95 {middle[18]:.1f}; {len(took) / used:.2f} answers a CPU second"
    )
    for error in set(errors):
        print(error)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    main(options.visitors, options.seconds)
