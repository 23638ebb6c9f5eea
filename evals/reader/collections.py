"""Public questions whose answer is marked in a text: XQuAD, COVID-QA and TAT-QA as groups of sentences."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError
from evals.reader.groups import Group, Labelled, cut, marked, nearest

NEAREST = 32  # sentences of a paper that are read for one question
FILES = {"xquad": "xquad.en.json", "covidqa": "covidqa.json", "tatqa": "tatqa-dev.json", "wtq": "wtq-tables.jsonl.gz"}


def load(folder: Path) -> list[Group]:
    """Raises `UserError` naming the file that is missing."""
    for name in FILES.values():
        if not (folder / name).is_file():
            raise UserError(
                f"There is no {name} in {folder}.", "Name the folder with the public questions: --data FOLDER"
            )
    return [*xquad(folder / FILES["xquad"]), *covidqa(folder / FILES["covidqa"]), *tatqa(folder / FILES["tatqa"])]


def xquad(path: Path) -> Iterator[Group]:
    """The paragraph is given: its sentences are the passages."""
    for place, article in enumerate(_read(path)["data"]):
        for paragraph in article["paragraphs"]:
            found = cut(paragraph["context"])
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                passages = marked(found, answer["answer_start"], answer["text"])
                yield Group("xquad", f"xquad/{place}", asked["question"], passages)


def covidqa(path: Path) -> Iterator[Group]:
    """The paper is given: its sentences nearest to the question by their words, and always the one that answers."""
    for paper in _read(path)["data"]:
        for paragraph in paper["paragraphs"]:
            found = cut(paragraph["context"])
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                passages = marked(found, answer["answer_start"], answer["text"])
                near = set(nearest(asked["question"], passages, NEAREST))
                kept = tuple(one for one in passages if one in near or one.answer)
                yield Group("covidqa", f"covidqa/{paragraph['document_id']}", asked["question"], kept)


def tatqa(path: Path) -> Iterator[Group]:
    """Questions that one span of the text beside a table answers."""
    for report in _read(path):
        texts = [one["text"] for one in sorted(report["paragraphs"], key=lambda one: int(one["order"]))]
        whole = "\n".join(texts)
        found = cut(whole)
        for asked in report["questions"]:
            if asked["answer_type"] == "span" and asked["answer_from"] == "text":
                start = whole.find(asked["answer"][0])
                if start >= 0:
                    passages = marked(found, start, asked["answer"][0])
                    yield Group("tatqa", report["table"]["uid"], asked["question"], passages)


def elsewhere(groups: list[Group], seed: int, share: int = 4) -> list[Group]:
    """Each group with `share` sentences added that other articles of its collection hold: of a random few, those
    nearest to its question."""
    draw = random.Random(seed)
    pools: dict[str, list[tuple[str, Labelled]]] = {}
    for group in groups:
        pools.setdefault(group.source, []).extend((group.name, one) for one in group.passages)
    grown = []
    for group in groups:
        picked = [
            one
            for name, one in draw.sample(pools[group.source], min(len(pools[group.source]), 120))
            if name != group.name
        ]
        others = tuple(Labelled(one.text, one.setting) for one in picked if not one.answer)
        grown.append(
            Group(group.source, group.name, group.question, group.passages + nearest(group.question, others, share))
        )
    return grown


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
