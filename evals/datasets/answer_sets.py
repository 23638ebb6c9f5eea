"""Questions with known answers, and what they are asked of. Which kind a file is, is seen from the file itself.

- page sets, asked of a corpus: the JSONL and CSV of `evals.datasets.questions`;
- table sets, asked of their table: WikiTableQuestions (arXiv 1508.00305) as JSONL, one `{"question", "table",
  "answer": [...]}` a line, with the tables in `*tables.jsonl.gz` beside it; TAT-QA (arXiv 2105.07624) as JSON, with the
  table's paragraphs;
- text sets, asked of their paragraphs: the JSON of SQuAD, which XQuAD and COVID-QA use.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from common import jsonl
from common.errors import UserError
from evals.datasets.gold import Gold, gold_of, gold_of_values, scale_named
from evals.datasets.questions import SLICES, PageKey, read_questions
from retrievers.elements import WHOLE_PAGE as PLACE
from retrievers.elements import Element

UNANSWERABLE = "Not answerable"
Elements = tuple[Element, ...]


@dataclass(frozen=True)
class Case:
    """One question. `gold` is None where nothing can be said of its answer's value. It is asked of `documents` and of
    the whole corpus, or, where there is `evidence`, of that. `group` is the table or article it belongs to."""

    set: str
    question: str
    gold: Gold | None
    answerable: bool
    kinds: tuple[str, ...]
    group: str
    documents: tuple[str, ...] = ()
    pages: frozenset[PageKey] = frozenset()
    evidence: Callable[[], Elements] | None = None


def read_cases(path: Path, documents: Sequence[str] = ()) -> list[Case]:
    """All questions of the file; `documents` are those of the corpus that it is asked of. Raises `UserError`."""
    try:
        return list(_read(path, documents))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cure = "docs/answers.md says what files can be read."
        raise UserError(f"{path} is no set of questions that is known: {error!r}.", cure) from error


def kind_of(path: Path) -> Literal["pages", "evidence", "outcomes"]:
    """Whether its questions are asked of a corpus, or of what they bring along, or were asked by an earlier run.

    Raises `UserError` when there is no such file.
    """
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "Give a file of questions with answers.")
    match path.suffix.lower():
        case ".csv":
            return "pages"
        case ".jsonl":
            first = next((line for _, line in jsonl.lines(path)), "{}")
            keys = json.loads(first).keys()
            return "outcomes" if "scope" in keys else "evidence" if "table" in keys else "pages"
        case _:
            return "evidence"


def _read(path: Path, documents: Sequence[str]) -> Iterator[Case]:
    if kind_of(path) == "pages":
        yield from _of_pages(path, documents)
    elif path.suffix.lower() == ".jsonl":
        yield from _of_tables(path)
    else:
        held = json.loads(path.read_text(encoding="utf-8"))
        yield from _of_squad(path.stem, held["data"]) if isinstance(held, dict) else _of_tatqa(path.stem, held)


def _of_pages(path: Path, documents: Sequence[str]) -> Iterator[Case]:
    for one in read_questions([path], documents):
        answerable = one.answerable and one.answer.strip() != UNANSWERABLE
        gold = gold_of(one.answer, scale_named(one.text)) if answerable else None
        kinds = [f"evidence: {name}" for name, of in SLICES.items() if one.of(of)]
        named = (*kinds, f"answer: {gold.kind}") if gold else tuple(kinds)
        group = ", ".join(one.documents)
        yield Case(path.parent.name, one.text, gold, answerable, named, group, one.documents, one.pages)


def _of_tables(path: Path) -> Iterator[Case]:
    (beside,) = path.parent.glob("*tables.jsonl.gz")
    with gzip.open(beside, "rt", encoding="utf-8") as file:
        tables = {record["table"]: record["rows"] for record in map(json.loads, file)}
    for _, line in jsonl.lines(path):
        record = json.loads(line)
        gold = gold_of_values(record["answer"])
        name = record["table"]
        evidence = _held_back(lambda name=name: (_table(name, tables[name]),))
        kinds = (f"answer: {gold.kind}",) if gold else ()
        yield Case(path.stem, record["question"], gold, True, kinds, name, evidence=evidence)


def _of_tatqa(name: str, contexts: Sequence[Mapping[str, Any]]) -> Iterator[Case]:
    for context in contexts:
        table = context["table"]
        texts = [one["text"] for one in sorted(context["paragraphs"], key=lambda one: one["order"])]
        elements = (_table(table["uid"], table["table"]), *_texts(table["uid"], texts, 1))
        for asked in context["questions"]:
            given = asked["answer"] if isinstance(asked["answer"], list) else [str(asked["answer"])]
            kind = asked["answer_type"]
            gold = gold_of_values(given, asked["scale"])
            kinds = (kind, f"from: {asked['answer_from']}")
            yield Case(
                name, asked["question"], gold, True, kinds, table["uid"], evidence=_held_back(lambda e=elements: e)
            )


def _of_squad(name: str, articles: Sequence[Mapping[str, Any]]) -> Iterator[Case]:
    for place, article in enumerate(articles):
        for number, paragraph in enumerate(article["paragraphs"]):
            group = f"{name.partition('.')[0]}/{paragraph.get('document_id', place)}"
            texts = paragraph["context"].split("\n\n")
            evidence = _held_back(lambda key=f"{group}/{number}", texts=texts: _texts(key, texts, 0))
            for asked in paragraph["qas"]:
                answers = [] if asked.get("is_impossible") else asked["answers"]
                gold = gold_of_values([answers[0]["text"]]) if answers else None
                kinds = (f"answer: {gold.kind}",) if gold else ()
                yield Case(name, asked["question"], gold, bool(answers), kinds, group, evidence=evidence)


def _held_back(make: Callable[[], Elements]) -> Callable[[], Elements]:
    """Made when first asked for: a set may hold thousands of tables, of which a sample is asked."""
    return cache(make)


def _table(name: str, rows: Sequence[Sequence[str]]) -> Element:
    cells = tuple(tuple(str(cell) for cell in row) for row in rows)
    text = "\n".join("; ".join(cell for cell in row if cell) for row in cells)
    return Element(name, name, 1, "table", text, PLACE, 0, rows=cells)


def _texts(name: str, texts: Sequence[str], first: int) -> Elements:
    kept = [text.strip() for text in texts if text.strip()]
    return tuple(Element(name, name, 1, "text", text, PLACE, order) for order, text in enumerate(kept, start=first))
