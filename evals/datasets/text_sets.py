"""Public sets of questions over plain texts, made into corpora of pages: strangers to fit and judge retrieval on.

    python -m evals.datasets.text_sets FILE ... --data-dir DIR

Reads SQuAD's JSON (XQuAD: every paragraph is a page of its article; COVID-QA: papers are cut into pages) and TAT-QA's
(a table with its paragraphs is a page). Writes, for each file, a corpus of its name, and `NAME.jsonl` beside the
corpora: questions as for `triptych eval retrieval`. TAT-QA's tables name no company, so that its questions are to be
asked of the right document only.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.build import Parts
from agent.settings import Settings
from retrievers.elements import Block, Box, Element, Page
from retrievers.embedders.chosen import Chosen
from retrievers.ingestion.assemble import Assembler
from retrievers.ingestion.ingest import VERSION
from retrievers.ingestion.records import DocumentRecord, PageRecord, PageReport
from retrievers.ingestion.stages.vectors import dense, lexical
from retrievers.library import Corpus
from retrievers.packing import pack
from retrievers.parsers.layout.tables.table import to_text
from retrievers.stores.base import Point

PAGE = 3_000  # characters of a paper's page
SHORT = 6_000  # characters; a longer text is cut into pages
TABLES = 10  # of a document made of TAT-QA's
FULL = Box(0.0, 0.0, 1.0, 1.0)


@dataclass
class Text:
    """One document: its pages' blocks, and its questions with the page (from 1) that answers and the answer."""

    name: str
    title: str
    pages: list[list[Block]] = field(default_factory=list)
    questions: list[tuple[str, int, str]] = field(default_factory=list)


def read(path: Path) -> list[Text]:
    """The documents of a file. Raises `ValueError` for JSON of another shape."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return list(_of_tables(content))
    return [_of_article(number, article) for number, article in enumerate(content["data"])]


def _of_article(number: int, article: dict[str, Any]) -> Text:
    title = article.get("title", "").replace("_", " ")
    text = Text(f"{title or f'Paper {number:03}'}.txt", title)
    for paragraph in article["paragraphs"]:
        cuts = _cuts(paragraph["context"])
        first = len(text.pages) + 1
        text.pages += [_prose(paragraph["context"][a:b]) for a, b in cuts]
        for asked in paragraph["qas"]:
            for answer in asked["answers"][:1]:
                page = next(place for place, (_, end) in enumerate(cuts) if answer["answer_start"] < end)
                text.questions.append((asked["question"], first + page, answer["text"]))
    return text


def _cuts(text: str) -> list[tuple[int, int]]:
    """Where the pages of a text begin and end: at the space before `PAGE` characters, unless it is `SHORT`."""
    cuts, start = [], 0
    while len(text) > SHORT and len(text) - start > PAGE:
        end = max(text.rfind(" ", start, start + PAGE), start + PAGE // 2)
        cuts.append((start, end))
        start = end
    return [*cuts, (start, len(text))]


def _prose(text: str) -> list[Block]:
    return [Block("text", part, FULL) for part in text.split("\n\n") if part.strip()]


def _of_tables(items: Sequence[dict[str, Any]]) -> Iterator[Text]:
    for number, start in enumerate(range(0, len(items), TABLES)):
        text = Text(f"Report {number:02}.txt", "")
        for page, item in enumerate(items[start : start + TABLES], start=1):
            rows = tuple(map(tuple, item["table"]["table"]))
            said = [_prose(one["text"]) for one in sorted(item["paragraphs"], key=lambda one: one["order"])]
            table = Block("table", to_text(rows), FULL, rows=rows)
            text.pages.append([*(block for blocks in said for block in blocks), table])
            text.questions += [(one["question"], page, str(one["answer"])) for one in item["questions"]]
        yield text


def write(corpus: Corpus, chosen: Chosen, texts: Sequence[Text]) -> None:
    """Each as a document of `corpus`, as an ingestion would have left it."""
    for text in texts:
        digest = hashlib.sha256(repr(text.pages).encode()).hexdigest()
        assembler = Assembler(text.name, digest, text.title)
        reports = []
        for number, blocks in enumerate(text.pages, start=1):
            elements = [_with_stems(chosen, one) for one in assembler.place(Page(number, blocks))]
            vectors = dense(chosen, elements) | lexical(chosen, elements)
            named = [{name: found[one.id] for name, found in vectors.items() if one.id in found} for one in elements]
            corpus.store.upsert([Point(*parts) for parts in zip(elements, named, strict=True)])
            reports.append(PageRecord(PageReport(number, {"text": len(elements) - 1})))
        pages = len(text.pages)
        done: dict[str, Any] = {"status": "done", "pages": pages, "next_page": pages + 1, "state": assembler.state()}
        begun = DocumentRecord(text.name, text.name, digest, VERSION, text.title)
        corpus._manifest.put(begun)
        corpus._manifest.put(replace(begun, **done), reports)
    corpus.store.optimize()
    corpus.store.flush()


def _with_stems(chosen: Chosen, element: Element) -> Element:
    return replace(element, stems=pack(chosen.lexical.page_stems(element.text))) if element.kind == "page" else element


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--data-dir", type=Path, required=True)
    arguments = parser.parse_args()
    parts = Parts(Settings(data_dir=arguments.data_dir))
    try:
        for path in arguments.files:
            name = path.stem.replace(".", "-").lower()
            texts = read(path)
            with parts.library.open(name, create=True) as corpus:
                write(corpus, Chosen("minilm"), texts)
            lines = [
                json.dumps({"question": asked, "document": text.name, "pages": [page], "answer": answer})
                for text in texts
                for asked, page, answer in text.questions
            ]
            (arguments.data_dir / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
            print(f"{name}: {len(texts)} documents, {len(lines)} questions")
    finally:
        parts.close()


if __name__ == "__main__":
    main()
