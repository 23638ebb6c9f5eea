"""How many requests of programs are answered at the same time, and how many may wait."""

import asyncio
from types import TracebackType
from typing import Self

from common.errors import UserError

LATER = 5  # seconds after which a program that was turned away may ask again


class Busy(UserError):
    """Too many wait already."""

    def __init__(self) -> None:
        super().__init__("Too many requests wait for an answer already.", f"Ask again in {LATER} seconds.")


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
