"""Waiting for work that cannot be stopped, without being stuck with it."""

from collections.abc import Callable
from concurrent.futures import wait
from typing import TypeVar

from common.threads import in_thread
from generators.core.base import Watch

LOOK = 0.1  # seconds between two looks at the watch

Found = TypeVar("Found")


def run_cancellable(work: Callable[[], Found], watch: Watch) -> Found:
    """What `work` gives or raises, from a thread of its own. Raises `Cancelled` as soon as the watch says so.

    Work that was given up runs on unseen until it ends by itself, so it needs a timeout of its own.
    """
    watch.check()
    outcome = in_thread(work)
    while not wait([outcome], LOOK).done:
        watch.check()
    return outcome.result()
