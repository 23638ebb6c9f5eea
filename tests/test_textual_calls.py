"""Tool calls written as text, in the forms of the model families' own templates."""

import pytest

from agent.routers.textual_calls import calls_in

TOOLS = ("search", "list_documents", "convert")
SEARCH = ("search", {"query": "moons of {Mars}"})
JSON = '{"name": "search", "arguments": {"query": "moons of {Mars}"}}'


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call>\n{JSON}\n</tool_call>",
        f"<tools>{JSON}</tools>",
        f"I will look it up.\n\n```json\n{JSON}\n```",
        JSON,
        f"[TOOL_CALLS] [{JSON}]",
        '<|python_tag|>{"name": "search", "parameters": {"query": "moons of {Mars}"}}',
        '<function=search>{"query": "moons of {Mars}"}</function>',
        '{"type": "function", "function": {"name": "search", "arguments": "{\\"query\\": \\"moons of {Mars}\\"}"}}',
        '{"tool": "search", "args": {"query": "moons of {Mars}"}}',
        f"{{not JSON}} [1] {JSON}",
    ],
)
def test_every_familys_form_is_read(text: str) -> None:
    assert calls_in(text, TOOLS) == [SEARCH]


def test_several_calls_keep_their_order() -> None:
    more = '<tool_call>{"name": "list_documents", "arguments": {}}</tool_call>\n<tool_call>' + JSON + "</tool_call>"
    assert calls_in(more, TOOLS) == [("list_documents", {}), SEARCH]
    assert calls_in(f'[{JSON}, {{"name": "list_documents"}}]', TOOLS) == [SEARCH, ("list_documents", {})]


@pytest.mark.parametrize(
    "text",
    [
        "DONE",
        "Mars has two moons [1].",
        '{"name": "delete", "arguments": {}}',
        '{"name": "search", "arguments": "moons"}',
        '{"name": "search", "arguments": {"query": "moo',
        '{"query": "moons"}',
        '<function=delete>{"query": "moons"}</function>',
        "{" * 5000,
        "[" * 5000,
        "{}",
        "",
    ],
)
def test_all_else_is_no_call(text: str) -> None:
    assert calls_in(text, TOOLS) == []
