"""One process at a time: a lock on a file (filelock), which the system releases however its holder ends."""

import os
from pathlib import Path

from filelock import FileLock, Timeout

from common.errors import CorpusLocked


class Lock:
    """Exclusive lock on `path`, held from construction until `release`, the end of the process, or kill -9.

    Raises `CorpusLocked`, naming `corpus` and the holder's process id, when it is already held.
    """

    def __init__(self, path: Path, corpus: Path) -> None:
        holder = path.with_suffix(".pid")  # beside it: on Windows nobody else reads a locked file
        self._lock = FileLock(path, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout as error:
            pid = holder.read_text().strip() if holder.exists() else ""
            raise CorpusLocked(
                f"The corpus at {corpus} is open in another process{f' (pid {pid})' if pid else ''}.",
                "Close that process, or let both use one Qdrant server: set TRIPTYCH_STORE=server.",
            ) from error
        holder.write_text(str(os.getpid()))

    def release(self) -> None:
        self._lock.release()
