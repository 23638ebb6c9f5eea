"""The Qdrant engine in this process: one folder per corpus, no server.

The folder holds `shard/` (the engine's files), `specs.json` (the vectors it was made for) and `lock`.

The write-ahead log is on: what was upserted survives a killed process even before `flush`, and replaying it mends
a flush that was cut short. Without it a kill loses everything since the last `flush`, for a gain of under a tenth in
upsert speed.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import qdrant_edge as qdrant

from common.errors import Damaged, UserError
from retrievers.elements import Element
from retrievers.stores.base import ANYTHING, Filter, Match, Point, Prefetch, SparseVector, Vector, VectorSpec
from retrievers.stores.fusion import best, is_empty, searchable
from retrievers.stores.lock import Lock
from retrievers.stores.specs import check_specs

PAYLOAD_INDEXES = {
    "document": qdrant.PayloadSchemaType.Keyword,
    "kind": qdrant.PayloadSchemaType.Keyword,
    "sha256": qdrant.PayloadSchemaType.Keyword,
    "page": qdrant.PayloadSchemaType.Integer,
    "order": qdrant.PayloadSchemaType.Integer,
}
SCROLL_BATCH = 256
# Graphs are built and searched by bytes in memory; of twice as many as are asked for the vectors themselves decide.
QUANTIZED = qdrant.ScalarQuantizationConfig(qdrant.ScalarType.Int8, quantile=0.99, memory=qdrant.Memory.Pinned)
DECIDED = qdrant.SearchParams(quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=2.0))
ELSEWHERE = "Close that process, or let both use one Qdrant server: set TRIPTYCH_STORE=server."
SHOWN = 200  # characters of what the engine says is wrong


class EdgeStore:
    """A corpus in the folder `path`, made on first use, open in one process at a time.

    Raises `CorpusLocked` when another process has it open, and `UserError` when it was made for other vectors than
    `specs`. What the engine raises about its files is `Damaged`, with this `cure`.
    """

    def __init__(self, path: Path, specs: Mapping[str, VectorSpec], cure: str = "Delete that folder.") -> None:
        self.path = path
        self._cure = cure
        self._specs = dict(specs)
        path.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(path / "lock", f"The corpus at {path} is open", command=ELSEWHERE)
        try:
            self._shard = self._open()
        except BaseException:
            self._lock.release()
            raise

    def _open(self) -> qdrant.EdgeShard:
        shard = self.path / "shard"
        if not shard.exists():
            self._create(shard)
        check_specs(f"at {self.path}", self._stored_specs(), self._specs)
        with self._telling():
            return qdrant.EdgeShard.load(str(shard), _config(self._specs))  # which an older version may have made

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """The engine raises nothing narrower than `Exception`, and panics where its files are not as it left them."""
        try:
            yield
        except (UserError, KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            raise Damaged(f"The index at {self.path} is damaged ({str(error)[:SHOWN]}).", self._cure) from error

    def _create(self, shard: Path) -> None:
        """Make it aside and move it in place, so that a kill leaves either no shard or a whole one."""
        aside = self.path / "shard.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        new = qdrant.EdgeShard.create(str(aside), _config(self._specs))
        for name, schema in PAYLOAD_INDEXES.items():
            new.update(qdrant.UpdateOperation.create_field_index(name, schema))
        new.flush()
        new.close()
        specs = {name: asdict(spec) for name, spec in self._specs.items()}
        (self.path / "specs.json").write_text(json.dumps(specs), encoding="utf-8")
        aside.rename(shard)

    def _stored_specs(self) -> dict[str, VectorSpec]:
        with self._telling():
            stored = json.loads((self.path / "specs.json").read_text(encoding="utf-8"))
            return {name: VectorSpec(**spec) for name, spec in stored.items()}

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert, or replace by element id. Vectors may be lists or numpy rows; an empty one counts as missing."""
        if not points:
            return
        with self._telling():
            self._shard.update(qdrant.UpdateOperation.upsert_points([_point(point) for point in points]))

    def add_vectors(self, vectors: Sequence[tuple[UUID, Mapping[str, Vector]]]) -> None:
        """Set these vectors of elements that are there; they keep their others."""
        if not vectors:
            return
        with self._telling():
            set_ = [qdrant.PointVectors(id_, _natives(named)) for id_, named in vectors]
            self._shard.update(qdrant.UpdateOperation.update_vectors(set_))

    def search(self, prefetches: Sequence[Prefetch], limit: int) -> list[Match]:
        """The best `limit` by weighted reciprocal-rank fusion; `[]` when nothing matches or there is nothing to ask."""
        asked = searchable(prefetches)
        if not asked:
            return []
        with self._telling():
            request = qdrant.QueryBatchRequest([_request(prefetch) for prefetch in asked])
            lists: list[Any] = self._shard.query_batch(request)
            found = best(asked, [[(point.id, point.score) for point in one] for one in lists], limit)
            records: Any = self._shard.retrieve([one.id for one in found], with_payload=True, with_vector=False)
            elements = {record.id: Element.from_payload(record.payload) for record in records}
            return [Match(elements[one.id], one.score, one.places) for one in found]

    def scroll(self, where: Filter = ANYTHING) -> Iterator[Element]:
        """Every element that matches, fetched `SCROLL_BATCH` at a time."""
        offset: Any = None
        while True:
            request = qdrant.ScrollRequest(offset=offset, limit=SCROLL_BATCH, filter=_filter(where), with_payload=True)
            with self._telling():
                records, offset = self._shard.scroll(request)
                elements = [Element.from_payload(record.payload or {}) for record in records]
            yield from elements
            if offset is None:
                return

    def count(self, where: Filter = ANYTHING) -> int:
        with self._telling():
            return self._shard.count(qdrant.CountRequest(exact=True, filter=_filter(where)))

    def delete(self, where: Filter) -> None:
        """Delete what matches. Raises `ValueError` for the empty filter: dropping a corpus is `destroy`."""
        chosen = _filter(where)
        if chosen is None:
            raise ValueError("delete needs a condition; to drop the corpus call destroy")
        with self._telling():
            self._shard.update(qdrant.UpdateOperation.delete_points_by_filter(chosen))

    def vectors(self, ids: Sequence[UUID], name: str) -> dict[UUID, Vector]:
        """The stored vector called `name` of each element that has one. Cosine vectors come back at length 1."""
        with self._telling():
            records: Any = self._shard.retrieve(list(ids), with_payload=False, with_vector=[name])
        return {record.id: _vector(record.vector[name]) for record in records if name in (record.vector or {})}

    def optimize(self) -> None:
        """Build the HNSW graphs and compact segments; blocks until done."""
        with self._telling():
            self._shard.optimize()

    def flush(self) -> None:
        with self._telling():
            self._shard.flush()

    def close(self) -> None:
        """Flush, release the files and the lock. Closing twice is harmless."""
        try:
            with self._telling():
                self._shard.close()
        finally:
            self._lock.release()

    def destroy(self) -> None:
        try:
            self._shard.close()
            shutil.rmtree(self.path)
        finally:
            self._lock.release()

    def elsewhere(self) -> None:
        """Nothing: the lock is held."""


