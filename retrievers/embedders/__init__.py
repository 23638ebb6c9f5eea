"""Embedders: each fills one named vector of a point."""

from functools import cache
from inspect import signature
from typing import Any

from common.errors import UserError
from common.registry import Registry

EMBEDDERS = Registry(
    "embedder",
    {
        "minilm": "retrievers.embedders.minilm:MiniLM",
        "sentences": "retrievers.embedders.sentences:SentenceEmbedder",
        "bm25": "retrievers.embedders.bm25:BM25",
        "outlines": "retrievers.embedders.outlines:Outlines",
        "clip": "retrievers.embedders.clip:Clip",
        "colpali": "retrievers.embedders.colpali:ColPali",
    },
)


@cache
def load(name: str) -> Any:
    """The embedder called `name`, made once per process; its weights load on first use.

    `name:checkpoint` chooses a hub id or a folder for those that take one: `clip:google/siglip2-base-patch16-224`.
    """
    kind, _, checkpoint = name.partition(":")
    if not checkpoint or kind not in EMBEDDERS.names():
        return EMBEDDERS.get(name)()
    make = EMBEDDERS.get(kind)
    if not signature(make).parameters:
        raise UserError(f"The embedder {kind!r} comes with its own model, not {checkpoint!r}.", f"Name it {kind!r}.")
    return make(checkpoint)
