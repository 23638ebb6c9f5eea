"""Where served models are: `openai:<name>@<url>`, and by name alone at the usual ports of this machine."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent.models.served.abilities import listed
from agent.models.served.json_requests import Unreachable
from common.errors import UserError

SPEC = re.compile(r"openai:(?P<name>.+?)@(?P<url>https?://\S+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of server, and where it listens unless it is told otherwise."""

    title: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


PLACES: Mapping[str, Place] = {
    "ollama": Place("Ollama", 11434),
    "lmstudio": Place("LM Studio", 1234),
    "llamacpp": Place("llama.cpp", 8080),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that is served on this machine. `spec` is what TRIPTYCH_MODEL would name it."""

    title: str
    spec: str


def is_served(spec: str) -> bool:
    return spec.partition(":")[0] in {"openai", *PLACES}


def name_and_url(spec: str) -> tuple[str, str]:
    """The model and the endpoint that `spec` names. Raises `UserError` when it names none."""
    kind, _, name = spec.partition(":")
    if kind in PLACES and name:
        return name, PLACES[kind].url
    if match := SPEC.fullmatch(spec):
        return match["name"], match["url"]
    raise UserError(
        f"{spec!r} does not name a served model.",
        f"Write {', '.join(f'{place}:<name>' for place in PLACES)}, or openai:<name>@<url>, for example "
        "openai:my-model@http://127.0.0.1:8000/v1",
    )


def is_reached(spec: str, key: str) -> bool:
    """Whether the server of a model answers, soon; what is not served is always there.

    Raises as `name_and_url` does.
    """
    if not is_served(spec):
        return True
    try:
        listed(name_and_url(spec)[1], key)
    except Unreachable:
        return False
    return True


def offers() -> list[Offer]:
    """The models that servers at their usual ports of this machine list. Nothing else is contacted."""
    with ThreadPoolExecutor(len(PLACES)) as pool:
        return [offer for found in pool.map(_offered, PLACES) for offer in found]


def _offered(kind: str) -> list[Offer]:
    return list(_listed(kind))


def _listed(kind: str) -> Iterator[Offer]:
    place = PLACES[kind]
    try:
        names = [entry["id"] for entry in listed(place.url, "")]
    except Unreachable:
        return
    for name in names:
        yield Offer(place.title, f"{kind}:{name}")
