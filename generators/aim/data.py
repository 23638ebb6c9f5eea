"""Pairs of image and text to train a projection on, and the interleaved documents made of them."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from common import jsonl
from common.errors import UserError
from generators.aim.demonstrations import Demonstration

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


@dataclass(frozen=True)
class Document:
    """Demonstrations, and what is asked after them; `asked.text` is the answer."""

    demonstrations: tuple[Demonstration, ...]
    asked: Demonstration


class Source(Protocol):
    """Where documents come from. The same generator state gives the same document."""

    def document(self, rng: np.random.Generator) -> Document: ...


@dataclass(frozen=True)
class Pair:
    """One line of a data set. `group`: pairs of one class; a document asks of a class it demonstrates."""

    image: Path
    text: str
    question: str = ""
    group: str = ""

    def open(self) -> Demonstration:
        return Demonstration(_read(self.image), self.text, self.question)


@dataclass(frozen=True)
class PairSource:
    """Documents of `fewest` to `most` demonstrations drawn from `pairs`, the image asked about not among them."""

    pairs: Sequence[Pair]
    fewest: int = 1
    most: int = 8

    def document(self, rng: np.random.Generator) -> Document:
        size = int(rng.integers(self.fewest, self.most + 1))
        order = rng.permutation(len(self.pairs))[: size + 1]
        asked, shown = self.pairs[order[0]], [self.pairs[i] for i in order[1:]]
        alike = [pair for pair in self.pairs if asked.group and pair.group == asked.group and pair != asked]
        if alike and all(pair.group != asked.group for pair in shown):
            shown[int(rng.integers(len(shown)))] = alike[int(rng.integers(len(alike)))]
        return Document(tuple(pair.open() for pair in shown), asked.open())


def load(path: Path, question: str = "") -> list[Pair]:
    """A JSONL or CSV file, a folder with one sub-folder per class, or a folder of images each with its `.txt`.

    `question` stands where a pair has none of its own. Raises `UserError` that names the line or file.
    """
    if path.is_file():
        pairs = _csv(path) if path.suffix.lower() == ".csv" else _jsonl(path)
    elif path.is_dir():
        pairs = _folder(path)
    else:
        raise UserError(f"There is no data at {path}.", "Give a JSONL or CSV file or a folder of images.")
    if len(pairs) < 2:
        raise UserError(f"{path} holds {len(pairs)} image-text pairs; at least 2 are needed.", "Add more.")
    return [Pair(pair.image, pair.text, pair.question or question, pair.group) for pair in pairs]


def _jsonl(path: Path) -> list[Pair]:
    pairs = []
    for number, line in jsonl.lines(path):
        try:
            record = json.loads(line)
            image, text, question = record["image"], record["text"], record.get("question", "")
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            cure = 'Write {"image": PATH, "text": TEXT} on each line, with "question" if there is one.'
            raise UserError(f"Line {number} of {path} is not an image-text pair.", cure) from error
        pairs.append(_pair(path, number, str(image), str(text), str(question)))
    return pairs


def _csv(path: Path) -> list[Pair]:
    """Columns `image` and `text` or `label`, `question` if there is one; pairs of one label are of one group."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = set(rows.fieldnames or ())
        said = "label" if "label" in columns else "text"
        if not {"image", said} <= columns:
            raise UserError(f"{path} has no columns image and text.", "Name them in its first line.")
        return [
            _pair(
                path, rows.line_num, row["image"], row[said] or "", row.get("question") or "", grouped=said == "label"
            )
            for row in rows
        ]


def _pair(path: Path, number: int, image: str, text: str, question: str, *, grouped: bool = False) -> Pair:
    if not (path.parent / image).is_file():
        raise UserError(f"Line {number} of {path}: there is no image {image}.", "Paths are relative to the file.")
    return Pair(path.parent / image, text, question, group=text if grouped else "")


def _folder(path: Path) -> list[Pair]:
    pairs = [
        Pair(image, group.name, group=group.name)
        for group in sorted(path.iterdir())
        if group.is_dir()
        for image in _images(group)
    ]
    for image in _images(path):
        text = image.with_suffix(".txt")
        if not text.is_file():
            raise UserError(f"{image} has no text beside it.", f"Write what it shows into {text.name}.")
        pairs.append(Pair(image, text.read_text(encoding="utf-8").strip()))
    return pairs


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGES)


def _read(path: Path) -> "Image":
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise UserError(f"The image {path} cannot be read: {error}.", "Leave it out or repair it.") from error
