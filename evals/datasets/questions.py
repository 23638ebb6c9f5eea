"""Questions with known evidence, from the files people keep them in.

- JSONL, one `{"question", "document", "pages" (from 1), "answer"?, "sources"?, "unanswerable"?}` a line; `sources` are
  the kinds of evidence: chart, figure, table, text.
- the JSONL of MMLongBench-Doc (arXiv 2407.01523): `doc` and `pages0` (from 0); no pages mean unanswerable.
- the CSV of Docugami KG-RAG: evidence by document only, as a file name pattern ("*2023 Q3 NVDA*").
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from common import jsonl
from common.errors import UserError

PageKey = tuple[str, int]  # document, page from 1
KINDS = {"chart": "chart", "figure": "figure", "image": "figure", "table": "table", "text": "text", "layout": "text"}
SLICES = {"chart or figure": {"chart", "figure"}, "table": {"table"}, "text": {"text"}}


@dataclass(frozen=True)
class Question:
    """`documents` may be patterns of file names. No `pages`, yet answerable: judged by document only."""

    text: str
    documents: tuple[str, ...]
    pages: frozenset[PageKey] = frozenset()
    answer: str = ""
    sources: frozenset[str] = frozenset()
    answerable: bool = True

    def of(self, kinds: set[str]) -> bool:
        """Whether all its evidence is of these kinds."""
        return bool(self.sources) and self.sources <= kinds


def read_questions(paths: Sequence[Path], documents: Sequence[str] = ()) -> list[Question]:
    """All questions of the files. File name patterns stand for those of `documents` that they match.

    Raises `UserError` for a file that is not there, for a bad line, and for a document that is not in `documents`.
    """
    return [_placed(question, documents, where) for path in paths for where, question in _read(path)]


def _read(path: Path) -> Iterator[tuple[str, Question]]:
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "Give a JSONL (or CSV) file of questions.")
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                yield _checked(path, f"question {number}", _of_csv, row)
        return
    for number, line in jsonl.lines(path):
        yield _checked(path, f"line {number}", _of_json, line)


def _checked(path: Path, place: str, make: Any, source: Any) -> tuple[str, Question]:
    where = f"{path}, {place}"
    try:
        return where, make(source)
    except (ValueError, KeyError, TypeError) as error:
        wanted = 'one {"question": "...", "document": "report.pdf", "pages": [3]} a line'
        raise UserError(f"{where} is not a question: {error!r}.", f"Wanted: {wanted}.") from error


def _of_json(line: str) -> Question:
    record: Mapping[str, Any] = json.loads(line)
    text = record["question"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("empty question")
    given = record.get("document", record.get("doc", ()))
    documents = (given,) if isinstance(given, str) else tuple(given)
    numbers = [page + 1 for page in record["pages0"]] if "pages0" in record else record.get("pages", [])
    if numbers and (len(documents) != 1 or min(numbers) < 1):
        raise ValueError("pages count from 1 and belong to one document")
    unanswerable = record.get("unanswerable", "pages0" in record and not numbers)
    return Question(
        text=text,
        documents=documents,
        pages=frozenset((documents[0], int(number)) for number in numbers),
        answer=str(record.get("answer", "")),
        sources=_kinds(record.get("sources", [])),
        answerable=not unanswerable,
    )


def _of_csv(row: Mapping[str, str]) -> Question:
    patterns = tuple(part.strip() for part in row["Source Docs"].split(","))
    return Question(row["Question"], patterns, answer=row["Answer"], sources=_kinds([row["Source Chunk Type"]]))


def _kinds(words: Sequence[str]) -> frozenset[str]:
    """ "Pure-text (Plain-text)" is text, "Table, Text" both."""
    return frozenset(kind for word in words for name, kind in KINDS.items() if name in word.lower())


def _placed(question: Question, known: Sequence[str], where: str) -> Question:
    """`question` with its documents as the corpus names them."""
    if not known:
        return question
    named = {pattern: _matching(pattern, known) for pattern in question.documents}
    for pattern, found in named.items():
        if not found:
            has = ", ".join(known[:10])
            raise UserError(f"{where}: there is no document {pattern!r} in the corpus.", f"It holds: {has}.")
    return Question(
        text=question.text,
        documents=tuple(dict.fromkeys(name for found in named.values() for name in found)),
        pages=frozenset((named[document][0], page) for document, page in question.pages),
        answer=question.answer,
        sources=question.sources,
        answerable=question.answerable,
    )


def _matching(pattern: str, known: Sequence[str]) -> list[str]:
    return [name for name in known if name == pattern or Path(name).name == pattern or fnmatch(name, pattern)]
