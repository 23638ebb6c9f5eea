"""Conversations as earlier versions kept them: checkpoints of LangGraph in the same file, one thread each."""

from collections.abc import Mapping
from typing import Any

from common.database import Transaction

_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'"
_TAKEN = "DELETE FROM checkpoints WHERE checkpoint_ns = '' RETURNING thread_id, checkpoint_id, type, checkpoint"


def taken_over(transaction: Transaction) -> Mapping[str, list[dict[str, Any]]]:
    """The name of each with the records of its turns (`agent.memory`), oldest first; they are gone from there, once.
    Those last changed are last."""
    if not transaction.rows(_THERE):
        return {}
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    serializer = JsonPlusSerializer()
    newest: dict[str, tuple[str, bytes]] = {}
    for row in sorted(transaction.rows(_TAKEN), key=lambda row: str(row["checkpoint_id"])):
        newest.pop(row["thread_id"], None)
        newest[row["thread_id"]] = (row["type"], row["checkpoint"])
    for table in ("checkpoints", "writes"):
        transaction.run(f"DROP TABLE IF EXISTS {table}")
    return {name: serializer.loads_typed(typed)["channel_values"].get("turns", []) for name, typed in newest.items()}
