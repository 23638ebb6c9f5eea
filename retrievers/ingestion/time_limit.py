"""A limit on how long a program may take over one thing, by its own time: a busy machine makes no page slow."""

import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path


class TimeLimit:
    """Ends `process` after `seconds`, of which those do not count in which it waited for a core that others had.

    That is known on Linux alone; elsewhere all seconds count. `late`: the program was ended.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.seconds = seconds
        self._process = process
        self._end = time.monotonic() + seconds - _waited(process.pid)
        self._lifted, self._late = threading.Event(), threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def late(self) -> bool:
        return self._late.is_set()

    def lift(self) -> None:
        """What was limited is done."""
        self._lifted.set()

    def _watch(self) -> None:
        left = self.seconds
        while left > 0:
            if self._lifted.wait(left):
                return
            left = self._end + _waited(self._process.pid) - time.monotonic()
        self._late.set()
        self._process.kill()


def _waited(pid: int) -> float:
    """Seconds in which the program could have run, but for others (Linux: sched-stats, field 2, nanoseconds)."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0
