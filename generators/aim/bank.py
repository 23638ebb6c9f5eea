"""The Demonstration Bank: named sets of demonstrations on disk, and their fused tokens, read once and kept.

`folder/sets/NAME/` holds `set.jsonl` and the pictures, a data set as `data.load` reads it; `folder/fused/` one
safetensors file a fused demonstration, named by all that decides it. Which of a set are shown is for `choice`.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common import jsonl
from common.errors import UserError
from common.untrusted import whole
from generators.aim import data
from generators.aim.demonstrations import Demonstration
from generators.core.media import write_whole
from generators.images.pixels import png_of

if TYPE_CHECKING:
    import torch

    from generators.aim.fuser import Fuser
    from generators.aim.remote.client import RemoteFuser

NAME = re.compile(r"\w[\w .-]{0,63}")
LIST = "set.jsonl"


@dataclass(frozen=True)
class Entry:
    """A demonstration of a set. `id`: SHA-256 of its picture, text and question; `image`: its file, a PNG."""

    id: str
    image: Path
    text: str
    question: str = ""

    def open(self) -> Demonstration:
        return data.Pair(self.image, self.text, self.question).open()


class Bank:
    """Sets by name below `folder`, which is made when something is put in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        return sorted(path.parent.name for path in (self.folder / "sets").glob(f"*/{LIST}"))

    def entries(self, name: str) -> list[Entry]:
        """In the order they were added. Raises `UserError` that lists the sets there are."""
        place = self._place(name)
        if not (place / LIST).is_file():
            known = ", ".join(self.names()) or "none yet"
            raise UserError(f"There is no set of demonstrations called {name!r}.", f"Sets: {known}.")
        lines = (json.loads(line) for _, line in jsonl.lines(place / LIST))
        return [Entry(line["id"], place / line["image"], line["text"], line["question"]) for line in lines]

    def everything(self) -> list[Entry]:
        """The entries of every set."""
        return [entry for name in self.names() for entry in self.entries(name)]

    def add(self, name: str, demonstrations: Iterable[Demonstration]) -> list[Entry]:
        """The whole set after adding these to it; what it holds already is not added again. Makes a new set."""
        place = self._place(name)
        found = {entry.id: entry for entry in self.entries(name)} if name in self.names() else {}
        for demonstration in demonstrations:
            if not demonstration.text.strip():
                raise UserError("A demonstration has no text.", "Give each picture a label or a sentence.")
            whole(demonstration.text + demonstration.question, "A demonstration")
            png = png_of(demonstration.image.convert("RGB"))
            entry_id = _hash(png, demonstration.text, demonstration.question)
            image = place / f"{hashlib.sha256(png).hexdigest()}.png"
            write_whole(image, png)
            found.setdefault(entry_id, Entry(entry_id, image, demonstration.text, demonstration.question))
        self._write(place, found.values())
        return list(found.values())

    def add_from(self, name: str, path: Path, question: str = "") -> list[Entry]:
        """From a folder with one sub-folder a class, a CSV or a JSONL file, see `data.load`."""
        return self.add(name, (pair.open() for pair in data.load(path, question)))

    def remove(self, name: str, ids: Sequence[str]) -> list[Entry]:
        """The set without these. Raises `UserError` for one it does not hold."""
        entries = self.entries(name)
        unknown = set(ids) - {entry.id for entry in entries}
        if unknown:
            raise UserError(f"The set {name!r} holds no demonstration {', '.join(sorted(unknown))}.")
        left = [entry for entry in entries if entry.id not in ids]
        self._write(self._place(name), left)
        for image in {entry.image for entry in entries} - {entry.image for entry in left}:
            image.unlink()
        return left

    def delete(self, name: str) -> None:
        self.entries(name)
        shutil.rmtree(self._place(name))

    def export(self, name: str, folder: Path) -> Path:
        """Copy a set into a new folder; the JSONL file inside is one that `add_from` and `aim train` read."""
        self.entries(name)
        if folder.exists():
            raise UserError(f"{folder} is there already.", "Export into a folder that is not.")
        shutil.copytree(self._place(name), folder)
        return folder / LIST

    def fused(self, fuser: "Fuser | RemoteFuser", entries: Sequence[Entry]) -> "list[torch.Tensor]":
        """F_i [T_i, d] of each, from the cache where it is there; the rest are fused in one go and kept."""
        from safetensors.torch import load_file, save

        maker = fuser.maker.encode()
        files = [self.folder / "fused" / f"{_hash(maker, entry.id, '')}.safetensors" for entry in entries]
        missing = {file: entry for file, entry in zip(files, entries, strict=True) if not file.exists()}
        made = fuser.fuse([entry.open() for entry in missing.values()])
        for file, rows in zip(missing, made, strict=True):
            write_whole(file, save({"fused": rows.contiguous()}))
        return [load_file(file)["fused"] for file in files]

    def _place(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise UserError(f"{name!r} cannot name a set.", "Use up to 64 letters, digits, spaces, dots and dashes.")
        return self.folder / "sets" / name

    def _write(self, place: Path, entries: Iterable[Entry]) -> None:
        lines = [
            {"id": entry.id, "image": entry.image.name, "text": entry.text, "question": entry.question}
            for entry in entries
        ]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_whole(place / LIST, text.encode())


def _hash(first: bytes, *rest: str) -> str:
    return hashlib.sha256(hashlib.sha256(first).digest() + json.dumps(rest).encode()).hexdigest()
