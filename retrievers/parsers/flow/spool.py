"""Things put down one after another and taken up again by number: in memory while they are small, then on disk."""

import os
import pickle
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
IN_MEMORY = 16 * 1024**2  # bytes


class Spool(Generic[Thing]):
    """Its file has no name and goes with it. Not safe to share between threads."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - open as long as the spool is
        self._places: list[int] = []

    def append(self, thing: Thing) -> None:
        """Raises `OSError` when the disk is full."""
        self._places.append(self._file.seek(0, os.SEEK_END))
        pickle.dump(thing, self._file)

    def __getitem__(self, place: int) -> Thing:
        self._file.seek(self._places[place])
        thing: Thing = pickle.load(self._file)
        return thing

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        self._file.close()
