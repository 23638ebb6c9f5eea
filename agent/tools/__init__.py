"""Tools by name. A tool is one file with `build(scope) -> BaseTool`, and one line here."""

from langchain_core.tools import BaseTool

from agent.tools.base import Scope
from common.registry import Registry

TOOLS = Registry(
    "tool",
    {
        "search": "agent.tools.search:build",
        "list_documents": "agent.tools.list_documents:build",
        "convert": "agent.tools.convert:build",
        "answer_with_demonstrations": "agent.tools.answer_with_demonstrations:build",
    },
)


def build(scope: Scope) -> dict[str, BaseTool]:
    """Every known tool, bound to what this request may see."""
    return {name: TOOLS.get(name)(scope) for name in TOOLS.names()}
