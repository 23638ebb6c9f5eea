"""Ways to rank pages, from one index alone to the whole retriever: what `triptych eval retrieval` sets side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from evals.questions import PageKey, Question
from retrievers import embedders
from retrievers.elements import Kind
from retrievers.library import Corpus
from retrievers.retriever import CANDIDATES, REGIONS
from retrievers.stores.base import Filter, Prefetch

DEPTH = 10  # pages looked at


@dataclass(frozen=True)
class Outcome:
    """What came of one question: pages best first, how probably the best answers (if known), and the seconds taken."""

    question: Question
    pages: Sequence[PageKey]
    relevance: float | None = None
    seconds: float = 0.0


Found = tuple[list[PageKey], float | None]
Arm = Callable[[Corpus, str, tuple[str, ...]], Found]


def single(embedder_name: str, kinds: tuple[Kind, ...]) -> Arm:
    """Pages in the order of one vector's list over elements of `kinds`."""

    def arm(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
        embedder = embedders.load(embedder_name)
        where = Filter(documents=documents, kinds=kinds)
        prefetch = Prefetch(embedder.info.vector, embedder.embed_query(question), CANDIDATES, 1.0, where)
        found = corpus.store.search([prefetch], CANDIDATES)
        pages = list(dict.fromkeys((match.element.document, match.element.page) for match in found))
        return pages[:DEPTH], None

    return arm


def hybrid(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """All indexes fused by rank, before the reranker."""
    found = corpus.retriever.candidates(question, documents=documents)
    return [(candidate.document, candidate.page) for candidate in found[:DEPTH]], None


def full(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """The retriever as it answers users."""
    hits = corpus.search(question, top=DEPTH, documents=documents)
    best = max((hit.relevance for hit in hits if hit.relevance is not None), default=None)
    return [(hit.element.document, hit.element.page) for hit in hits], best


ARMS: dict[str, Arm] = {
    "bm25": single("bm25", ("page",)),
    "bm25-regions": single("bm25", REGIONS),
    "dense": single("minilm", REGIONS),
    "dense-pages": single("minilm", ("page",)),
    "hybrid": hybrid,
    "full": full,
}
"""By name; `bm25` is BM25 over whole pages, the floor that fusion has to beat."""


def ask(arm: Arm, corpus: Corpus, questions: Sequence[Question], inside: bool) -> list[Outcome]:
    """One outcome a question; `inside` searches its own documents only."""
    outcomes = []
    for question in questions:
        start = perf_counter()
        pages, relevance = arm(corpus, question.text, question.documents if inside else ())
        outcomes.append(Outcome(question, pages, relevance, perf_counter() - start))
    return outcomes
