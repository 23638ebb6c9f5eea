"""One contract for every store: the embedded engine, qdrant-client's local mode, and a real server if there is one."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock
from uuid import uuid4

import numpy as np
import pytest
from qdrant_client import models
from qdrant_double import Double, Fault, qdrant_double

from common.errors import CorpusLocked, UserError
from retrievers.elements import Box, Element, Kind
from retrievers.stores import STORES, server_errors
from retrievers.stores.base import Filter, Point, Prefetch, SparseVector, Vector, VectorSpec, VectorStore
from retrievers.stores.fusion import RRF_K
from retrievers.stores.lock import Lock
from retrievers.stores.server import Replication, ServerStore

SPECS = {"text": VectorSpec("dense", 2), "lexical": VectorSpec("sparse"), "tokens": VectorSpec("multi", 2)}
SERVER_URL = os.environ.get("TRIPTYCH_TEST_QDRANT_URL", "")
Open = Callable[..., VectorStore]


def element(order: int, document: str = "a.pdf", kind: Kind = "text", page: int = 1, sha256: str = "v1") -> Element:
    return Element(
        document=document,
        sha256=sha256,
        page=page,
        kind=kind,
        text=f"element {order}",
        box=Box(0.1, 0.2, 0.3, 0.4),
        order=order,
        title="Title",
        section=("One", "Two"),
        rows=(("name", "value"), ("x", "1")),
        lines="AAAA",
        cells="BBBB",
    )


def point(order: int, vectors: dict[str, Vector] | None = None, **fields: object) -> Point:
    return Point(element(order, **fields), vectors or {})  # type: ignore[arg-type]


def orders(store: VectorStore, where: Filter) -> list[int]:
    return sorted(found.order for found in store.scroll(where))


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    with qdrant_double() as double:
        yield double


@pytest.fixture(params=["edge", "local", "double", *(["server"] if SERVER_URL else [])])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a store by corpus name; the same name again is the same corpus."""
    opened: list[VectorStore] = []
    run = uuid4().hex
    url = request.getfixturevalue("double").url if request.param == "double" else SERVER_URL

    def open_(name: str = "corpus", specs: dict[str, VectorSpec] = SPECS) -> VectorStore:
        if request.param == "edge":
            store = STORES.get("edge")(tmp_path / name, specs)
        elif request.param == "local":
            store = STORES.get("server")(name, specs, url=str(tmp_path))
        else:
            store = STORES.get("server")(f"{name}-{run}", specs, url=url)
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()
    if request.param == "server":
        for name in {store.collection for store in opened}:  # type: ignore[attr-defined]
            from qdrant_client import QdrantClient

            QdrantClient(url=SERVER_URL).delete_collection(name)


@pytest.fixture
def store(open_store: Open) -> VectorStore:
    return open_store()


def test_an_empty_store_finds_nothing(store: VectorStore) -> None:
    asked = [Prefetch("text", [1.0, 0.0]), Prefetch("lexical", SparseVector([1], [1.0]))]
    assert store.search(asked, 5) == []
    assert store.count() == 0
    assert list(store.scroll()) == []


def test_an_element_comes_back_as_it_was(store: VectorStore) -> None:
    store.upsert([point(0)])
    assert list(store.scroll()) == [element(0)]


def test_upsert_replaces_by_id(store: VectorStore) -> None:
    store.upsert([point(0, {"text": [1.0, 0.0]}), point(1, {"text": [1.0, 0.0]})])
    store.upsert([point(0, {"text": [0.0, 1.0]}, page=9)])
    assert store.count() == 2
    assert store.vectors([element(0).id], "text") == {element(0).id: pytest.approx([0.0, 1.0])}
    assert orders(store, Filter(pages=(9,))) == [0]


def test_upsert_of_nothing_is_harmless(store: VectorStore) -> None:
    store.upsert([])
    assert store.count() == 0


def test_filters_select_and_combine(store: VectorStore) -> None:
    store.upsert(
        [
            point(0, page=1),
            point(1, kind="table", page=2),
            point(2, kind="figure", page=2),
            point(3, page=3, sha256="v2"),
            point(4, document="b.pdf", page=1),
        ]
    )
    assert orders(store, Filter(documents=("a.pdf",))) == [0, 1, 2, 3]
    assert orders(store, Filter(documents=("a.pdf", "b.pdf"), pages=(1,))) == [0, 4]
    assert orders(store, Filter(kinds=("table", "figure"))) == [1, 2]
    assert orders(store, Filter(orders=(1, 3))) == [1, 2, 3]
    assert orders(store, Filter(not_sha256="v1")) == [3]
    assert orders(store, Filter(documents=("a.pdf",), kinds=("text",), orders=(0, 2), not_sha256="v2")) == [0]
    assert store.count(Filter(kinds=("text",))) == 3
    assert store.count(Filter(documents=("none.pdf",))) == 0


