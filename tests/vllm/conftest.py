"""One vLLM server for all its tests, run by the Python of `.venv-vllm` over a model made on the spot."""

import os
from collections.abc import Iterator

import pytest
import tiny_models

from evals.aim import vllm

TOOLS = ("--enable-auto-tool-choice", "--tool-call-parser", "hermes")
NO_BLANKS = (
    "--structured-outputs-config",
    '{"backend": "xgrammar", "disable_any_whitespace": true}',
)  # a random model might write them forever


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's `openai:<name>@<url>`."""
    if not os.environ.get("TRIPTYCH_VLLM_PYTHON"):
        pytest.skip("run make test-vllm")
    folder = tiny_models.write(tmp_path_factory.mktemp("tiny"))
    with vllm.serving(folder, "tiny", "--max-model-len", str(tiny_models.MAX_TOKENS), *TOOLS, *NO_BLANKS) as url:
        yield f"openai:tiny@{url}"
