"""A corpus copied from one store to another, and looked at afterwards."""

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from common.errors import UserError
from retrievers.stores.base import Point, VectorStore

BATCH = 256  # elements read and written together


def copied(source: VectorStore, target: VectorStore, vectors: Sequence[str]) -> int:
    """Copies every element with these vectors, by name; how many there were. Doing so again, after it was broken off,
    changes nothing. Raises `UserError` unless the target then holds exactly the elements of the source."""
    elements, ids = source.scroll(), set[UUID]()
    while batch := list(islice(elements, BATCH)):
        named = {name: source.vectors([element.id for element in batch], name) for name in vectors}
        target.upsert(
            [
                Point(element, {name: by_id[element.id] for name, by_id in named.items() if element.id in by_id})
                for element in batch
            ]
        )
        ids.update(element.id for element in batch)
    target.optimize()
    target.flush()
    there = {element.id for element in target.scroll()}
    if there != ids or target.count() != len(ids):
        raise UserError(
            f"Of {len(ids):,} elements {len(ids - there):,} are not there, and {len(there - ids):,} others are.",
            "Delete what is there, and move the corpus again.",
        )
    return len(ids)
