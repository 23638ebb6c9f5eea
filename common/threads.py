"""A call in a thread of its own, whose outcome can be waited for in bounded time; and how many may run at once."""

import os
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Found = TypeVar("Found")


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_thread(work: Callable[[], Found]) -> "Future[Found]":
    """What `work` gives or raises, with the caller's context variables. A thread cannot be stopped: one that nobody
    waits for any more runs on unseen, and does not keep the program from ending."""
    outcome: Future[Found] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where somebody waits for it
            outcome.set_exception(error)

    Thread(target=copy_context().run, args=(run,), daemon=True).start()
    return outcome
