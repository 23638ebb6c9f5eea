"""What is kept for a while only: pictures and recordings that came with single questions, records of citations."""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

DAY = 24 * 3600
CLEARED = ("given", "citations")  # folders of a data folder


def clear(folders: Iterable[Path], days: float) -> int:
    """Deletes the files in the folders that were not used for so many days; how many there were."""
    before, gone = time.time() - days * DAY, 0
    for path in (path for folder in folders for path in folder.rglob("*")):
        with suppress(FileNotFoundError):  # somebody else was quicker
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                gone += 1
    return gone
