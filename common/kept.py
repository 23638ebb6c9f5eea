"""What was worked out lately, so that it need not be again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The `most` values that were asked for last, by key. May be asked by several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._one = Lock()

    def of(self, keys: Sequence[Key], work: Callable[[Sequence[Key]], Sequence[Value]]) -> list[Value]:
        """The value of each key; `work` gives those of the keys that are not kept, each once and in order."""
        with self._one:
            found = {key: self._values[key] for key in keys if key in self._values}
        if missing := [key for key in dict.fromkeys(keys) if key not in found]:
            found |= zip(missing, work(missing), strict=True)
        with self._one:
            for key, value in found.items():
                self._values[key] = value
                self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return [found[key] for key in keys]