def test_delete_by_document_and_by_version(store: VectorStore) -> None:
    store.upsert([point(0), point(1, sha256="v2"), point(2, document="b.pdf")])
    store.delete(Filter(documents=("a.pdf",), not_sha256="v2"))
    assert orders(store, Filter()) == [1, 2]
    store.delete(Filter(documents=("b.pdf",)))
    assert orders(store, Filter()) == [1]


def test_delete_without_a_condition_is_refused(store: VectorStore) -> None:
    store.upsert([point(0)])
    with pytest.raises(ValueError, match="destroy"):
        store.delete(Filter())
    assert store.count() == 1


def fill_two_lists(store: VectorStore) -> None:
    """By `text` from [1, 0]: 0, 1, 2. By `lexical` for term 7: 2, 3."""
    store.upsert(
        [
            point(0, {"text": [1.0, 0.0]}),
            point(1, {"text": [1.0, 0.5]}),
            point(2, {"text": [1.0, 2.0], "lexical": SparseVector([7], [3.0])}),
            point(3, {"lexical": SparseVector([7], [1.0])}, kind="table"),
        ]
    )


def test_search_fuses_by_reciprocal_rank(store: VectorStore) -> None:
    fill_two_lists(store)
    found = store.search([Prefetch("text", [1.0, 0.0]), Prefetch("lexical", SparseVector([7], [1.0]))], 10)
    score = {match.element.order: match.score for match in found}
    assert found[0].element == element(2)
    assert found[0].ranks == {"text": 3, "lexical": 1}
    assert score[2] == pytest.approx(1 / (RRF_K + 3) + 1 / (RRF_K + 1))
    assert score[0] == pytest.approx(1 / (RRF_K + 1))
    assert score[1] == pytest.approx(1 / (RRF_K + 2))
    assert score[3] == pytest.approx(1 / (RRF_K + 2))
    assert {match.element.order: match.ranks for match in found[1:]} == {
        0: {"text": 1},
        1: {"text": 2},
        3: {"lexical": 2},
    }


def test_weights_count_in_the_fusion(store: VectorStore) -> None:
    fill_two_lists(store)
    found = store.search(
        [Prefetch("text", [1.0, 0.0]), Prefetch("lexical", SparseVector([7], [1.0]), weight=4.0, limit=2)], 10
    )
    score = {match.element.order: match.score for match in found}
    assert score[2] == pytest.approx(1 / (RRF_K + 3) + 4 / (RRF_K + 1))
    assert score[3] == pytest.approx(4 / (RRF_K + 2))


def test_a_server_is_asked_for_each_list_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store = ServerStore("corpus", SPECS, ":memory:")
    fill_two_lists(store)
    asked: list[models.QueryRequest] = []
    answer = store._client.query_batch_points
    monkeypatch.setattr(
        store._client, "query_batch_points", lambda name, requests: asked.extend(requests) or answer(name, requests)
    )
    assert len(store.search([Prefetch("text", [1.0, 0.0]), Prefetch("lexical", SparseVector([7], [1.0]))], 10)) == 4
    assert [(request.using, request.prefetch) for request in asked] == [("text", None), ("lexical", None)]


def test_limits_hold_for_each_prefetch_and_for_the_result(store: VectorStore) -> None:
    fill_two_lists(store)
    found = store.search([Prefetch("text", [1.0, 0.0], limit=2)], 10)
    assert [match.element.order for match in found] == [0, 1]
    assert [match.element.order for match in store.search([Prefetch("text", [1.0, 0.0])], 1)] == [0]


def test_prefetches_that_share_a_vector_keep_the_better_rank(store: VectorStore) -> None:
    fill_two_lists(store)
    tables = Filter(kinds=("table",))
    words = SparseVector([7], [1.0])
    both = [Prefetch("lexical", words), Prefetch("lexical", words, filter=tables)]
    found = store.search(both, 10)
    assert {match.element.order: match.ranks for match in found} == {2: {"lexical": 1}, 3: {"lexical": 1}}
    assert store.search(both[::-1], 10)[0].ranks == {"lexical": 1}
    assert found[0].element.order == 3
    assert found[0].score == pytest.approx(1 / (RRF_K + 2) + 1 / (RRF_K + 1))


