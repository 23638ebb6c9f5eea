"""Room on the disk, asked before it is needed: a full disk ends a program that maps its files into memory (SIGBUS)."""

import shutil
from pathlib import Path

from common.errors import DiskFull


def require_space(folder: Path, needed: int) -> None:
    """Raises `DiskFull` unless `needed` bytes are free where `folder` is, or will be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise DiskFull(
            f"The disk of {folder} has {free / 1e6:,.0f} MB free, and {needed / 1e6:,.0f} MB are needed.",
            command=DiskFull.COMMAND,
        )


def size(folder: Path) -> int:
    """Bytes on the disk that the files in `folder` take."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
