"""Page recall@k over a folder of PDFs with questions whose evidence pages are known.

    python -m evals.pages --data FOLDER [--corpus NAME] [--data-dir DIR]

FOLDER holds `pdfs/` and `answerable.jsonl`, one {"question", "doc", "pages0" (from 0), "sources"} a line, as in
MMLongBench-Doc (arXiv 2407.01523). The corpus is ingested first (unchanged files cost a hash).
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.settings import Settings
from retrievers.elements import Hit
from retrievers.library import Corpus, Library

CUTS = (1, 5, 10)
VISUAL = {"Chart", "Figure"}


def recalled(question: dict[str, Any], hits: Sequence[Hit], cut: int) -> bool:
    """Whether any gold page is among the first `cut` pages found."""
    gold = {(question["doc"], page + 1) for page in question["pages0"]}
    return any((hit.element.document, hit.element.page) in gold for hit in hits[:cut])


def recall_row(corpus: Corpus, questions: Sequence[dict[str, Any]], inside: bool) -> list[list[bool]]:
    """Per question, recalled at each of `CUTS`; `inside` searches the right document only."""
    rows = []
    for question in questions:
        documents = (question["doc"],) if inside else ()
        hits = corpus.search(question["question"], top=max(CUTS), documents=documents)
        rows.append([recalled(question, hits, cut) for cut in CUTS])
    return rows


def table(corpus: Corpus, questions: Sequence[dict[str, Any]]) -> str:
    """Markdown: share of questions with a gold page among the first 1, 5, 10."""
    lines = ["| questions | scope | n | " + " | ".join(f"@{cut}" for cut in CUTS) + " |", "|---|---|---|---|---|---|"]
    visual = [bool(question["sources"]) and set(question["sources"]) <= VISUAL for question in questions]
    for scope, inside in (("all documents", False), ("right document", True)):
        rows = recall_row(corpus, questions, inside)
        for name, chosen in (
            ("all", rows),
            ("chart or figure only", [r for r, v in zip(rows, visual, strict=True) if v]),
        ):
            shares = [sum(column) / len(chosen) for column in zip(*chosen, strict=True)] if chosen else []
            lines.append(f"| {name} | {scope} | {len(chosen)} | " + " | ".join(f"{s:.2f}" for s in shares) + " |")
    return "\n".join(lines)


def read_questions(path: Path) -> list[dict[str, Any]]:
    """Lines of a JSONL file. Exits when it is not there."""
    if not path.exists():
        raise SystemExit(f"{path} is not there: give the folder of the data set with --data.")
    return [json.loads(line) for line in path.read_text().splitlines()]


@contextmanager
def open_corpus(arguments: argparse.Namespace) -> Iterator[Corpus]:
    """The corpus of `--corpus` in `--data-dir`, with the PDFs of `--data` read into it."""
    with Library(arguments.data_dir).open(arguments.corpus, create=True) as corpus:
        report = corpus.ingest([arguments.data / "pdfs"])
        print(f"{report.pages} pages read now, {report.unchanged} files unchanged, {len(report.failed)} failed\n")
        yield corpus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", default="eval")
    parser.add_argument("--data-dir", type=Path, default=Settings().data_dir)
    arguments = parser.parse_args()
    questions = read_questions(arguments.data / "answerable.jsonl")
    with open_corpus(arguments) as corpus:
        print(table(corpus, questions))


if __name__ == "__main__":
    main()
