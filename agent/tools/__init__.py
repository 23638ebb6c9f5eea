"""Tools by name. A tool is one file with `build(scope) -> BaseTool | None`, and one line here."""

from langchain_core.tools import BaseTool

from agent.tools.base import Scope
from common.registry import Registry

TOOLS = Registry(
    "tool",
    {
        "search": "agent.tools.search:build",
        "list_documents": "agent.tools.list_documents:build",
        "read_picture": "agent.tools.read_picture:build",
        "convert": "agent.tools.convert:build",
        "answer_with_demonstrations": "agent.tools.answer_with_demonstrations:build",
    },
)


def build(scope: Scope) -> dict[str, BaseTool]:
    """Every tool that has something to work on, bound to what this request may see."""
    built = {name: TOOLS.get(name)(scope) for name in TOOLS.names()}
    return {name: made for name, made in built.items() if made is not None}
