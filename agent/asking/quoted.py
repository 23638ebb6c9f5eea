"""Answers that are quoted whichever model there is, beside the requests of people: none is kept or told of."""

import threading
from threading import Event as Flag

from agent.asking.running import last_answer
from agent.asking.stream import events_of
from agent.build import Parts
from agent.events import Answer
from agent.settings import NO_MODEL
from common.errors import UserError


class Quoted:
    """One at a time, by these parts, until it is closed."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._lock, self._closed = parts, threading.Lock(), False

    def __call__(self, question: str, corpus: str) -> Answer:
        """Raises `UserError` for what cannot be asked, and when it is closed."""
        with self._lock:
            if self._closed:
                raise UserError("The agent was closed.")
            *_, last = events_of(self._parts, question, Flag(), corpus=corpus, model=NO_MODEL)
            return last_answer(last)

    def close(self) -> None:
        """Waits for the answer that is being quoted."""
        self._closed = True
        with self._lock:
            pass
