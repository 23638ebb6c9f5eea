"""ZIP archives: their members in a folder, none outside it, no more than is safe to unpack."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from common.errors import BadDocument
from retrievers.parsers.checks import MAX_MEMBERS, MAX_UNPACKED, check_archive, reading

CHUNK = 1024 * 1024  # bytes unpacked at a time
LONG_NAME = 100  # characters of a file name that are kept


class Member(NamedTuple):
    """A file that another one holds: what it is called there, and where its content is now."""

    name: str
    path: Path


class Allowance:
    """What may yet be unpacked, all levels together; of a bomb no more than that reaches the disk."""

    def __init__(self) -> None:
        self.bytes, self.members = MAX_UNPACKED, MAX_MEMBERS

    def use(self, size: int, holder: str) -> None:
        """Counts `size` bytes. Raises `BadDocument` when that is more than was left."""
        if size > self.bytes or self.members < 0:
            raise BadDocument(
                f"{holder} unpacks to more than {MAX_UNPACKED / 1e6:,.0f} MB or {MAX_MEMBERS:,} files.",
                "Unpack it yourself and give the folder.",
            )
        self.bytes -= size


def unpack(path: Path, folder: Path, allowance: Allowance) -> Iterator[Member]:
    """Members of the archive, each written below `folder` under its own name as it is asked for.

    Sizes are counted as they are unpacked, whatever the archive says of them. Names that lead out of the folder are
    refused as the damaged ones they are. Raises `BadDocument` for encrypted and damaged archives.
    """
    check_archive(path)
    with reading(path), zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            name = PurePosixPath(entry.filename.replace("\\", "/"))
            if entry.is_dir() or name.parts[0] == "__MACOSX" or name.name.startswith("."):
                continue
            if entry.flag_bits & 1:
                raise BadDocument(f"{path.name} is encrypted.", "Unpack it with its password and give the folder.")
            target = folder / name
            if name.is_absolute() or ".." in name.parts or not target.resolve().is_relative_to(folder.resolve()):
                raise BadDocument(f"{path.name} holds a file that leads out of it ({name}).", "Do not trust this file.")
            allowance.members -= 1
            _write(archive, entry, target, allowance)
            yield Member(str(name), target)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, allowance: Allowance) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as packed, target.open("wb") as out:
        while piece := packed.read(CHUNK):
            allowance.use(len(piece), Path(archive.filename or "").name)
            out.write(piece)


def put(name: str, data: bytes, folder: Path, number: int, allowance: Allowance) -> Member:
    """An attachment as a member: written below `folder`, in a folder of its own, for two may have one name."""
    allowance.members -= 1
    allowance.use(len(data), name)
    plain = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name.lstrip(".") or "attachment"
    short = plain[-LONG_NAME:]  # the end, which holds the extension
    target = folder / str(number) / short
    target.parent.mkdir(parents=True)
    target.write_bytes(data)
    return Member(plain, target)
