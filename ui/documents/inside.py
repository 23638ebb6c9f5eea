"""What is inside corpora and documents, worked out beside the page while it has nothing else to do, and shown."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from common.errors import UserError
from ui import render, reports
from ui.sanitize import sanitizing

if TYPE_CHECKING:
    from agent import Agent
    from agent.inside.inside import Inside

LOOK_SECONDS = 0.2  # between two looks at whether somebody waits for an answer


class Finder:
    """Of one agent. `busy` says whether somebody waits for an answer, who goes first."""

    def __init__(self, agent: "Agent", busy: Callable[[], bool]) -> None:
        self._agent, self._busy = agent, busy
        self._tried: dict[str, tuple[float, ...]] = {}  # corpora, as they were then
        self.ended = 0  # how many were worked out, or could not be
        self._working = threading.Lock()

    def known(self, corpus: str) -> str:
        """Something else whenever there is more to show: which corpora there are, how far the reading of this one is,
        its documents, what is inside."""
        names = self._agent.corpora.names()
        changed, reading = (self.want(corpus), self.reading(corpus)) if corpus in names else ((), "")
        return f"{names} {changed} {reading} {self.ended}"

    def reading(self, corpus: str) -> str:
        """How far the reading of a corpus that there is is, whoever began it; empty when nothing is read."""
        opened = self._agent.library.open(corpus)
        return reports.rate(opened.progress) if opened.reading else ""

    def want(self, corpus: str) -> tuple[float, ...]:
        """Begins to work out what is inside unless that was tried, something is, or documents are being read. Returns
        the state of the corpus."""
        opened = self._agent.library.open(corpus)
        now = opened.state()
        tried = self._tried.get(corpus) == now or opened.reading
        if not tried and self._working.acquire(blocking=False):
            self._tried[corpus] = now
            threading.Thread(target=self._work, args=(corpus,), daemon=True).start()
        return now

    def wait(self) -> None:
        while self._busy():
            time.sleep(LOOK_SECONDS)

    def _work(self, corpus: str) -> None:
        try:
            with suppress(UserError):  # of a corpus that is gone by now, or that another process holds
                self._agent.corpora.inside(corpus, wait=self.wait)
        finally:
            self.ended += 1
            self._working.release()


@sanitizing
def described(lines: "Inside") -> str:
    """Its lines, and its questions as buttons."""
    told = "".join(f"<p>{render.plain(line)}</p>" for line in lines.lines)
    asks = "".join(
        f'<button type="button" data-ask="{render.exact(question)}">{render.plain(question)}</button>'
        for question in lines.questions
    )
    return f'<div class="inside">{told}{f"<div>{asks}</div>" if asks else ""}</div>' if told or asks else ""
