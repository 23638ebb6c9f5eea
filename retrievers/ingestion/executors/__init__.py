"""Who carries out the operators of ingestion: this process (`local`) or the machines of a Ray cluster (`ray`)."""

from common.registry import Registry

EXECUTORS = Registry(
    "executor",
    {
        "local": "retrievers.ingestion.executors.local:Local",
        "ray": "retrievers.ingestion.executors.on_ray:OnRay",
    },
    extras={"ray": "scale"},
)
