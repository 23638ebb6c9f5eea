"""One process at a time: an advisory lock on a file, which the system releases however its holder ends."""

import fcntl
import os
from pathlib import Path
from typing import IO

from common.errors import CorpusLocked


class Lock:
    """Exclusive `flock` on `path`, held from construction until `release`, the end of the process, or kill -9.

    Raises `CorpusLocked`, naming `corpus` and the holder's process id, when it is already held.
    """

    def __init__(self, path: Path, corpus: Path) -> None:
        self._path = path
        self._file = self._acquire(corpus)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _acquire(self, corpus: Path) -> IO[str]:
        while True:
            file = self._path.open("a+")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                holder = file.read().strip()
                file.close()
                raise CorpusLocked(
                    f"The corpus at {corpus} is open in another process{f' (pid {holder})' if holder else ''}.",
                    "Close that process, or let both use one Qdrant server: set TRIPTYCH_STORE=server.",
                ) from error
            if self._is_current(file):
                return file
            file.close()

    def _is_current(self, file: IO[str]) -> bool:
        """False when `destroy` removed the file between opening and locking it: that lock would guard nothing."""
        return self._path.exists() and os.fstat(file.fileno()).st_ino == self._path.stat().st_ino

    def release(self) -> None:
        self._file.close()
