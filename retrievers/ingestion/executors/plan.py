"""How many actors a cluster has room for: Ray waits without end for room that there is not."""

from collections.abc import Sequence

from common.errors import UserError


def planned(nodes: Sequence[float], wanted: int = 0) -> int:
    """Actors, each on a CPU of its own, in a cluster of nodes with so many CPUs: those that are `wanted`, or as many as
    still have room when the largest of several nodes is lost. Raises `UserError` where they have none."""
    lost = max(nodes) if len(nodes) > 1 else 0
    room = int(sum(nodes) - lost)
    if room < max(wanted, 1):
        beside = f" once the largest of its {len(nodes)} nodes is lost, with {lost:g}" if lost else ""
        raise UserError(
            f"Ingestion on Ray needs {max(wanted, 1)} CPUs, one for each actor; the cluster has {room}{beside}.",
            command="Set TRIPTYCH_READERS to that at most, or to 0 for as many as there is room for, or add nodes.",
        )
    return wanted or room
