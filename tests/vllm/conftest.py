"""One vLLM server for all its tests, run by the Python of `.venv-vllm` over a model made on the spot."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_models

MOST_WAIT = 240  # seconds until the server must be ready
FLAGS = "--enforce-eager --dtype float32 --host 127.0.0.1 --enable-auto-tool-choice --tool-call-parser hermes"
NO_BLANKS = (
    "--structured-outputs-config",
    '{"backend": "xgrammar", "disable_any_whitespace": true}',
)  # a random model might write them forever
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's `openai:<name>@<url>`."""
    python = os.environ.get("TRIPTYCH_VLLM_PYTHON", "")
    if not python:
        pytest.skip("run make test-vllm")
    folder = tiny_models.write(tmp_path_factory.mktemp("tiny"))
    log = tmp_path_factory.mktemp("vllm") / "server.log"
    port = _free_port()
    command = [
        str(Path(python).absolute()),
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        str(folder),
        "--port",
        str(port),
    ]
    command += [
        "--served-model-name",
        "tiny",
        "--max-model-len",
        str(tiny_models.MAX_TOKENS),
        *FLAGS.split(),
        *NO_BLANKS,
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env=os.environ | ENVIRONMENT,
            cwd=folder,  # not among packages of ours that Python would find first
            start_new_session=True,
        )
    try:
        _wait(server, f"http://127.0.0.1:{port}/health", log)
        yield f"openai:tiny@http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # its workers, and itself if it still runs
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + MOST_WAIT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-60:])
    pytest.fail(f"vLLM did not get ready. The end of its log:\n{tail}", pytrace=False)
