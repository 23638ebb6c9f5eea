"""ZIP archives among the files to ingest are unpacked into the corpus' own folder: each file in them is a document."""

import shutil
from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path

from retrievers.parsers.containers.archive import Allowance, unpack

ENDING = ".zip"


def unpacked(archive: Path, copies: Path) -> Path:
    """The folder below `copies` with the archive's files, unpacked anew when its content has changed.

    Of one archive it is always the same, so that its files keep their paths. Raises `BadDocument`.
    """
    folder = copies / sha256(str(archive).encode(errors="surrogateescape")).hexdigest()[:16]
    done = folder.with_suffix(".sha256")  # written last: a kill leaves no half
    with archive.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    if not done.exists() or done.read_text() != digest:
        _remove(folder)
        folder.mkdir(parents=True)
        for _ in unpack(archive, folder, Allowance()):
            pass
        done.write_text(digest)
    return folder


def tidy(copies: Path, paths: Iterable[str]) -> None:
    """Removes the folders below `copies` in which none of `paths` lies: the archive has gone, or holds nothing."""
    used = {part for path in paths for part in Path(path).parents}
    for folder in copies.iterdir() if copies.is_dir() else ():
        if folder.is_dir() and folder not in used:
            _remove(folder)


def _remove(folder: Path) -> None:
    folder.with_suffix(".sha256").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
