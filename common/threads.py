"""A call in a thread of its own, whose outcome can be waited for in bounded time."""

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Found = TypeVar("Found")


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
