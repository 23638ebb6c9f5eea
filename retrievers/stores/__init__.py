"""Where elements and their vectors live: in this process (`edge`) or on a Qdrant server (`server`)."""

from common.registry import Registry

STORES = Registry(
    "store",
    {
        "edge": "retrievers.stores.edge:EdgeStore",
        "server": "retrievers.stores.server:ServerStore",
    },
    extras={"server": "server"},
)
