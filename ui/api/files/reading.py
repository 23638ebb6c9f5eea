"""Uploaded files read into corpora, one after the other, beside the requests; how far each is."""

import logging
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Literal

from agent import Agent
from common.errors import UserError
from common.threads import in_thread

LOG = logging.getLogger(__name__)
Status = Literal["queued", "in_progress", "completed", "failed", "cancelled"]
Key = tuple[str, str]  # a corpus, the id of a file


@dataclass(slots=True)
class Reading:
    """One file on its way into a corpus. `problem` says why it failed."""

    corpus: str
    path: Path
    status: Status = "queued"
    problem: str = ""
    is_ours: bool = False  # a bug, not the file


class Readings:
    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._known: dict[Key, Reading] = {}
        self._queue: SimpleQueue[Reading] = SimpleQueue()
        self._one = Lock()
        self._works = False

    def start(self, corpus: str, id: str, path: Path) -> Reading:
        """One that is under way already goes on."""
        with self._one:
            known = self._known.get((corpus, id))
            if known and known.status in ("queued", "in_progress"):
                return known
            reading = self._known[corpus, id] = Reading(corpus, path)
            self._queue.put(reading)
            if not self._works:
                self._works = True
                in_thread(self._work)
            return reading

    def of(self, corpus: str, id: str) -> Reading | None:
        """The last since the server began."""
        return self._known.get((corpus, id))

    def under_way(self, corpus: str) -> dict[str, Reading]:
        """By the ids of files."""
        known = list(self._known.items())
        return {id: one for (name, id), one in known if name == corpus and one.status in ("queued", "in_progress")}

    def forget(self, corpus: str, id: str) -> None:
        """One that has not begun is not read."""
        with self._one:
            reading = self._known.pop((corpus, id), None)
            if reading and reading.status == "queued":
                reading.status = "cancelled"

    def _work(self) -> None:
        while True:
            reading = self._queue.get()
            with self._one:
                if reading.status == "cancelled":
                    continue
                reading.status = "in_progress"
            self._read(reading)

    def _read(self, reading: Reading) -> None:
        try:
            report = self._agent.ingest([reading.path], reading.corpus)
        except UserError as error:
            reading.problem = str(error)
        except Exception:
            reading.problem, reading.is_ours = "Something went wrong here.", True
            LOG.exception("Reading %s into %s", reading.path, reading.corpus)
        else:
            reading.problem = "; ".join(f"{record.name}: {record.error}" for record in report.failed)
            reading.problem = reading.problem or ("" if report.documents else "There is nothing in it to read.")
        reading.status = "failed" if reading.problem else "completed"
