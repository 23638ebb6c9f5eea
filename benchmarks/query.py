"""How long does a question take in a large corpus, rerank included, and what does it take to hold?

    python benchmarks/query.py [--elements 100000] [--folder FOLDER]

Builds a corpus of pages with five regions each: words drawn by Zipf's law and read by BM25 as it is, dense vectors
around one centre per document (embedding so much text would take hours). Then times `Retriever.search`, everything
that a question costs: embedding it with MiniLM, the fused lists, rerank and relevance; and the same without rerank.
With a folder the corpus is kept there, and asked again by the next run, whose memory is then that of asking alone. A
run that is broken off goes on at the step it was in: writing, or building the graphs.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from common.disk import size
from retrievers import embedders
from retrievers.elements import WHOLE_PAGE, Element, Kind
from retrievers.packing import pack
from retrievers.search.retriever import Retriever
from retrievers.stores import STORES
from retrievers.stores.base import Point, VectorStore

REGIONS: tuple[Kind, ...] = ("text", "text", "text", "table", "figure")  # of each page
REGION_WORDS = 110
QUESTION_WORDS = 8
DOCUMENT_PAGES = 100
VOCABULARY = 30_000
SPREAD = 0.7  # length of the noise around a document's centre, which has length 1
BATCH = 40  # pages written together
WARM = 5  # questions before the clock starts


class Source:
    """Words and vectors from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "an", "er", "in", "or")]
        self._words = np.array(["".join(self._rng.choice(syllables, 3)) for _ in range(VOCABULARY)])
        share = np.cumsum(1 / (np.arange(VOCABULARY) + 10.0))
        self._below = share / share[-1]

    def text(self, words: int) -> str:
        return " ".join(self._words[np.searchsorted(self._below, self._rng.random(words), side="right")])

    def vector(self, centre: np.ndarray) -> np.ndarray:
        """A neighbour of `centre`, length 1."""
        return unit(centre + self._rng.standard_normal(len(centre)) * SPREAD / np.sqrt(len(centre)))

    def centre(self, dim: int) -> np.ndarray:
        return unit(self._rng.standard_normal(dim))


class Asked:
    """MiniLM for time, the corpus's own vectors for neighbours: each question is near some document."""

    def __init__(self, source: Source, centres: Sequence[np.ndarray]) -> None:
        self._minilm = embedders.load("minilm")
        self._vectors = (source.vector(centre) for _ in iter(int, 1) for centre in centres)

    def embed_query(self, text: str) -> list[float]:
        self._minilm.embed_query(text)
        vector: list[float] = next(self._vectors).tolist()
        return vector


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def page(source: Source, centre: np.ndarray, place: int) -> list[tuple[Element, np.ndarray]]:
    """The page and its regions, each with its dense vector; the page's is the mean of theirs."""
    document, number = divmod(place, DOCUMENT_PAGES)
    order = number * (len(REGIONS) + 1)
    whole = Element(
        f"report-{document}.pdf", f"{document:064x}", number + 1, "page", "", WHOLE_PAGE, order, "Annual report"
    )
    regions = [
        replace(whole, kind=kind, text=source.text(REGION_WORDS), order=order + 1 + index)
        for index, kind in enumerate(REGIONS)
    ]
    vectors = [source.vector(centre) for _ in regions]
    whole = replace(whole, text="\n".join(region.text for region in regions))
    return list(zip([whole, *regions], [unit(np.mean(vectors, axis=0)), *vectors], strict=True))


def batches(source: Source, centres: Sequence[np.ndarray], pages: int) -> Iterator[list[tuple[Element, np.ndarray]]]:
    for start in range(0, pages, BATCH):
        places = range(start, min(start + BATCH, pages))
        yield [one for place in places for one in page(source, centres[place // DOCUMENT_PAGES], place)]


def fill(store: VectorStore, source: Source, centres: Sequence[np.ndarray], pages: int) -> None:
    bm25 = embedders.load("bm25")
    for batch in batches(source, centres, pages):
        lexical = bm25.embed_documents([element for element, _ in batch])
        stems = [pack(bm25.stems(element.text)) if element.kind == "page" else "" for element, _ in batch]
        store.upsert(
            [
                Point(replace(element, stems=own), {"text": dense.tolist(), "lexical": sparse})
                for (element, dense), sparse, own in zip(batch, lexical, stems, strict=True)
            ]
        )
    store.flush()


def timed(ask: Callable[[str], Any], questions: Sequence[str], warm: int = WARM) -> str:
    times = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        times.append(1000 * (time.perf_counter() - start))
    p50, p95 = np.percentile(times[warm:], [50, 95])
    return f"{p50:7.1f} ms p50 {p95:7.1f} ms p95"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.folder:
        measure(options.folder, options.elements, options.questions)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.elements, options.questions)


def step(done: Path, opened: Callable[[], VectorStore], act: Callable[[VectorStore], None]) -> dict[str, float]:
    """Carried out unless an earlier run has; what it took, in seconds."""
    if not done.exists():
        start, cpu = time.perf_counter(), time.process_time()
        store = opened()
        act(store)
        took = {"elements": store.count(), "seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
        store.close()
        done.write_text(json.dumps(took))
    known: dict[str, float] = json.loads(done.read_text())
    return known


def memory() -> str:
    """What is resident, and what of it is no file's page that can be read again."""
    now = psutil.Process().memory_info()
    return f"{now.rss / 1e6:,.0f} MB resident, {(now.rss - now.shared) / 1e6:,.0f} MB of them anonymous"


def measure(folder: Path, elements: int, count: int) -> None:
    source = Source()
    infos = [embedders.load(name).info for name in ("minilm", "bm25")]
    pages = elements // (len(REGIONS) + 1)
    centres = [source.centre(infos[0].spec.dim) for _ in range(pages // DOCUMENT_PAGES + 1)]
    specs = {info.vector: info.spec for info in infos}

    def opened() -> VectorStore:
        return STORES.get("edge")(folder / "edge", specs)

    written = step(folder / "written.json", opened, lambda store: fill(store, source, centres, pages))
    built = step(folder / "built.json", opened, lambda store: store.optimize())
    print(f"{written['elements']:,} elements of {pages:,} pages, {size(folder) / 1e6:,.0f} MB on the disk")
    for what, took in (("to write them", written), ("to build the graphs", built)):
        print(f"{what:21} {took['seconds']:7.0f} s, {took['cpu']:.0f} s of CPU")
    asked, bm25 = Asked(source, centres), embedders.load("bm25")
    asked.embed_query("warm")
    print(f"before it is open     {memory()}")
    start = time.perf_counter()
    store = opened()
    print(f"to open               {1000 * (time.perf_counter() - start):7.0f} ms")
    retriever = Retriever(store, asked, bm25)
    questions = [source.text(QUESTION_WORDS) for _ in range(count + WARM)]
    print(f"first question        {timed(retriever.search, questions[:1], warm=0)}")
    print(f"embed the question    {timed(asked.embed_query, questions)}")
    print(f"up to the candidates  {timed(retriever.candidates, questions)}")
    print(f"search, with rerank   {timed(retriever.search, questions)}")
    print(f"after the questions   {memory()}")
    store.close()


if __name__ == "__main__":
    main()