def test_a_query_without_terms_leaves_the_other_lists(store: VectorStore) -> None:
    fill_two_lists(store)
    nothing = Prefetch("lexical", SparseVector([], []))
    assert store.search([nothing], 5) == []
    assert [m.element.order for m in store.search([nothing, Prefetch("text", [1.0, 0.0])], 5)] == [0, 1, 2]


def test_a_rare_term_outweighs_a_common_one(store: VectorStore) -> None:
    """Without IDF the products would be 2 for the common term and 1 for the rare one."""
    store.upsert([point(order, {"lexical": SparseVector([1], [2.0])}) for order in range(5)])
    store.upsert([point(5, {"lexical": SparseVector([2], [1.0])})])
    found = store.search([Prefetch("lexical", SparseVector([1, 2], [1.0, 1.0]))], 6)
    assert found[0].element.order == 5
    assert len(found) == 6


def test_multi_vectors_compare_by_the_sum_of_best_matches(store: VectorStore) -> None:
    """For the query (1, 0), (0, 1): element 0 scores 1 + 1, element 1 scores 1 + 0, element 2 .71 + .71."""
    store.upsert(
        [
            point(0, {"tokens": [[1.0, 0.0], [0.0, 1.0]]}),
            point(1, {"tokens": [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]}),
            point(2, {"tokens": [[1.0, 1.0]]}),
        ]
    )
    found = store.search([Prefetch("tokens", [[1.0, 0.0], [0.0, 1.0]])], 3)
    assert [match.element.order for match in found] == [0, 2, 1]


def test_missing_and_empty_vectors_are_normal(store: VectorStore) -> None:
    store.upsert([point(0), point(1, {"text": [1.0, 0.0], "lexical": SparseVector([], []), "tokens": []})])
    assert store.count() == 2
    assert [match.element.order for match in store.search([Prefetch("text", [1.0, 0.0])], 5)] == [1]


def test_vectors_come_back_by_name(store: VectorStore) -> None:
    ids = [element(order).id for order in range(3)]
    store.upsert(
        [
            point(0, {"text": [3.0, 4.0], "lexical": SparseVector([5, 9], [0.5, 2.0])}),
            point(1, {"tokens": [[1.0, 0.0], [0.0, 1.0]]}),
        ]
    )
    assert store.vectors(ids, "text") == {ids[0]: pytest.approx([0.6, 0.8])}
    assert store.vectors(ids, "lexical") == {ids[0]: SparseVector([5, 9], [0.5, 2.0])}
    assert store.vectors(ids, "tokens") == {ids[1]: [[1.0, 0.0], [0.0, 1.0]]}


def test_vectors_may_be_numpy_rows(store: VectorStore) -> None:
    rows = np.array([[3.0, 4.0], [1.0, 0.0]], dtype=np.float32)
    store.upsert([point(0, {"text": rows[0], "tokens": rows}), point(1, {"text": rows[1]})])  # type: ignore[dict-item]
    assert store.vectors([element(0).id], "text") == {element(0).id: pytest.approx([0.6, 0.8])}
    found = store.search([Prefetch("text", rows[1]), Prefetch("tokens", rows)], 5)  # type: ignore[arg-type]
    assert {match.element.order: match.ranks for match in found} == {0: {"text": 2, "tokens": 1}, 1: {"text": 1}}