def _config(specs: Mapping[str, VectorSpec]) -> qdrant.EdgeConfig:
    maxsim = qdrant.MultiVectorConfig(comparator=qdrant.MultiVectorComparator.MaxSim)
    return qdrant.EdgeConfig(
        vectors={
            name: qdrant.EdgeVectorParams(
                size=spec.dim,
                distance=qdrant.Distance.Cosine,
                multivector_config=maxsim if spec.form == "multi" else None,
                quantization_config=QUANTIZED if spec.form == "dense" else None,
            )
            for name, spec in specs.items()
            if spec.form != "sparse"
        },
        sparse_vectors={
            name: qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)
            for name, spec in specs.items()
            if spec.form == "sparse"
        },
        payload_memory=qdrant.Memory.Cached,  # cold, every payload of every search is read from disk: 50 ms a question
        wal_enabled=True,
    )


def _point(point: Point) -> qdrant.Point:
    return qdrant.Point(point.element.id, _natives(point.vectors), point.element.payload())


def _natives(vectors: Mapping[str, Vector]) -> dict[str, Any]:
    return {name: _native(vector) for name, vector in vectors.items() if not is_empty(vector)}


def _native(vector: Any) -> Any:
    if isinstance(vector, SparseVector):
        return qdrant.SparseVector(*vector)
    return vector.tolist() if hasattr(vector, "tolist") else vector  # the engine reads lists twice as fast as numpy


def _vector(native: Any) -> Vector:
    if isinstance(native, qdrant.SparseVector):
        return SparseVector(native.indices, native.values)
    vector: Vector = native
    return vector


def _request(prefetch: Prefetch) -> qdrant.QueryRequest:
    nearest = qdrant.Query.Nearest(_native(prefetch.vector), using=prefetch.name)
    return qdrant.QueryRequest(limit=prefetch.limit, query=nearest, filter=_filter(prefetch.filter), params=DECIDED)


def _filter(where: Filter) -> qdrant.Filter | None:
    """None for the empty filter."""
    if where == ANYTHING:
        return None
    chosen: dict[str, Any] = {"document": where.documents, "kind": where.kinds, "page": where.pages}
    must: list[Any] = [
        qdrant.FieldCondition(key=key, match=qdrant.MatchAny(list(values))) for key, values in chosen.items() if values
    ]
    if where.orders:
        first, last = where.orders
        must.append(qdrant.FieldCondition(key="order", range=qdrant.RangeFloat(gte=first, lte=last)))
    excluded = qdrant.FieldCondition(key="sha256", match=qdrant.MatchValue(where.not_sha256))
    return qdrant.Filter(must=must, must_not=[excluded] if where.not_sha256 else None)
