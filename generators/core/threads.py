"""Waiting for work that cannot be stopped, without being stuck with it."""

from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

from generators.core.base import Watch

LOOK = 0.1  # seconds between two looks at the watch

Found = TypeVar("Found")


def run_cancellable(work: Callable[[], Found], watch: Watch) -> Found:
    """What `work` gives or raises, from a thread of its own. Raises `Cancelled` as soon as the watch says so.

    Work that was given up runs on unseen until it ends by itself, so it needs a timeout of its own.
    """
    done = Event()
    found: list[Found] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below, where somebody waits for it
            failed.append(error)
        finally:
            done.set()

    watch.check()
    Thread(target=run, daemon=True).start()
    while not done.wait(LOOK):
        watch.check()
    if failed:
        raise failed[0]
    return found[0]
