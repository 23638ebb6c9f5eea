"""What each part of the retriever adds: page recall of ever larger parts of it, on one corpus.

    python -m evals.ablation --data FOLDER [--corpus NAME] [--data-dir DIR] [--out FILE.md]

FOLDER as in evals/pages.py. Differences from the row above carry 95 % intervals from 2,000 bootstrap resamples of the
questions. The rerank weights were fitted on the development documents; evals/rerank.py gives their cross-validated
figures.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.settings import Settings
from evals.pages import CUTS, open_corpus, read_questions
from retrievers import embedders
from retrievers.elements import Kind
from retrievers.library import Corpus
from retrievers.rerank import rerank
from retrievers.retriever import CANDIDATES, REGIONS
from retrievers.stores.base import Filter, Prefetch

Pages = list[tuple[str, int]]
Arm = Callable[[Corpus, str, tuple[str, ...]], Pages]
RESAMPLES = 2000


def single(vector: str, kinds: tuple[Kind, ...]) -> Arm:
    """Pages in the order of one vector's list."""
    embedder = embedders.load("minilm" if vector == "text" else "bm25")

    def pages(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Pages:
        where = Filter(documents=documents, kinds=kinds)
        found = corpus.store.search(
            [Prefetch(vector, embedder.embed_query(question), CANDIDATES, 1.0, where)], CANDIDATES
        )
        return list(dict.fromkeys((match.element.document, match.element.page) for match in found))

    return pages


def fused(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Pages:
    found = corpus.retriever.candidates(question, documents=documents)
    return [(candidate.document, candidate.page) for candidate in found]


def reranked(corpus: Corpus, question: str, documents: tuple[str, ...]) -> Pages:
    found = corpus.retriever.candidates(question, documents=documents)
    stems = embedders.load("bm25").stems
    return [(one.candidate.document, one.candidate.page) for one in rerank(question, found, stems)]


def arms() -> dict[str, Arm]:
    return {
        "dense regions": single("text", REGIONS),
        "dense pages (mean of regions)": single("text", ("page",)),
        "BM25 regions": single("lexical", REGIONS),
        "BM25 pages": single("lexical", ("page",)),
        "all four, fused by rank": fused,
        "fused, then reranked": reranked,
    }


def hits(arm: Arm, corpus: Corpus, questions: Sequence[dict[str, Any]], inside: bool) -> list[list[bool]]:
    """Per question, whether a gold page is among the first of each of `CUTS`."""
    rows = []
    for question in questions:
        pages = arm(corpus, question["question"], (question["doc"],) if inside else ())
        gold = {(question["doc"], page + 1) for page in question["pages0"]}
        rows.append([bool(gold.intersection(pages[:cut])) for cut in CUTS])
    return rows


def interval(before: Sequence[bool], after: Sequence[bool]) -> tuple[float, float]:
    """95 % of the resampled differences in share."""
    draw = random.Random(0)
    gains = [int(b) - int(a) for a, b in zip(before, after, strict=True)]
    means = sorted(sum(draw.choices(gains, k=len(gains))) / len(gains) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]


def table(corpus: Corpus, questions: Sequence[dict[str, Any]], inside: bool) -> str:
    cuts = " | ".join(f"@{cut}" for cut in CUTS)
    lines = [f"| part | {cuts} | @1 against the row above |", "|---|---|---|---|---|"]
    before: list[list[bool]] = []
    for name, arm in arms().items():
        rows = hits(arm, corpus, questions, inside)
        shares = " | ".join(f"{sum(column) / len(column):.2f}" for column in zip(*rows, strict=True))
        gain = ""
        if before:
            low, high = interval([row[0] for row in before], [row[0] for row in rows])
            gain = f"{low:+.2f} to {high:+.2f}"
        lines.append(f"| {name} | {shares} | {gain} |")
        before = rows
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", default="eval")
    parser.add_argument("--data-dir", type=Path, default=Settings().data_dir)
    parser.add_argument("--out", type=Path, help="write the tables here too")
    arguments = parser.parse_args()
    questions = read_questions(arguments.data / "answerable.jsonl")
    with open_corpus(arguments) as corpus:
        parts = [
            f"## {scope} ({len(questions)} questions)\n\n{table(corpus, questions, inside)}\n"
            for scope, inside in (("All documents", False), ("The right document", True))
        ]
    report = (
        f"# What each part of the retriever adds\n\nShare of questions with a gold page among the first k, on "
        f"{arguments.data.name}. Made by `python -m evals.ablation`.\n\n" + "\n".join(parts)
    )
    print(report)
    if arguments.out:
        arguments.out.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
