"""Embedders: each fills one named vector of a point."""

from functools import cache
from typing import Any

from common.registry import Registry

EMBEDDERS = Registry(
    "embedder",
    {
        "minilm": "retrievers.embedders.minilm:MiniLM",
        "bm25": "retrievers.embedders.bm25:BM25",
    },
)


@cache
def load(name: str) -> Any:
    """The embedder called `name`, made once per process; its weights load on first use."""
    return EMBEDDERS.get(name)()
