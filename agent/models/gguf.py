"""`gguf:<file>`: an open-weights model in this process, behind llama.cpp's own server (xllamacpp).

The server listens on a loopback port of its own, wants a key made for this run, and ends with the model.
"""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr, SecretStr

from agent.models.served.client import ServedModel
from common.errors import UserError

if TYPE_CHECKING:
    from agent.settings import Settings

PREFIX = "gguf:"
CONTEXT = 8192
"""Tokens for a prompt and its reply, where the settings say nothing: a model trained on fewer gets those."""

BATCH = 256  # tokens of a prompt between two looks at whether somebody still waits
QUIET = -1  # llama.cpp's level of logging


class InProcessModel(ServedModel):
    """A `ServedModel` that holds its server."""

    _server: Any = PrivateAttr(default=None)

    def close(self) -> None:
        """Ends the server, which ends its requests."""
        self._server = None


def load(spec: str, settings: "Settings") -> InProcessModel:
    """The weights into memory. Raises `UserError` when the file is none that llama.cpp reads."""
    path = Path(spec.removeprefix(PREFIX)).expanduser()
    key = secrets.token_urlsafe()
    server = start(path, settings.model_context or CONTEXT, key)
    model = InProcessModel.at(address(server), path.stem, SecretStr(key), settings)
    model._server = server
    return model


def start(path: Path, context: int, key: str = "") -> Any:
    """llama.cpp's server over the weights at `path`, until nobody holds it any more. Raises like `load`."""
    import xllamacpp

    command = "Name a GGUF file with the weights of a chat model: TRIPTYCH_MODEL=gguf:<file>"
    if not path.is_file():
        raise UserError(f"There is no file {path}.", command=command)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = [path.stem]
    params.n_ctx = context
    params.n_batch = params.n_ubatch = BATCH
    params.api_keys = [key] if key else []
    params.cors_origins = ""
    params.ui = False
    params.verbosity = QUIET
    if threads := os.environ.get("OMP_NUM_THREADS"):  # on a busy machine more of them wait for one another
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise UserError(f"{path} cannot be read by llama.cpp: {error}", command=command) from error


def address(server: Any) -> str:
    """Where its OpenAI-compatible API is."""
    return f"{server.listening_address}/v1"
