"""What the page lets in: how many files, how large, of which type; and where they are kept."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from common.errors import UserError

IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff"})
SOUNDS = frozenset({".wav", ".mp3", ".ogg", ".flac"})


def types() -> list[str]:
    """Endings of the files that can be read."""
    from retrievers.parsers import PARSERS

    return list(PARSERS.names())


def check(paths: Sequence[Path], *, most: int, megabytes: int) -> None:
    """Raises `UserError` that names the file and the limit it breaks."""
    if len(paths) > most:
        raise UserError(f"{len(paths)} files were given; the page takes {most} at once.", "Add them in smaller groups.")
    for path in paths:
        if path.suffix.lower() not in types():
            kind = path.suffix or "without an ending"
            raise UserError(
                f"{path.name}: files of this type ({kind}) cannot be read.",
                f"Types that can: {' '.join(types())}",
            )
        if path.stat().st_size > megabytes * 1024 * 1024:
            raise UserError(f"{path.name} is larger than {megabytes} MB.", "Split it, or raise TRIPTYCH_MAX_UPLOAD_MB.")


def keep(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Copies uploads out of the page's temporary folder; a file of the same name is replaced by the newer one."""
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(path, folder / path.name)) for path in paths]


def forget(path: Path, folder: Path) -> None:
    """Deletes `path` if it is one that `keep` made in `folder`; a file of the user's own stays."""
    if path.parent == Path(os.path.abspath(folder.expanduser())):  # noqa: PTH100 - as ingestion writes paths down
        path.unlink(missing_ok=True)
