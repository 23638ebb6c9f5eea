"""How many requests of programs are answered at the same time, and how many may wait."""

import asyncio
from collections import deque
from math import ceil
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Self

from common.errors import UserError

MINUTE = 60.0  # seconds
LATER = 5  # seconds after which a program that was turned away may ask again


class Busy(UserError):
    """Too many wait already, or came within the last minute."""

    def __init__(self, what: str = "Too many requests wait for an answer already.", seconds: int = LATER) -> None:
        super().__init__(what, f"Ask again in {seconds} seconds.")
        self.seconds = seconds


class Rate:
    """At most `most` in any minute. Usable from several threads at once."""

    def __init__(self, most: int) -> None:
        self._taken: deque[float] = deque(maxlen=most)  # when, the oldest first
        self._one = Lock()

    def take(self) -> None:
        """Raises `Busy` with the time after which the next may come; what is refused does not count."""
        now = monotonic()
        with self._one:
            if len(self._taken) == self._taken.maxlen and now - self._taken[0] < MINUTE:
                raise Busy("That is too much for one minute.", ceil(MINUTE - (now - self._taken[0])))
            self._taken.append(now)


class Places:
    """`async with` it to have one of `at_once` places. Raises `Busy` where `waiting` others wait for one already."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most, self._waiting = waiting, 0

    def check(self) -> None:
        """Raises `Busy`: for what is begun before it has its place, such as a stream."""
        if self._free.locked() and self._waiting >= self._most:
            raise Busy

    async def __aenter__(self) -> Self:
        self.check()
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._free.release()
