"""Routers by name: who decides which tools a request needs."""

from common.registry import Registry

ROUTERS = Registry(
    "router",
    {
        "switch": "agent.routers.switch:SwitchRouter",
        "tool_calling": "agent.routers.tool_calling:ToolCallingRouter",
        "written": "agent.routers.written:WrittenRouter",
    },
)
