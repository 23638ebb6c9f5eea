"""Questions over tables with their gold answers: WikiTableQuestions (CC BY-SA 4.0) and TAT-QA (CC BY 4.0), and whether
a result is the gold one. The folder holds `wtq-train.jsonl`, `wtq-tables.jsonl.gz` and `tatqa-dev.json`."""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.answering.tables.programs.result import Result, texts_of
from agent.answering.tables.values import value_of
from agent.answering.tables.views import View
from retrievers.elements import WHOLE_PAGE, Element

ROUNDED = 0.0051  # TAT-QA rounds to two decimals
_FOOTNOTE = re.compile(r"\[[^\]]*\]")
_MARKS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class TableQuestion:
    """`kind`: "wtq", "made", or TAT-QA's kind of answer; `beside` is the text that stands with the table."""

    id: str
    question: str
    table: Element
    beside: str
    gold: tuple[str, ...]
    kind: str

    @property
    def collection(self) -> str:
        return self.kind if self.kind in ("wtq", "made") else "tatqa"


def table_questions(folder: Path) -> list[TableQuestion]:
    """All questions whose answer may stand in their table."""
    return [*_wtq(folder), *_tatqa(folder)]


def is_gold(result: Result, view: View, gold: Sequence[str], rounded: bool) -> bool:
    """Whether a program's result is the gold answer: numbers by value, texts by their letters and digits."""
    if result.number is not None:
        wanted = _number(gold[0]) if len(gold) == 1 else None
        near = ROUNDED if rounded else 1e-6 * abs(wanted or 0) + 1e-9
        return wanted is not None and min(abs(result.number - wanted), abs(result.number / view.scale - wanted)) <= near
    return same_texts(texts_of(result, view), gold)


def same_texts(texts: Sequence[str], gold: Sequence[str]) -> bool:
    """The same answers in any order."""
    if len(texts) != len(gold):
        return False
    if sorted(map(_plain, texts)) == sorted(map(_plain, gold)):
        return True
    one, other = [_number(text) for text in texts], [_number(text) for text in gold]
    return None not in one and None not in other and sorted(one) == sorted(other)  # type: ignore[type-var]


def _plain(text: str) -> str:
    return _MARKS.sub(" ", _FOOTNOTE.sub("", text.lower())).strip()


def _number(text: str) -> float | None:
    value = value_of(text)
    return value.number if value.exact else None


def _table(name: str, rows: Sequence[Sequence[str]]) -> Element:
    return Element(name, name, 1, "table", "", WHOLE_PAGE, 0, rows=tuple(map(tuple, rows)))


def _wtq(folder: Path) -> Iterator[TableQuestion]:
    with gzip.open(folder / "wtq-tables.jsonl.gz", "rt", encoding="utf-8") as lines:
        tables = {one["table"]: _table(one["table"], one["rows"]) for one in map(json.loads, lines)}
    for line in (folder / "wtq-train.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        yield TableQuestion(one["id"], one["question"], tables[one["table"]], "", tuple(one["answer"]), "wtq")


def _tatqa(folder: Path) -> Iterator[TableQuestion]:
    for entry in json.loads((folder / "tatqa-dev.json").read_text("utf-8")):
        table = _table(entry["table"]["uid"], entry["table"]["table"])
        beside = "\n".join(paragraph["text"] for paragraph in entry["paragraphs"])
        for one in entry["questions"]:
            if one["answer_from"] != "text":
                yield TableQuestion(
                    one["uid"], one["question"], table, beside, _gold(one["answer"]), one["answer_type"]
                )


def _gold(answer: Any) -> tuple[str, ...]:
    return tuple(map(str, answer)) if isinstance(answer, list) else (str(answer),)