def test_scroll_is_lazy_and_complete(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{type(store).__module__}.SCROLL_BATCH", 10)
    store.upsert([point(order) for order in range(35)])
    walk = store.scroll()
    first = next(walk)
    store.delete(Filter(orders=(0, 34)))
    assert len(list(walk)) == 9, "the first batch was fetched, the others not yet"
    assert first.document == "a.pdf"
    store.upsert([point(order) for order in range(35)])
    assert orders(store, Filter()) == list(range(35))


def test_a_closed_corpus_reopens_whole(open_store: Open) -> None:
    store = open_store()
    fill_two_lists(store)
    store.optimize()
    store.flush()
    store.close()
    again = open_store()
    assert orders(again, Filter()) == [0, 1, 2, 3]
    assert again.search([Prefetch("text", [1.0, 0.0])], 1)[0].element == element(0)


def test_two_corpora_do_not_mix(open_store: Open) -> None:
    one, two = open_store("one"), open_store("two")
    one.upsert([point(0, {"text": [1.0, 0.0]})])
    two.upsert([point(1, {"text": [1.0, 0.0]})])
    assert [match.element.order for match in two.search([Prefetch("text", [1.0, 0.0])], 5)] == [1]
    one.destroy()
    assert orders(two, Filter()) == [1]


def test_a_destroyed_corpus_starts_empty(open_store: Open) -> None:
    store = open_store()
    store.upsert([point(0)])
    store.destroy()
    assert open_store().count() == 0


def test_a_destroyed_corpus_gives_its_lock_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when its files could not be deleted. The lock is watched by a second name of its file, which stays."""
    for name in ("whole", "stuck"):
        store = edge(tmp_path / name)
        (tmp_path / f"{name}.lock").hardlink_to(tmp_path / name / "lock")
        with pytest.raises(CorpusLocked):
            Lock(tmp_path / f"{name}.lock", "It is open", "Close it.")
        if name == "stuck":
            monkeypatch.setattr("shutil.rmtree", Mock(side_effect=PermissionError))
            with pytest.raises(PermissionError):
                store.destroy()
        else:
            store.destroy()
        Lock(tmp_path / f"{name}.lock", "It is open", "Close it.").release()


def test_other_vectors_than_stored_are_refused_with_the_cure(open_store: Open) -> None:
    open_store().close()
    with pytest.raises(UserError, match=r"text \(dense 2\).*text \(dense 3\).*ingest again"):
        open_store(specs=SPECS | {"text": VectorSpec("dense", 3)})
    assert open_store().count() == 0, "a refused opening leaves no lock behind"


# The embedded store: one process at a time, and kills.

CHILD = """
import sys, time
from pathlib import Path
from retrievers.elements import WHOLE_PAGE, Element
from retrievers.stores.base import Point, VectorSpec
from retrievers.stores.edge import EdgeStore

SPECS = {"text": VectorSpec("dense", 2), "lexical": VectorSpec("sparse"), "tokens": VectorSpec("multi", 2)}

def points(start, end):
    elements = [Element("a.pdf", "v1", 1, "text", "", WHOLE_PAGE, order) for order in range(start, end)]
    return [Point(element, {"text": [1.0, element.order]}) for element in elements]

store = EdgeStore(Path(sys.argv[1]), SPECS)
"""
WRITE_ONCE = """
store.upsert(points(0, 500))
print(500, flush=True)
time.sleep(60)
"""
WRITE_ON = """
for start in range(0, 10_000_000, 20):
    store.upsert(points(start, start + 20))
    if start % 100 == 80:
        store.flush()
        print(start + 20, flush=True)
"""


def child(body: str, corpus: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", CHILD + body, str(corpus)], stdout=pipe, stderr=pipe, text=True)


def edge(corpus: Path) -> VectorStore:
    store: VectorStore = STORES.get("edge")(corpus, SPECS)
    return store


def test_a_second_process_is_told_who_has_the_corpus(tmp_path: Path) -> None:
    store = edge(tmp_path / "corpus")
    second = child("", tmp_path / "corpus")
    _, errors = second.communicate()
    assert second.returncode != 0
    assert "CorpusLocked" in errors
    assert f"pid {os.getpid()}" in errors
    assert str(tmp_path / "corpus") in errors
    store.close()
    third = child("", tmp_path / "corpus")
    third.communicate()
    assert third.returncode == 0


def test_the_same_process_cannot_open_a_corpus_twice(tmp_path: Path) -> None:
    store = edge(tmp_path / "corpus")
    with pytest.raises(CorpusLocked):
        edge(tmp_path / "corpus")
    store.close()
    store.close()
    edge(tmp_path / "corpus").close()


@pytest.mark.parametrize(
    "body", [WRITE_ONCE, WRITE_ONCE.replace("print", "store.flush()\nprint")], ids=["log", "flush"]
)
def test_kill_after_a_write_loses_nothing(tmp_path: Path, body: str) -> None:
    writer = child(body, tmp_path / "corpus")
    assert writer.stdout is not None
    assert writer.stdout.readline() == "500\n"
    writer.kill()
    writer.communicate()
    store = edge(tmp_path / "corpus")
    assert orders(store, Filter()) == list(range(500))
    assert len(store.vectors([element(order).id for order in range(500)], "text")) == 500
    store.close()


@pytest.mark.parametrize("seed", range(3))
def test_kill_at_any_moment_loses_at_most_the_tail(tmp_path: Path, seed: int) -> None:
    writer = child(WRITE_ON, tmp_path / "corpus")
    assert writer.stdout is not None
    first = writer.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.4))
    writer.kill()
    flushed = int((first + writer.communicate()[0]).split()[-1])
    store = edge(tmp_path / "corpus")
    kept = orders(store, Filter())
    assert len(kept) >= flushed
    assert kept == list(range(len(kept))), "what is kept has no holes"
    found = store.search([Prefetch("text", [1.0, 0.0], limit=len(kept))], len(kept))
    assert len(found) == len(kept)
    store.upsert([point(len(kept))])
    assert store.count() == len(kept) + 1
    store.close()


def test_a_kill_while_the_corpus_is_made_is_mended(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "shard.new" / "segments").mkdir(parents=True)
    (corpus / "lock").write_text("1")
    store = edge(corpus)
    assert store.count() == 0
    assert not (corpus / "shard.new").exists()
    store.close()


def test_a_damaged_corpus_is_reported_with_the_cure(tmp_path: Path) -> None:
    edge(tmp_path / "corpus").close()
    for file in (tmp_path / "corpus" / "shard" / "segments").rglob("*.json"):
        file.write_text("damaged")
    with pytest.raises(UserError, match=r"is damaged.*Delete that folder"):
        edge(tmp_path / "corpus")


# The server store.


@pytest.mark.skipif(not SERVER_URL, reason="no server: set TRIPTYCH_TEST_QDRANT_URL to run the contract against one")
def test_a_real_server_took_the_contract() -> None:
    STORES.get("server")(f"corpus-{uuid4().hex}", SPECS, url=SERVER_URL).destroy()


def test_an_unreachable_server_is_named_with_the_cure() -> None:
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:1 cannot be reached.*TRIPTYCH_QDRANT_URL"):
        STORES.get("server")("corpus", SPECS, url="http://127.0.0.1:1")


def test_a_local_folder_in_use_is_reported(tmp_path: Path) -> None:
    store = STORES.get("server")("corpus", SPECS, url=str(tmp_path))
    with pytest.raises(CorpusLocked, match="open in another process"):
        STORES.get("server")("corpus", SPECS, url=str(tmp_path))
    store.close()


def test_the_memory_mode_forgets() -> None:
    store = STORES.get("server")("corpus", SPECS, url=":memory:")
    store.upsert([point(0)])
    assert store.count() == 1
    store.close()
    assert STORES.get("server")("corpus", SPECS, url=":memory:").count() == 0


# A cluster, by a double of its failures, told of in words like Qdrant's.

NO_REPLICA = "Service internal error: The replica set for shard 1 on peer 7 has no active replica"
TOO_FEW = "Failed to apply operation to at least one `Active` replica. Consistency of this update is not guaranteed."
LATE = "Timeout error: Deadline Exceeded: upsert points timed out after 60 seconds"
RESTARTING = 'Service internal error: Tonic status error: status: Unavailable, message: "error trying to connect"'


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to be waited for, which no test does."""
    waited: list[float] = []
    monkeypatch.setattr(server_errors.time, "sleep", waited.append)
    return waited


def clustered(double: Double, replicas: int = 2, collection: str = "") -> VectorStore:
    store: VectorStore = ServerStore(
        collection or f"c-{uuid4().hex}", SPECS, double.url, "", Replication(4, replicas, replicas)
    )
    return store


@pytest.mark.parametrize("applied", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize(
    ("status", "error"), [(500, NO_REPLICA), (500, TOO_FEW), (408, LATE), (500, RESTARTING), (503, ""), (429, "")]
)
def test_a_write_is_sent_again_until_the_cluster_has_it(
    double: Double, waited: list[float], status: int, error: str, applied: bool
) -> None:
    """Also where some replicas had kept it."""
    store = clustered(double)
    double.faults.append(Fault("/points", status, error, times=3, applied=applied, headers={"Retry-After": "7"}))
    store.upsert([point(0, {"text": [1.0, 0.0]}), point(1)])
    assert orders(store, Filter()) == [0, 1]
    assert len(waited) == 3 and all(one == 7 for one in waited) is (status == 429)
    double.faults.append(Fault("/points/vectors", status, error, times=2, applied=applied))
    store.add_vectors([(element(1).id, {"text": [0.0, 1.0]})])
    assert store.vectors([element(1).id], "text")
    double.faults.append(Fault("/points/delete", status, error, times=2, applied=applied))
    double.created[store.collection]["cluster"] = shards("Active", "Active")  # type: ignore[attr-defined]
    store.delete(Filter(orders=(0, 0)))
    assert orders(store, Filter()) == [1]


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (500, NO_REPLICA, "Too few replicas.*goes on where it stopped.*start them.*TRIPTYCH_QDRANT_WRITE_CONSISTENCY"),
        (500, TOO_FEW, "Too few replicas"),
        (408, LATE, "did not carry it out in time.*goes on where it stopped"),
        (429, "rate limit", "asked too often.*takes more in 7 s"),
        (500, "disk full", "disk full.*server's log"),
    ],
)
def test_a_cluster_that_stays_away_is_told_of_with_the_cure(
    double: Double, waited: list[float], status: int, error: str, told: str
) -> None:
    store = clustered(double)
    double.faults.append(Fault("/points", status, error, times=6, headers={"Retry-After": "7"}))
    with pytest.raises(UserError, match=f"(?s){told}") as refused:
        store.upsert([point(0)])
    assert double.url in str(refused.value)
    assert len(waited) == 5
    assert store.count() == 0


