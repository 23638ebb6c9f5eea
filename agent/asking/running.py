"""A request under way, in a thread of its own: whoever listens can leave at once, whatever it is waiting for."""

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from contextvars import copy_context

from agent.events import Answer, Event, Failed
from agent.models.replies.bounds import left
from common.errors import UserError

LOOK = 0.05  # seconds between two looks at whether anybody still waits
Item = Event | Exception | None  # None ends it; an exception, which is a bug, is raised by whoever listens
Told = Callable[[str, Event], None]  # with the corpus that is asked
Work = Callable[[threading.Event], Generator[Event, None, None]]


class Running:
    """Carries out `work`, which is given the flag that is set once nobody listens, and tells what happens as it does.

    What waits for a model sees the flag by itself (`agent.models.replies.bounds`).
    """

    def __init__(self, work: Work, tell: Callable[[Item], None]) -> None:
        self._work, self._tell = work, tell
        self._left = threading.Event()
        self._thread = threading.Thread(target=copy_context().run, args=(self._carry_out,), daemon=True)
        self._thread.start()

    def leave(self, why: str = "") -> None:
        """Nobody is to listen any more; a listener who still does is told why."""
        if not self._left.is_set():
            self._left.set()
            self._tell(Failed(why))
            self._tell(None)

    def wait(self, seconds: float) -> None:
        """Until it has come to its end, this long at most."""
        self._thread.join(seconds)

    def _carry_out(self) -> None:
        left.set(self._left)
        try:
            with closing(self._work(self._left)) as events:
                for event in events:
                    self._say(event)
                    if self._left.is_set():
                        return
        except UserError as error:
            self._say(Failed(error.words, error.command))
        except Exception as error:  # noqa: BLE001 - raised by whoever listens
            self._say(error)
        self._say(None)

    def _say(self, item: Item) -> None:
        if not self._left.is_set():
            self._tell(item)


def event_of(item: Event | Exception) -> Event:
    """What was told, to whoever listens. Raises what is a bug."""
    if isinstance(item, Exception):
        raise item
    return item


def last_answer(event: Event) -> Answer:
    """Raises `UserError` for a request that failed."""
    if isinstance(event, Failed):
        raise UserError(event.message, command=event.command)
    assert isinstance(event, Answer)
    return event


def also(tell: Callable[[Item], None], told: Told | None, corpus: str) -> Callable[[Item], None]:
    """`tell`; before it, `told` hears of every event until the one that ends them."""
    if told is None:
        return tell
    ended = threading.Event()

    def both(item: Item) -> None:
        if item is not None and not isinstance(item, Exception) and not ended.is_set():
            told(corpus, item)
            if isinstance(item, (Answer, Failed)):
                ended.set()
        tell(item)

    return both


def in_turn(work: Work, places: threading.Semaphore | None) -> Work:
    """`work` once one of the `places` is free, unless it is left before."""
    if places is None:
        return work

    def waited(left: threading.Event) -> Generator[Event, None, None]:
        while not places.acquire(timeout=LOOK):
            if left.is_set():
                return
        try:
            yield from work(left)
        finally:
            places.release()

    return waited
