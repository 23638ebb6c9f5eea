"""Conversations as earlier versions kept them: checkpoints of LangGraph, one thread each."""

import sqlite3
from collections.abc import Iterator
from typing import Any

_NEWEST = """
    SELECT thread_id, type, checkpoint FROM checkpoints WHERE checkpoint_ns = '' AND checkpoint_id = (
        SELECT max(checkpoint_id) FROM checkpoints AS any
        WHERE any.checkpoint_ns = '' AND any.thread_id = checkpoints.thread_id
    ) ORDER BY checkpoint_id
"""


def taken_over(file: sqlite3.Connection) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The name of each with the records of its turns (`agent.memory`), oldest first; then they are gone from there."""
    if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").fetchone():
        return
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    serializer = JsonPlusSerializer()
    for name, kind, blob in file.execute(_NEWEST).fetchall():
        yield name, serializer.loads_typed((kind, blob))["channel_values"].get("turns", [])
    for table in ("checkpoints", "writes"):
        file.execute(f"DROP TABLE IF EXISTS {table}")
