"""What the page lets in: how many files, how large, of which type; and where they are kept."""

import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from common.errors import UserError
from retrievers.ingestion.sources import file_sha256

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff"})
SOUNDS = frozenset({".wav", ".mp3", ".ogg", ".flac"})
_keeping = threading.Lock()  # two visitors may send files of one name at the same moment


def types() -> list[str]:
    """Endings of the files that can be read."""
    from retrievers.parsers import PARSERS

    return list(PARSERS.names())


def check(paths: Sequence[Path], *, most: int, megabytes: int) -> None:
    """Whether documents may come in. Raises `UserError` that names the file and the limit it breaks."""
    check_limits(paths, most=most, megabytes=megabytes)
    for path in paths:
        if path.suffix.lower() not in types():
            kind = path.suffix or "without an ending"
            raise UserError(
                f"{path.name}: files of this type ({kind}) cannot be read.",
                f"Types that can: {' '.join(types())}",
            )


def check_limits(paths: Sequence[Path], *, most: int, megabytes: int) -> None:
    """Whether files of any type may: raises `UserError` for too many, or one that is too large."""
    if len(paths) > most:
        raise UserError(f"{len(paths)} files were given; the page takes {most} at once.", "Add them in smaller groups.")
    for path in paths:
        if path.stat().st_size > megabytes * 1024 * 1024:
            raise UserError(
                f"{path.name} is larger than {megabytes} MB.", "Split it.", "Or raise TRIPTYCH_MAX_UPLOAD_MB."
            )


def keep(paths: Sequence[Path], folder: Path, known: Mapping[str, str]) -> list[Path]:
    """Copies uploads out of the page's temporary folder; where each is now, in the same order.

    A file of another content than what already has its name, in `folder` or among the documents `known` by name with
    their content hashes ("" for one that could not be read), is numbered: "report (2).pdf". Nothing is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _keeping:
        return [Path(shutil.copyfile(path, _place(path, folder, known))) for path in paths]


def _place(path: Path, folder: Path, known: Mapping[str, str]) -> Path:
    """The first of its names that is free, or has the same content."""
    digest = file_sha256(path)
    names = chain([path.name], (f"{path.stem} ({number}){path.suffix}" for number in count(2)))
    for place in (folder / name for name in names):
        document = known.get(place.name)
        if document == "" or (document in {None, digest} and (not place.exists() or file_sha256(place) == digest)):
            return place
    raise AssertionError("numbers do not end")


def forget(path: Path, folder: Path) -> bool:
    """Deletes `path` if it is one that `keep` made in `folder`, and says so; a file of the user's own stays."""
    if path.parent != Path(os.path.abspath(folder)):  # noqa: PTH100 - as ingestion writes paths down
        return False
    path.unlink(missing_ok=True)
    return True
