"""Tool calls that a model wrote as text, because its server or its template knows no others.

Each family wraps them in its own way: `<tool_call>` (Hermes, Qwen), `<tools>` (Qwen2.5-Coder), `[TOOL_CALLS]`
(Mistral), `<|python_tag|>` and `<function=name>` (Llama 3), a fence of Markdown, nothing at all. Inside is always JSON,
so that alone is read: every object that names a tool, or is wrapped in a tag that does.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

Call = tuple[str, dict[str, Any]]  # name and arguments
ARGUMENTS = ("arguments", "parameters", "args")
NAMES = ("name", "tool", "function")
_BEGIN = re.compile(r"<function=(?P<tag>[\w.-]+)>\s*(?=\{)|(?=[{\[])")


def calls_in(text: str, tools: Collection[str]) -> list[Call]:
    """The calls of `tools`, in order. What is no JSON, or names none of them, is no call."""
    return [call for tag, value in _values(text) for call in _calls(value, tag, tools)]


def _values(text: str) -> Iterator[tuple[str, Any]]:
    """Every outermost JSON value, with the tool that the tag before it names."""
    decoder = json.JSONDecoder()
    place = 0
    while found := _BEGIN.search(text, place):
        start = found.end()
        try:
            value, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            place = start + 1
        else:
            yield found["tag"] or "", value


def _calls(value: Any, tag: str, tools: Collection[str]) -> Iterator[Call]:
    if isinstance(value, list):
        for one in value:
            yield from _calls(one, "", tools)
    elif isinstance(value, dict):
        if tag in tools:
            yield tag, value
        elif call := _call(value, tools):
            yield call


def _call(value: dict[str, Any], tools: Collection[str]) -> Call | None:
    if isinstance(value.get("function"), dict):  # as the Chat Completions API writes it
        return _call(value["function"], tools)
    name = next((value[key] for key in NAMES if isinstance(value.get(key), str)), "")
    arguments: Any = next((value[key] for key in ARGUMENTS if key in value), {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return None
    return (name, arguments) if name in tools and isinstance(arguments, dict) else None
