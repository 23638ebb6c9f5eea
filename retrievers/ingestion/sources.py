"""The files to ingest: found, named, told apart."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from common.errors import BadDocument
from retrievers.ingestion import archives
from retrievers.ingestion.manifest import DocumentRecord, Manifest
from retrievers.parsers import supported, unsupported
from retrievers.parsers.checks import check

SETTLED = 2_000_000_000  # nanoseconds after a write in which another may show the same times


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file inside a folder that is not read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A document whose file has gone, and the one that holds the same content now."""

    old: str
    new: str


class Source(NamedTuple):
    """A file to read: its name in the corpus, the folder it must not lead out of, and the ZIP that holds it, if one."""

    name: str
    path: Path
    root: Path
    archive: str = ""


def file_sha256(path: Path) -> str:
    """Content hash, read in pieces. Raises `BadDocument` when the file cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadDocument(f"{path.name} cannot be read ({reason}).", "Check the file and its permissions.") from error


def known_sha256(path: Path) -> str:
    """As `file_sha256`, but a file that the system says is as it was when it was last read is not read again."""
    try:
        now = path.stat()
    except OSError:
        return file_sha256(path)  # which says why
    if time.time_ns() - max(now.st_mtime_ns, now.st_ctime_ns) < SETTLED:
        return file_sha256(path)
    return _sha256_in(path, (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns))


@lru_cache(256)
def _sha256_in(path: Path, state: tuple[int, ...]) -> str:
    """Of a file in a state, which is here to tell it from others."""
    return file_sha256(path)


def file_size(path: Path) -> int:
    """Bytes; 0 for a file that cannot be looked at: reading it will report the reason."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def record_of(source: Source, **known: Any) -> DocumentRecord:
    """Of a file before it is read, with what is `known` of it."""
    size = file_size(source.path)
    return DocumentRecord(source.name, str(source.path), archive=source.archive, size=size, **known)


def find_sources(
    paths: Sequence[Path], manifest: Manifest, copies: Path, own: Path
) -> tuple[list[Source], list[Skipped]]:
    """Files named, and those in folders named, with the name each has in the corpus; and what was passed over.

    A file inside a folder is called by its path below that folder, any other by its file name. Two files of one name
    are told apart by their parent folders. Those in a ZIP are called `archive.zip/inner.pdf` and read from a copy below
    `copies`. What Triptych itself keeps in the folder `own` is no document of a folder around it. Raises `BadDocument`
    for a path that does not exist.
    """
    found: list[Source | Skipped] = []
    for path in map(_plain, paths):
        if not path.exists():
            raise BadDocument(f"{path} does not exist.", "Check the path.")
        if path.is_dir():
            files = (file for file in _walk(path) if path.is_relative_to(own) or not file.is_relative_to(own))
            found += (each for file in files for each in _found(Source(_name(file, path), file, path), copies))
        elif supported(path):
            found += _found(Source(_as_text(path.name), path, path.parent), copies)
        else:
            found.append(Source(_as_text(path.name), path, path.parent))  # asked for: it fails, and says why
    sources = [each for each in found if isinstance(each, Source)]
    skipped = [each for each in found if isinstance(each, Skipped)]
    return _distinct(sources, {record.name: record for record in manifest.documents()}), skipped


def _found(source: Source, copies: Path) -> Iterator[Source | Skipped]:
    """The file, or the files in it; a ZIP that cannot be unpacked stands for itself: reading it will say why."""
    if not supported(source.path):
        yield Skipped(source.name, _as_text(str(unsupported(source.path))))
    elif source.path.suffix.lower() != archives.ENDING or source.archive:
        yield source
    else:
        try:
            check(source.path, source.root)
            folder = archives.unpacked(source.path, copies)
        except (BadDocument, OSError):
            yield source
            return
        files = list(_walk(folder))
        if not files:
            yield Skipped(source.name, "It holds no files.")
        for file in files:
            name = f"{source.name}/{_name(file, folder)}"
            yield from _found(Source(name, file, folder, str(source.path)), copies)


def _name(file: Path, folder: Path) -> str:
    return _as_text(file.relative_to(folder).as_posix())


def find_moved(documents: Iterable[DocumentRecord], manifest: Manifest) -> list[Moved]:
    """Of the documents known before, those whose file has gone while one of `documents` has its content."""
    names = {record.sha256: record.name for record in documents if record.searchable}
    return [
        Moved(record.name, names[record.sha256])
        for record in manifest.documents()
        if record.sha256 in names and record.name != names[record.sha256] and _lost(record)
    ]


def follow(manifest: Manifest, moves: Sequence[tuple[Path, Path]]) -> None:
    """Documents below folders that were moved are known by their new paths; each move is the old and the new folder."""
    for record in manifest.documents():
        followed = replace(record, path=_followed(record.path, moves), archive=_followed(record.archive, moves))
        if followed != record:
            manifest.put(followed)


def _followed(path: str, moves: Sequence[tuple[Path, Path]]) -> str:
    for old, new in moves:
        if path and Path(path).is_relative_to(_plain(old)):
            return str(_plain(new) / Path(path).relative_to(_plain(old)))
    return path


def find_missing(paths: Sequence[Path], manifest: Manifest) -> list[str]:
    """Documents that came from below one of the folders in `paths`, and whose file is no longer there."""
    folders = [path for path in map(_plain, paths) if path.is_dir()]
    return [
        record.name
        for record in manifest.documents()
        if any(Path(record.origin).is_relative_to(folder) for folder in folders) and _lost(record)
    ]


def _lost(record: DocumentRecord) -> bool:
    return _gone(record.path) or _gone(record.origin)


def _gone(path: str) -> bool:
    """Whether there is no such file any more; one that may not be looked at counts as there."""
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _plain(path: Path) -> Path:
    """Absolute and without `..`, so that one file has one name; links are kept, to be checked when it is opened."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links


def _as_text(name: str) -> str:
    """A name that is not UTF-8, with its odd bytes spelled out: b"caf\\xe9" is called "caf\\\\xe9"."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _walk(folder: Path) -> Iterator[Path]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() or file.is_symlink())
    return (file for file in files if not any(part.startswith(".") for part in file.relative_to(folder).parts))


def _distinct(sources: Sequence[Source], known: dict[str, DocumentRecord]) -> list[Source]:
    """Each with a name of its own: that of another file gets the folder it was found in before it, and those above."""
    owners: dict[str, str] = {}
    out = []
    for source in dict.fromkeys(sources):
        name, path = source.name, str(source.path)
        root = Path(source.archive).parent if source.archive else source.root
        for folder in (root, *root.parents):
            taken = owners[name] != path if name in owners else name in known and _is_another(source.path, known[name])
            if not taken:
                break
            name = f"{_as_text(folder.name)}/{name}"
        owners[name] = path
        out.append(source._replace(name=name))
    return out


def _is_another(path: Path, record: DocumentRecord) -> bool:
    """Whether the record's file is there still, elsewhere and with other content; a copy of it is the same document."""
    if record.path == str(path) or not Path(record.path).exists():
        return False
    try:
        return file_sha256(path) != record.sha256
    except BadDocument:
        return True
