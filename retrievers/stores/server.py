"""A Qdrant server or cluster, and qdrant-client's own local mode for tests and small use.

A corpus is one collection. The server builds its indexes and makes writes durable before it answers, so `optimize`
and `flush` have nothing to do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from qdrant_client import QdrantClient, models

from common.errors import CorpusLocked
from retrievers.elements import Element
from retrievers.stores.base import ANYTHING, Filter, Match, Point, Prefetch, Vector, VectorSpec
from retrievers.stores.fusion import best, searchable
from retrievers.stores.server_errors import AGAIN, Passing, persistently, reporting
from retrievers.stores.server_models import filter_of, natives, point_of, request_of, uuid_of, vector_of
from retrievers.stores.specs import check_specs

PAYLOAD_INDEXES = {
    "document": models.PayloadSchemaType.KEYWORD,
    "kind": models.PayloadSchemaType.KEYWORD,
    "sha256": models.PayloadSchemaType.KEYWORD,
    "page": models.PayloadSchemaType.INTEGER,
    "order": models.PayloadSchemaType.INTEGER,
}
SCROLL_BATCH = 256
UPSERT_BATCH = 256  # keeps a request well below the server's 32 MB limit
TIMEOUT = 30  # seconds a request may take


class Replication(NamedTuple):
    """How a new collection is spread over a cluster: in so many `shards` (0: as many as it has nodes), each kept
    `replicas` times, of which `consistency` must have a write before it is done."""

    shards: int = 0
    replicas: int = 1
    consistency: int = 1


ALONE = Replication()


class ServerStore:
    """The collection `collection`, made on first use, at `url`.

    `url` is `http(s)://host:port` for a server, `:memory:` or a folder for the local mode. Every method raises
    `UserError` naming the URL when the server cannot be reached or refuses, those that write only after a while; the
    constructor also when the collection was made for other vectors than `specs`, and `CorpusLocked` when another
    process uses the folder.
    """

    def __init__(
        self,
        collection: str,
        specs: Mapping[str, VectorSpec],
        url: str,
        api_key: str = "",
        replication: tuple[int, int, int] = ALONE,
    ) -> None:
        self.collection = collection
        self.url = url
        self._remote = "://" in url
        self._replication = Replication(*replication)
        self._made_with = (collection, dict(specs), url, api_key, replication)
        self._client = self._connect(api_key)
        try:
            with self._reporting():
                if not self._client.collection_exists(collection):
                    self._create(specs)
                check_specs(f"{collection!r} at {url}", self._stored_specs(), specs)
        except BaseException:
            self._client.close()
            raise

    def _connect(self, api_key: str) -> QdrantClient:
        if self._remote:
            return QdrantClient(url=self.url, api_key=api_key or None, timeout=TIMEOUT, check_compatibility=False)
        if self.url == ":memory:":
            return QdrantClient(location=self.url)
        folder = Path(self.url) / self.collection
        try:
            return QdrantClient(path=str(folder), force_disable_check_same_thread=True)
        except RuntimeError as error:
            raise CorpusLocked(
                f"The corpus at {folder} is open in another process.", "Close that process, or use a Qdrant server."
            ) from error

    def _reporting(self) -> AbstractContextManager[None]:
        return reporting(self.url, self._remote)

    def _write(self, act: Callable[[], object]) -> None:
        """Carries it out, again and again if need be: an upsert or delete that is done twice changes nothing."""

        def reported() -> None:
            with self._reporting():
                act()

        persistently(reported)

    def _create(self, specs: Mapping[str, VectorSpec]) -> None:
        maxsim = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
        self._client.create_collection(
            self.collection,
            vectors_config={
                name: models.VectorParams(
                    size=spec.dim,
                    distance=models.Distance.COSINE,
                    multivector_config=maxsim if spec.form == "multi" else None,
                )
                for name, spec in specs.items()
                if spec.form != "sparse"
            },
            sparse_vectors_config={
                name: models.SparseVectorParams(modifier=models.Modifier.IDF)
                for name, spec in specs.items()
                if spec.form == "sparse"
            },
            **(self._spread() if self._remote else {}),
        )
        if self._remote:  # the local mode has no payload indexes
            for name, schema in PAYLOAD_INDEXES.items():
                self._client.create_payload_index(self.collection, name, schema)

    def _spread(self) -> dict[str, Any]:
        shards, replicas, consistency = self._replication
        return {
            "shard_number": shards or None,
            "replication_factor": replicas,
            "write_consistency_factor": consistency,
        }

    def _stored_specs(self) -> dict[str, VectorSpec]:
        params: Any = self._client.get_collection(self.collection).config.params
        stored = {
            name: VectorSpec("multi" if vector.multivector_config else "dense", vector.size)
            for name, vector in (params.vectors or {}).items()
        }
        return stored | {name: VectorSpec("sparse") for name in params.sparse_vectors or {}}

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert, or replace by element id. Vectors may be lists or numpy rows; an empty one counts as missing."""
        for start in range(0, len(points), UPSERT_BATCH):
            batch = [point_of(point) for point in points[start : start + UPSERT_BATCH]]
            self._write(partial(self._client.upsert, self.collection, batch, wait=True))

    def add_vectors(self, vectors: Sequence[tuple[UUID, Mapping[str, Vector]]]) -> None:
        """Set these vectors of elements that are there; they keep their others."""
        for start in range(0, len(vectors), UPSERT_BATCH):
            batch = [
                models.PointVectors(id=str(id_), vector=natives(v)) for id_, v in vectors[start : start + UPSERT_BATCH]
            ]
            self._write(partial(self._client.update_vectors, self.collection, batch, wait=True))

    def search(self, prefetches: Sequence[Prefetch], limit: int) -> list[Match]:
        """The best `limit` by weighted reciprocal-rank fusion; `[]` when nothing matches or there is nothing to ask."""
        asked = searchable(prefetches)
        if not asked:
            return []
        requests = [request_of(prefetch) for prefetch in asked]
        with self._reporting():
            lists = [one.points for one in self._client.query_batch_points(self.collection, requests)]
            payloads = {uuid_of(point.id): point.payload or {} for one in lists for point in one}
            found = best(asked, [[(uuid_of(point.id), point.score) for point in one] for one in lists], limit)
            return [Match(Element.from_payload(payloads[one.id]), one.score, one.places) for one in found]

    def scroll(self, where: Filter = ANYTHING) -> Iterator[Element]:
        """Every element that matches, fetched `SCROLL_BATCH` at a time."""
        offset: Any = None
        while True:
            with self._reporting():
                records, offset = self._client.scroll(
                    self.collection, scroll_filter=filter_of(where), limit=SCROLL_BATCH, offset=offset
                )
                elements = [Element.from_payload(record.payload or {}) for record in records]
            yield from elements
            if offset is None:
                return

    def count(self, where: Filter = ANYTHING) -> int:
        with self._reporting():
            return self._client.count(self.collection, count_filter=filter_of(where), exact=True).count

    def delete(self, where: Filter) -> None:
        """Delete what matches. Raises `ValueError` for the empty filter: dropping a corpus is `destroy`."""
        chosen = filter_of(where)
        if chosen is None:
            raise ValueError("delete needs a condition; to drop the corpus call destroy")
        self._write(partial(self._delete, models.FilterSelector(filter=chosen)))

    def _delete(self, chosen: models.FilterSelector) -> None:
        """Only while all replicas take part: one that was away would bring back what the others have deleted."""
        if self._remote and self._replication.replicas > 1:
            shards: Any = self._client.collection_cluster_info(self.collection)
            states = [shard.state for shard in (*shards.local_shards, *shards.remote_shards)]
            away = sum(state is not models.ReplicaState.ACTIVE for state in states)
            if away:
                raise Passing(
                    f"{away} of {len(states)} replicas of {self.collection!r} at {self.url} are not active, so nothing "
                    "is deleted.",
                    f"Wait until they are, see its dashboard. {AGAIN}",
                )
        self._client.delete(self.collection, chosen, wait=True)

    def vectors(self, ids: Sequence[UUID], name: str) -> dict[UUID, Vector]:
        """The stored vector called `name` of each element that has one. Cosine vectors come back at length 1."""
        with self._reporting():
            records: list[Any] = self._client.retrieve(
                self.collection, [str(id_) for id_ in ids], with_payload=False, with_vectors=[name]
            )
            return {
                uuid_of(record.id): vector_of(record.vector[name])
                for record in records
                if name in (record.vector or {})
            }

    def optimize(self) -> None:
        """Nothing: the server does it."""

    def flush(self) -> None:
        """Nothing: every write waited for the server."""

    def close(self) -> None:
        self._client.close()

    def destroy(self) -> None:
        with self._reporting():
            self._client.delete_collection(self.collection)
        self._client.close()

    def elsewhere(self) -> "Callable[[], ServerStore] | None":
        """Another client of the server; nothing in the local mode."""
        return partial(type(self), *self._made_with) if self._remote else None
