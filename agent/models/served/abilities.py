"""What servers say of the models they serve: one request to `/models`, and one to the server's own description.

The OpenAI API names models and nothing more, so each server has its own place to ask. Who serves is told by
`owned_by`. Whatever is not said stays unknown.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from agent.models.abilities import Abilities
from agent.models.served.json_requests import Unreachable, get_json

CONTEXT = (
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
)  # vLLM and TGI, OpenRouter, Groq, Mistral
FEWEST = 256  # tokens of a context that leaves room for a question
OLLAMA_CONTEXT = 4096
"""Ollama's own default; it cuts longer prompts without a word."""

Ask = Callable[[str, Mapping[str, Any] | None], Any]
"""A path below the server's root, and what is posted to it: the JSON that comes back."""


def listed(url: str, key: str) -> list[dict[str, Any]]:
    """What `<url>/models` lists. Raises `Unreachable`."""
    answer = get_json(f"{url.rstrip('/')}/models", _bearer(key))
    entries = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise Unreachable("it lists no models")
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def described(url: str, name: str, key: str) -> Abilities:
    """What the server at `url` (ending in `/v1`) says of its model `name`. Raises `Unreachable`."""
    entry = next((one for one in listed(url, key) if one["id"] == name), {})
    root = url.rstrip("/").removesuffix("/v1")
    more = SERVERS.get(str(entry.get("owned_by", "")))
    known = _listing(entry)
    if more is not None:
        with suppress(Unreachable, KeyError, TypeError, ValueError, AttributeError):  # older, or another of that name
            known = more(partial(_asked, root, key), name, entry)
    return replace(known, context=_count(known.context), parameters=_count(known.parameters))


def _asked(root: str, key: str, path: str, body: Mapping[str, Any] | None) -> Any:
    return get_json(root + path, _bearer(key), body)


def _count(value: object) -> int | None:
    """A stranger's number, if it is one that tokens or weights can have."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= FEWEST else None


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _listing(entry: Mapping[str, Any]) -> Abilities:
    """What hosted APIs and vLLM write into the list itself."""
    context = next((entry[field] for field in CONTEXT if isinstance(entry.get(field), int)), None)
    taken = entry.get("supported_parameters")  # OpenRouter
    offers = set(taken) if isinstance(taken, list) else None
    seen = entry.get("architecture")
    modalities = seen.get("input_modalities") if isinstance(seen, dict) else None
    return Abilities(
        tools=None if offers is None else "tools" in offers,
        schema=None if offers is None else "structured_outputs" in offers,
        logprobs=None if offers is None else "logprobs" in offers,
        images="image" in modalities if isinstance(modalities, list) else None,
        context=context,
    )


def _llama_cpp(ask: Ask, name: str, entry: Mapping[str, Any]) -> Abilities:
    """https://github.com/ggml-org/llama.cpp/tree/master/tools/server, GET /props: `n_ctx` is that of one slot."""
    props = ask(f"/props?model={quote(name, safe='')}", None)
    return Abilities(
        tools=bool(props["chat_template_caps"]["supports_tools"]),
        schema=True,
        images=bool(props["modalities"]["vision"]),
        logprobs=True,
        context=int(props["default_generation_settings"]["n_ctx"]),
        parameters=entry.get("meta", {}).get("n_params"),
    )


def _ollama(ask: Ask, name: str, entry: Mapping[str, Any]) -> Abilities:
    """https://docs.ollama.com/api, POST /api/show and GET /api/ps. The context is that of the loaded model, else what
    its file sets, else the default: never what the weights could read, since the server gives it no room for that."""
    shown = ask("/api/show", {"model": name})
    able = shown["capabilities"]
    loaded = [
        one.get("context_length") for one in ask("/api/ps", None)["models"] if name in (one["name"], one["model"])
    ]
    set_to = re.search(r"^num_ctx\s+(\d+)", shown.get("parameters", ""), re.MULTILINE)
    return Abilities(
        tools="tools" in able,
        schema=True,
        images="vision" in able,
        context=next(filter(None, loaded), None) or (int(set_to[1]) if set_to else OLLAMA_CONTEXT),
        parameters=shown["model_info"].get("general.parameter_count"),
    )


def _lm_studio(ask: Ask, name: str, entry: Mapping[str, Any]) -> Abilities:
    """https://lmstudio.ai/docs/developer/rest, GET /api/v0/models/{model}."""
    shown = ask(f"/api/v0/models/{quote(name)}", None)
    context = shown.get("loaded_context_length") or min(OLLAMA_CONTEXT, shown["max_context_length"])
    return Abilities(
        tools="tool_use" in shown.get("capabilities", ()), schema=True, images=shown["type"] == "vlm", context=context
    )


SERVERS: Mapping[str, Callable[[Ask, str, Mapping[str, Any]], Abilities]] = {
    "llamacpp": _llama_cpp,
    "library": _ollama,
    "organization_owner": _lm_studio,
}
