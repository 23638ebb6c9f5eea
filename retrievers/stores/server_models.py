"""Our points, filters and queries as a Qdrant server takes them, and its answers as ours."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import numpy as np
from qdrant_client import models

from retrievers.stores.base import ANYTHING, Filter, Point, Prefetch, SparseVector, Vector
from retrievers.stores.fusion import is_empty


def uuid_of(id_: object) -> UUID:
    return UUID(str(id_))


def point_of(point: Point) -> models.PointStruct:
    return models.PointStruct(id=str(point.element.id), vector=natives(point.vectors), payload=point.element.payload())


def natives(vectors: Mapping[str, Vector]) -> dict[str, Any]:
    return {name: native(vector) for name, vector in vectors.items() if not is_empty(vector)}


def native(vector: Vector) -> Any:
    if isinstance(vector, SparseVector):
        return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
    return np.asarray(vector, dtype=np.float32).tolist()


def vector_of(native: Any) -> Vector:
    if isinstance(native, models.SparseVector):
        return SparseVector(native.indices, native.values)
    vector: Vector = native
    return vector


def request_of(prefetch: Prefetch) -> models.QueryRequest:
    return models.QueryRequest(
        query=models.NearestQuery(nearest=native(prefetch.vector)),
        using=prefetch.name,
        limit=prefetch.limit,
        filter=filter_of(prefetch.filter),
        with_payload=True,
    )


def filter_of(where: Filter) -> models.Filter | None:
    """None for the empty filter."""
    if where == ANYTHING:
        return None
    chosen: dict[str, Any] = {"document": where.documents, "kind": where.kinds, "page": where.pages}
    must: list[Any] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
        for key, values in chosen.items()
        if values
    ]
    if where.orders:
        first, last = where.orders
        must.append(models.FieldCondition(key="order", range=models.Range(gte=first, lte=last)))
    excluded = models.FieldCondition(key="sha256", match=models.MatchValue(value=where.not_sha256))
    return models.Filter(must=must, must_not=[excluded] if where.not_sha256 else None)
