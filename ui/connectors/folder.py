"""A folder that is watched: by looking again and again, which works on drives of the network too."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

Seen = dict[str, tuple[int, int]]  # a file -> when it was written, in nanoseconds, and its bytes


def seen(folder: Path) -> Seen:
    """The files there are; one that goes meanwhile is not among them."""
    found: Seen = {}
    for path in folder.rglob("*"):
        try:
            now = path.stat()
        except OSError:
            continue
        if path.is_file():
            found[str(path)] = now.st_mtime_ns, now.st_size
    return found


def changes(folder: Path, pause: float, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """At once, and then whenever something has changed and stands still, looking every `pause` seconds: what is still
    being written is waited for. While the folder itself is away, as an unplugged drive is, nothing counts as changed.
    """
    taken: Seen | None = None
    before: Seen = seen(folder)
    while True:
        if folder.is_dir():
            now = seen(folder)
            if now == before != taken:
                taken = now
                yield
            before = now
        sleep(pause)
