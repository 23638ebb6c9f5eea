"""Questions without limit over real tables and sentences: which cell of a row, which words of a sentence are meant.

A look-up names a row and a header of a table. A cloze question leaves a number or name out of a sentence and asks for
it (Lewis et al., 2019, arXiv 1906.04980), with some words lost on the way.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.reader.groups import Group, Labelled

_WORDINGS = (
    "What is the {h} of {r}?", "{r}'s {h}", "Which {h} does {r} have?", "{h} for {r}?", "What {h} was it for {r}?",
    "Tell me the {h} of {r}.", "What was the {h} in {r}?", "For {r}, what is the {h}?", "How much was {h} for {r}?",
    "what {h} did {r} have", "Which {h} belongs to {r}?", "Give the {h} listed for {r}.",
)  # fmt: skip
_NUMBER = re.compile(r"(?<!\w)[$€£]?\d[\d,.]*\d(?: ?%| percent| million| billion)?|(?<!\w)\d(?!\w)")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\b")
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w.-]+)(?: (?:of |the )?[A-Z][\w.-]+)*")
_WINDOW = 12  # words of the sentence kept on either side


def tables(path: Path) -> list[tuple[str, list[list[str]]]]:
    """Name and rows of every table whose first row can be its header."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [(one["table"], one["rows"]) for one in read if len(one["rows"]) > 3 and len(one["rows"][0]) > 1]


def look_ups(found: Sequence[tuple[str, list[list[str]]]], seed: int) -> Iterator[Group]:
    """Without end, unless no table is given."""
    draw = random.Random(seed)
    while found:
        name, rows = draw.choice(found)
        group = _look_up(name, rows, draw)
        if group:
            yield group


def _look_up(name: str, rows: list[list[str]], draw: random.Random) -> Group | None:
    header, body = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    labels = [row[0] for row in body]
    row = draw.choice(body) if body else []
    column = draw.randrange(1, len(header))
    if not row or not row[0] or not row[column] or not header[column] or labels.count(row[0]) > 1:
        return None
    asked = draw.choice(_WORDINGS).format(h=header[column].replace("\n", " "), r=row[0].replace("\n", " "))
    others = [one for one in body if one is not row]
    near = draw.sample(others, min(len(others), 5))
    bare, drop = draw.random() < 0.25, draw.random()
    kept = None if drop < 0.12 else row  # the row is not there
    lost = column if 0.12 <= drop < 0.24 else None  # or the column is not
    shown = [*([kept] if kept else []), *near]
    passages = [_row(header, one, column if one is row and lost is None else None, bare, lost) for one in shown]
    draw.shuffle(passages)
    return Group("lookups", f"lookups/{name}", asked, tuple(passages))


def _row(header: list[str], row: list[str], answer: int | None, bare: bool, lost: int | None) -> Labelled:
    text, place = "", None
    cells = [(label, cell) for number, (label, cell) in enumerate(zip(header, row, strict=True)) if number != lost]
    for number, (label, cell) in enumerate(cells):
        words = " ".join(cell.split())
        if not words:
            continue
        text += ("; " if bare else ", ") * bool(text) + ("" if bare else f"{' '.join(label.split())}: ")
        if number == answer:
            place = (len(text), len(text) + len(words))
        text += words
    return Labelled(text, "; ".join(label for label, _ in cells) if bare else "", place)


def clozes(groups: Sequence[Group], seed: int) -> Iterator[Group]:
    """Without end: of a sentence of `groups`, a number or name is asked for; the others of its group stay beside it."""
    draw = random.Random(seed)
    while groups:
        group = draw.choice(groups)
        place = draw.randrange(len(group.passages))
        made = _cloze(group, place, draw)
        if made:
            yield made


def _cloze(group: Group, place: int, draw: random.Random) -> Group | None:
    one = group.passages[place]
    choices = [*_NUMBER.finditer(one.text), *_NAME.finditer(one.text)]
    if not choices or len(one.text.split()) < 6:
        return None
    picked = draw.choice(choices)
    answer = picked.group().rstrip(".,")
    before = one.text[: picked.start()].split()[-_WINDOW:]
    after = one.text[picked.start() + len(answer) :].split()[:_WINDOW]
    lost = draw.uniform(0.05, 0.4)
    left = [word for word in before if draw.random() > lost]
    right = [word for word in after if draw.random() > lost]
    wh = _wh(answer, after, draw)
    words = [*left, wh, *right] if draw.random() < 0.3 else [wh, *right, *left]
    question = " ".join(words).strip(" .,;:").replace(" ,", ",") + "?"
    others = [
        Labelled(other.text, other.setting)
        for number, other in enumerate(group.passages)
        if number != place and answer not in other.text
    ]
    others = draw.sample(others, min(len(others), 6))
    span = (picked.start(), picked.start() + len(answer))
    kept = others if draw.random() < 0.15 and others else [Labelled(one.text, one.setting, span), *others]
    return Group("cloze", f"cloze/{group.name}", question, tuple(kept))


def _wh(answer: str, after: Sequence[str], draw: random.Random) -> str:
    if _YEAR.fullmatch(answer):
        return draw.choice(["When", "What year", "In which year"])
    if _NUMBER.fullmatch(answer):
        return draw.choice(["How many", "How much", "What number of", "What"])
    return draw.choice(["What", "Who", "Which", "Where", "What"])
