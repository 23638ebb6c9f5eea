"""Ways to rank pages, from one index alone to the whole retriever: what `triptych eval retrieval` sets side by side."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from agent.answering.judge import Judge, relevant
from agent.build import Parts
from agent.settings import Settings
from agent.tools.search import with_companions
from common.errors import BadDocument
from evals.datasets.questions import PageKey, Question
from evals.retrieval.audit import PARTS, without
from evals.retrieval.late import rescored
from retrievers import embedders
from retrievers.elements import Kind
from retrievers.library import Corpus
from retrievers.search.rerank import Candidate, rerank
from retrievers.search.retriever import CANDIDATES, REGIONS
from retrievers.stores.base import Filter, Match, Prefetch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEPTH = 10  # pages looked at
DOCUMENTS = 3  # looked into, when documents are found first
LEAST = 0.03  # relevance of a page that the cut leaves


@dataclass(frozen=True)
class Outcome:
    """What came of one question: pages best first, how probably it has an answer (if known), and the seconds taken
    (0 where they mean nothing)."""

    question: Question
    pages: Sequence[PageKey]
    relevance: float | None = None
    seconds: float = 0.0


Found = tuple[list[PageKey], float | None]
Find = Callable[[Corpus, str, tuple[str, ...]], Found]


class Arm(NamedTuple):
    """A way to rank, and what it is. `timed`: whether it takes as long as it would for a user."""

    find: Find
    what: str
    timed: bool = True


def single(embedder_name: str, kinds: tuple[Kind, ...]) -> Find:
    """Pages in the order of one vector's list over elements of `kinds`."""

    def find(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
        embedder = embedders.load(embedder_name)
        where = Filter(documents=documents, kinds=kinds)
        prefetch = Prefetch(embedder.info.vector, embedder.embed_query(question), CANDIDATES, 1.0, where)
        found = corpus.store.search([prefetch], CANDIDATES)
        pages = list(dict.fromkeys((match.element.document, match.element.page) for match in found))
        return pages[:DEPTH], None

    return find


def hybrid(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """All indexes fused by rank, before the reranker."""
    return _pages(corpus.retriever.candidates(question, documents=documents)[:DEPTH]), None


def less(*parts: str, vector: str = "") -> Find:
    """`hybrid` without these of `audit.PARTS`; `vector` keeps only its lists."""

    def takes(match: Match, name: str) -> bool:
        return name != (vector or name) or any(PARTS[part](match, name) for part in parts)

    def find(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
        return _pages(without(_candidates(corpus, question, documents), takes)[:DEPTH]), None

    return find


@lru_cache(maxsize=1000)
def _candidates(corpus: Corpus, question: str, documents: tuple[str, ...]) -> list[Candidate]:
    return corpus.retriever.candidates(question, documents=documents)


def full(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """The retriever as it answers users."""
    hits = corpus.search(question, top=DEPTH, documents=documents)
    return [(hit.element.document, hit.element.page) for hit in hits], hits[0].answerable if hits else 0.0


def late(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    found = corpus.retriever.candidates(question, documents=documents)
    ranked = rescored(question, rerank(question, found, embedders.load("bm25").stems))
    return _pages([one.candidate for one in ranked[:DEPTH]]), None


def document_first(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """Inside the `DOCUMENTS` whose vector, the normalised mean of their regions', is nearest (arXiv 2410.02729)."""
    import numpy as np

    names, vectors = document_vectors(corpus)
    like = vectors @ np.asarray(embedders.load("minilm").embed_query(question), dtype=np.float32)
    nearest = [names[place] for place in np.argsort(-like)[:DOCUMENTS]]
    return full(corpus, question, documents or tuple(nearest))


@cache
def document_vectors(corpus: Corpus) -> tuple[list[str], "NDArray[np.float32]"]:
    """Names of the documents, and their unit vectors [documents, dim]."""
    import numpy as np

    regions = defaultdict(list)
    for element in corpus.store.scroll(Filter(kinds=REGIONS)):
        regions[element.document].append(element.id)
    means = [np.mean(list(corpus.store.vectors(ids, "text").values()), axis=0) for ids in regions.values()]
    vectors = np.asarray(means, dtype=np.float32)
    return list(regions), vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cut(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """Up to `DEPTH` pages, possibly none (arXiv 2501.04695)."""
    hits = corpus.search(question, top=DEPTH, documents=documents)
    return [(hit.element.document, hit.element.page) for hit in hits if (hit.relevance or 0.0) >= LEAST], None


def judged(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Found:
    """`full`, its first pages judged by the model; sure of the best by P(True), also when none is kept."""
    judge = _judge(corpus)
    hits = corpus.search(question, top=judge.most, documents=documents)
    pages = list(with_companions(corpus, question, hits, judge.most))
    undrawn: list[str] = []
    chances = judge.chances(question, pages, undrawn)
    if undrawn:
        raise BadDocument(undrawn[0])
    kept = [page[0].element for page in relevant(pages, chances)]
    return [(element.document, element.page) for element in kept], max(chances, default=0.0)


@cache
def _judge(corpus: Corpus) -> Judge:
    """Raises `UserError` when the settings name no model that can judge."""
    judge = Parts(Settings(judged=DEPTH, data_dir=corpus.folder.parents[1])).judge(corpus)
    assert judge is not None
    return judge


def _pages(candidates: Sequence[Candidate]) -> list[PageKey]:
    return [(candidate.document, candidate.page) for candidate in candidates]


WHOLE = ("words of pages", "meaning of pages")
SEEN = ("OCR", "tables", "figures")
ARMS: dict[str, Arm] = {
    "bm25": Arm(single("bm25", ("page",)), "BM25 over whole pages, the floor that fusion has to beat"),
    "bm25-regions": Arm(single("bm25", REGIONS), "BM25 over passages, tables and figures"),
    "dense": Arm(single("minilm", REGIONS), "MiniLM over passages, tables and figures"),
    "dense-pages": Arm(single("minilm", ("page",)), "MiniLM, a page's vector the mean of its regions'"),
    "bm25-text": Arm(less(*WHOLE, *SEEN, vector="lexical"), "BM25 over passages of text layers", False),
    "dense-text": Arm(less(*WHOLE, *SEEN, vector="text"), "MiniLM over the same", False),
    "hybrid-text": Arm(less(*WHOLE, *SEEN), "both, fused by rank", False),
    "ocr": Arm(less(*WHOLE, "tables", "figures"), "`hybrid-text` and what OCR reads", False),
    "tables": Arm(less(*WHOLE, "figures"), "`ocr` and tables", False),
    "figures": Arm(less(*WHOLE), "`tables` and figures", False),
    "hybrid": Arm(hybrid, "`figures` and whole pages: all indexes fused by rank, before the reranker"),
    "full": Arm(full, "`hybrid`, reranked: the retriever as it answers users"),
    "late": Arm(late, "`full`, its first pages ranked again with late interaction (MaxSim over MiniLM's tokens)"),
    "document-first": Arm(document_first, f"`full` inside the {DOCUMENTS} documents whose mean vector is nearest"),
    "cut": Arm(cut, f"`full` without pages of a relevance below {LEAST}: up to ten, possibly none"),
    "judged": Arm(judged, "`full`, its pages judged by the model of TRIPTYCH_MODEL: up to ten, possibly none"),
}
"""By name."""
ABLATION = "bm25-text,dense-text,hybrid-text,ocr,tables,figures,hybrid,full,late,document-first,cut"


def ask(arm: Arm, corpus: Corpus, questions: Sequence[Question], inside: bool) -> list[Outcome]:
    """One outcome a question; `inside` searches its own documents only."""
    outcomes = []
    for question in questions:
        start = perf_counter()
        pages, relevance = arm.find(corpus, question.text, question.documents if inside else ())
        outcomes.append(Outcome(question, pages, relevance, (perf_counter() - start) * arm.timed))
    return outcomes