def test_what_is_wrong_is_not_sent_again(double: Double, waited: list[float]) -> None:
    store = clustered(double)
    double.faults.append(Fault("/points", 400, "Wrong input: Vector dimension error"))
    with pytest.raises(UserError, match="Vector dimension error"):
        store.upsert([point(0)])
    assert not waited


def test_a_search_does_not_wait(double: Double, waited: list[float]) -> None:
    store = clustered(double)
    double.faults.append(Fault("/points/query/batch", 500, NO_REPLICA))
    with pytest.raises(UserError, match="Too few replicas"):
        store.search([Prefetch("text", [1.0, 0.0])], 5)
    assert not waited


def shards(*states: str) -> dict[str, object]:
    remote = [{"shard_id": 0, "peer_id": 2 + number, "state": state} for number, state in enumerate(states[1:])]
    here = {"shard_id": 0, "points_count": 0, "state": states[0]}
    return {"peer_id": 1, "shard_count": 1, "local_shards": [here], "remote_shards": remote, "shard_transfers": []}


def test_nothing_is_deleted_while_a_replica_is_away(double: Double, waited: list[float]) -> None:
    store = clustered(double)
    collection = store.collection  # type: ignore[attr-defined]
    store.upsert([point(0)])
    double.created[collection]["cluster"] = shards("Active", "Dead")
    with pytest.raises(UserError, match=r"1 of 2 replicas.*not active"):
        store.delete(Filter(documents=("a.pdf",)))
    assert len(waited) == 5 and store.count() == 1
    double.created[collection]["cluster"] = shards("Active", "Active")
    store.delete(Filter(documents=("a.pdf",)))
    assert store.count() == 0


def test_a_collection_is_spread_as_it_is_told(double: Double) -> None:
    store = clustered(double, replicas=3)
    made = double.created[store.collection]  # type: ignore[attr-defined]
    assert (made["shard_number"], made["replication_factor"], made["write_consistency_factor"]) == (4, 3, 3)


def test_a_large_corpus_is_searched_by_bytes_and_found_as_by_its_vectors(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((12, 384))
    near = centres[rng.integers(0, 12, 7_000)] + 0.7 * rng.standard_normal((7_000, 384))
    rows = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    specs = {"text": VectorSpec("dense", 384)}
    store = STORES.get("edge")(tmp_path / "corpus", specs)
    for start in range(0, len(rows), 500):
        store.upsert([point(order, {"text": rows[order].tolist()}) for order in range(start, start + 500)])
    store.optimize()
    assert list(tmp_path.rglob("quantized*"))
    found = 0
    for row in rows[:50]:
        nearest = {element(int(order)).id for order in np.argsort(-(rows @ row))[:10]}
        found += len(nearest & {match.element.id for match in store.search([Prefetch("text", row.tolist(), 10)], 10)})
    store.close()
    assert found >= 0.98 * 500
