"""Settings that fit a small model on a small machine, in one table, and what tells that a model is small.

A small model calls no tools reliably, reads some fifty tokens a second on a laptop, and answers best from one good
page.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from agent.models.abilities import Abilities
from agent.models.served.abilities import described
from agent.models.served.json_requests import Unreachable
from agent.models.served.places import is_served, name_and_url

if TYPE_CHECKING:
    from agent.settings import Settings

SMALL: Mapping[str, Any] = MappingProxyType(
    {
        "router": "switch",
        "model_images": 0,
        "top_k": 4,
        "judged": 1,
        "model_tokens": 512,
        "model_timeout": 300.0,
        "model_pause": 120.0,
    }
)
FEW_PARAMETERS = 4_000_000_000
SHORT_CONTEXT = 4096  # tokens
TOO_FEW_TO_JUDGE = 1_000_000_000
"""SmolLM2-135M finds every page irrelevant; Qwen2.5-Coder-1.5B judges."""

BITS = 5  # of a parameter in a GGUF file, as most are quantised
NAMED = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(b|m)(?![a-z])", re.IGNORECASE)  # "1.5b" of qwen2.5-coder:1.5b
UNITS = {"b": 1e9, "m": 1e6}


def fitted(settings: "Settings") -> "Settings":
    """The settings with those of the model's profile where nothing else was set.

    `auto` asks the server what it serves; while it does not answer, the model's name has to do.
    """
    known = _known(settings)
    known = replace(known, context=settings.model_context or known.context)
    small = settings.model_profile == "small" or (settings.model_profile == "auto" and is_small(settings.model, known))
    values = dict(SMALL) if small else {}
    if not known.logprobs or (known.parameters or TOO_FEW_TO_JUDGE) < TOO_FEW_TO_JUDGE:
        values.pop("judged", None)
    if known.images is False:
        values["model_images"] = 0
    unset = {name: value for name, value in values.items() if name not in settings.model_fields_set}
    return settings.model_copy(update=unset) if unset else settings


def is_small(spec: str, known: Abilities) -> bool:
    """By what is known of it, else by its name."""
    if known.context and known.context <= SHORT_CONTEXT:
        return True
    parameters = known.parameters or (_named(spec) if is_served(spec) else None)
    return parameters is not None and parameters < FEW_PARAMETERS


def described_by(settings: "Settings", fitting: "Settings") -> str:
    """The profile in force, in words: what `fitting` has changed in `settings`."""
    changed = {name: getattr(fitting, name) for name in SMALL if getattr(fitting, name) != getattr(settings, name)}
    return ", ".join(f"{name} {value}" for name, value in changed.items()) or "nothing changed"


def _known(settings: "Settings") -> Abilities:
    if settings.model.startswith("gguf:"):
        return _of_file(Path(settings.model.removeprefix("gguf:")).expanduser())
    if not is_served(settings.model):
        return Abilities()
    name, url = name_and_url(settings.model)
    try:
        return described(url, name, settings.model_api_key.get_secret_value())
    except Unreachable:
        return Abilities()


def _of_file(path: Path) -> Abilities:
    """Without loading it."""
    size = path.stat().st_size if path.is_file() else 0
    return Abilities(schema=True, images=False, logprobs=True, parameters=size * 8 // BITS)


def _named(spec: str) -> float | None:
    name, _ = name_and_url(spec)
    return max((float(number) * UNITS[unit.lower()] for number, unit in NAMED.findall(name)), default=None)
