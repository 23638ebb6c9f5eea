"""A vLLM server of our own, for as long as it is measured; vLLM lives in a virtual environment of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from common.errors import ModelUnavailable, UserError

MOST_WAIT = 600  # seconds until it must be ready
FLAGS = "--enforce-eager --dtype float32 --host 127.0.0.1"
LAB = ("--max-model-len", "1024", "--limit-mm-per-prompt", '{"image": 17}')  # 16 to learn from, one asked about
CACHED = "--enable-prefix-caching --mm-processor-cache-gb 0"  # a request reuses prefixes alone
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}


def interpreter() -> Path:
    """The Python that has vLLM: `TRIPTYCH_VLLM_PYTHON`, or that of `.venv-vllm` where `make test-vllm` puts it."""
    named = Path(os.environ.get("TRIPTYCH_VLLM_PYTHON", ".venv-vllm/bin/python")).absolute()
    if not named.is_file():
        raise UserError(
            f"There is no vLLM here: {named} is missing.",
            "Install it with `make .venv-vllm/.installed`, set TRIPTYCH_VLLM_PYTHON, or give --url.",
        )
    return named


@contextlib.contextmanager
def serving(model: Path, name: str, *flags: str) -> Iterator[str]:
    """The URL, ending in /v1, of a server that has `model` under `name`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [str(interpreter()), "-m", "vllm.entrypoints.openai.api_server", "--model", str(model.absolute())]
    command += ["--port", port, "--served-model-name", name, *FLAGS.split(), *flags]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.txt")
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
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)  # its workers, and itself if it still runs
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + MOST_WAIT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise ModelUnavailable(f"vLLM did not get ready. The end of its log:\n{tail}")
