"""Ask a pile of documents: `Agent`, its `Settings`, and the typed events it streams.

Names load on first use, so `import agent` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.core import Agent
    from agent.events import (
        Answer,
        Artifact,
        Citation,
        Event,
        Evidence,
        Failed,
        Planned,
        Token,
        ToolFinished,
        ToolStarted,
        Usage,
    )
    from agent.settings import Settings

__all__ = [
    "Agent",
    "Answer",
    "Artifact",
    "Citation",
    "Event",
    "Evidence",
    "Failed",
    "Planned",
    "Settings",
    "Token",
    "ToolFinished",
    "ToolStarted",
    "Usage",
]

_HOMES = {"Agent": "agent.core", "Settings": "agent.settings"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'agent' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "agent.events")), name)
