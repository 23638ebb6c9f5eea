"""How fast and how exact is the store? Run: python benchmarks/store.py [--elements 100000] [--compare 10000]

Builds a corpus of clustered unit vectors and BM25-like sparse vectors with full payloads (text and table rows), then
measures writing, index building, fused queries, recall of the dense index against exact search, reopening, and size.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrievers.elements import WHOLE_PAGE, Element
from retrievers.stores import STORES
from retrievers.stores.base import Point, Prefetch, SparseVector, VectorSpec, VectorStore

DIM = 384
SPECS = {"text": VectorSpec("dense", DIM), "lexical": VectorSpec("sparse")}
BATCH = 256
CLUSTERS = 500
SPREAD = 0.7  # length of the noise around a cluster's centre, which has length 1
VOCABULARY = 30_000
TERMS = 40  # distinct words of an element
SENTENCE = "The quarterly figures of the northern region rose beyond what the plan had foreseen. "


@dataclass
class Corpus:
    """Dense rows [n, DIM] of length 1, and sparse vectors, made from a seed."""

    dense: np.ndarray
    sparse: list[SparseVector]

    @classmethod
    def make(cls, size: int, centres: np.ndarray, rng: np.random.Generator, terms: int = TERMS) -> "Corpus":
        noise = rng.standard_normal((size, DIM), dtype=np.float32) * np.float32(SPREAD / np.sqrt(DIM))
        dense = centres[rng.integers(0, len(centres), size)] + noise
        dense /= np.linalg.norm(dense, axis=1, keepdims=True)
        return cls(dense, [words(rng, terms) for _ in range(size)])


def words(rng: np.random.Generator, terms: int) -> SparseVector:
    """Term ids by Zipf's law, weights in BM25's range."""
    ids = np.unique(rng.zipf(1.2, terms * 2) % VOCABULARY)[:terms]
    return SparseVector(ids.tolist(), rng.uniform(0.5, 2.2, len(ids)).tolist())


def points(corpus: Corpus) -> Iterator[list[Point]]:
    for start in range(0, len(corpus.dense), BATCH):
        end = min(start + BATCH, len(corpus.dense))
        yield [
            Point(element(order), {"text": corpus.dense[order], "lexical": corpus.sparse[order]})
            for order in range(start, end)
        ]


def element(order: int) -> Element:
    """Every tenth is a table of 60 cells; the others hold 700 characters."""
    rows = tuple(tuple(f"cell {row} {column}" for column in range(6)) for row in range(10)) if order % 10 == 0 else ()
    return Element(
        document=f"report-{order // 500}.pdf",
        sha256=f"{order // 500:064x}",
        page=order % 500 // 5 + 1,
        kind="table" if rows else "text",
        text=SENTENCE * 8,
        box=WHOLE_PAGE,
        order=order % 500,
        title="Annual report",
        section=("Results", "Regions"),
        rows=rows,
    )


def fused(corpus: Corpus, row: int) -> list[Prefetch]:
    return [Prefetch("text", corpus.dense[row]), Prefetch("lexical", corpus.sparse[row])]


def milliseconds(store: VectorStore, queries: Corpus) -> np.ndarray:
    """Wall time of each fused query, payload and ranks included."""
    times = []
    for row in range(len(queries.dense)):
        start = time.perf_counter()
        store.search(fused(queries, row), 20)
        times.append(1000 * (time.perf_counter() - start))
    return np.array(times[5:])  # the first few warm the caches


def recall(store: VectorStore, corpus: Corpus, queries: Corpus, at: int = 10) -> float:
    """Share of the exact nearest `at` that dense search finds."""
    found = 0
    for row in range(len(queries.dense)):
        exact = np.argpartition(-(corpus.dense @ queries.dense[row]), at)[:at]
        expected = {element(int(order)).id for order in exact}
        found += len(expected & {match.element.id for match in store.search([fused(queries, row)[0]], at)})
    return found / (at * len(queries.dense))


def size_on_disk(folder: Path) -> int:
    """Allocated bytes, as `du` counts them: the engine's files are sparse."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def measure(name: str, folder: Path, size: int, query_count: int) -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CLUSTERS, DIM), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    corpus = Corpus.make(size, centres, rng)
    queries = Corpus.make(query_count, centres, rng, terms=6)

    def open_store() -> VectorStore:
        store: VectorStore = (
            STORES.get("edge")(folder / "edge", SPECS)
            if name == "edge"
            else STORES.get("server")("local", SPECS, url=str(folder))
        )
        return store

    store = open_store()
    print(f"\n{name}: {size:,} elements x {DIM}", flush=True)
    seconds = 0.0
    for batch in points(corpus):
        start = time.perf_counter()
        store.upsert(batch)
        seconds += time.perf_counter() - start
    start = time.perf_counter()
    store.flush()
    seconds += time.perf_counter() - start
    print(f"  upsert            {size / seconds:10,.0f} points/s", flush=True)
    start = time.perf_counter()
    store.optimize()
    print(f"  optimize          {time.perf_counter() - start:10.1f} s", flush=True)
    times = milliseconds(store, queries)
    print(f"  fused query       {np.median(times):10.1f} ms p50, {np.percentile(times, 95):.1f} ms p95", flush=True)
    print(f"  dense recall@10   {recall(store, corpus, queries):10.3f}", flush=True)
    store.close()
    start = time.perf_counter()
    open_store().close()
    print(f"  reopen            {time.perf_counter() - start:10.2f} s")
    print(f"  on disk           {size_on_disk(folder) / 1e6:10,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--compare", type=int, default=0, help="also measure qdrant-client's local mode at this size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure("edge", Path(folder), options.elements, options.queries)
    if options.compare:
        with tempfile.TemporaryDirectory() as folder:
            measure("qdrant-client local mode", Path(folder), options.compare, options.queries)


if __name__ == "__main__":
    main()
