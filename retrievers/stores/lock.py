"""One process at a time: a lock on a file (filelock), which the system releases however its holder ends."""

import os
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from common.errors import CorpusLocked


class Lock:
    """Exclusive lock on `path`, held from construction until `release`, the end of the process, or kill -9.

    Raises `CorpusLocked` when it is already held: what is `taken`, by which process, and what helps.
    """

    def __init__(self, path: Path, taken: str, cure: str = "", command: str = "") -> None:
        holder = path.with_suffix(".pid")  # beside it: on Windows nobody else reads a locked file
        self._lock = FileLock(path, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout as error:
            pid = holder.read_text().strip() if holder.exists() else ""
            raise CorpusLocked(f"{taken} in another process{f' (pid {pid})' if pid else ''}.", cure, command) from error
        holder.write_text(str(os.getpid()))

    def check(self) -> None:
        """It is held until it is released."""

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()
