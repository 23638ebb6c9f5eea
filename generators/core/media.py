"""Content-addressed files: the same bytes are one file, and a file never changes once it is there."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


class MediaStore:
    """Files below `folder`, named by the SHA-256 of what they hold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, suffix: str, stem: str = "") -> Path:
        """The file that holds `data`, with the time of now; `suffix` such as ".png". With a `stem` that is its name, in
        its own folder."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._folder / (f"{digest}/{stem}{suffix}" if stem else f"{digest}{suffix}")
        try:
            os.utime(path)
        except FileNotFoundError:
            write_whole(path, data)
        return path

    def remember(self, key: str, record: dict[str, Any]) -> None:
        """Keep what became of a request under the hash of all that decides it. `record` names files by path."""
        write_whole(self._record(key), json.dumps(record).encode())

    def recall(self, key: str) -> dict[str, Any] | None:
        """What `remember` kept, if its files are all still there."""
        path = self._record(key)
        if not path.exists():
            return None
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = [record["path"], *record["others"].values()]
        return record if all(Path(file).exists() for file in files) else None

    def _record(self, key: str) -> Path:
        return self._folder / "made" / f"{key}.json"


def write_whole(path: Path, data: bytes) -> None:
    """Write so that `path` is never seen half written: a temporary file beside it, then a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
