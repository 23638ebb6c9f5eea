"""Documents read by programs beside this one, so that no file can hold up or bring down the one that ingests.

A file or page that takes too long, or too much memory, or brings its reader down, is a `BadDocument`; the next one is
read by a new program. What such a program does is in `reader_program`.
"""

import os
import pickle
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from queue import PriorityQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from common.errors import BadDocument
from common.threads import cores
from retrievers.elements import Page, Picture
from retrievers.ingestion.reader_log import write_down
from retrievers.ingestion.reader_program import Failure, Opened, Request, start
from retrievers.ingestion.sources import Source, file_size
from retrievers.ingestion.time_limit import TimeLimit

if TYPE_CHECKING:
    from PIL.Image import Image

Read = Callable[[], Page]  # raises `BadDocument`

MEMORY = 4 * 1024**3  # bytes that each program may take, or its share of the machine's where that is more
MB_A_PAGE = 10  # megabytes of a file that may take as long to open as one page to read
MORE = "Allow more with TRIPTYCH_PAGE_TIMEOUT."
EXPORT = "Export or download the file again."
ENOUGH = 3  # programs that one file may end; its other pages are not tried


class TookTooLong(BadDocument):
    """A page for which more time may help."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: by how many programs side by side, PDFs by which parser (see `open_document`), and how many
    seconds a page may take. Tracebacks of what could not be read go to a file in the folder `logs`. `executor` is a
    name of `executors`; on the Ray cluster at `address` there are `actors`, or as many as fit."""

    programs: int = field(default_factory=cores)
    pdf_parser: str = ".pdf"
    page_timeout: float = 120.0
    logs: Path | None = None
    executor: str = "local"
    address: str = ""
    actors: int = 0


class Readers:
    """Programs that read, each started when it is first needed. Use as a context manager."""

    def __init__(self, reading: Reading) -> None:
        ended: Counter[Source] = Counter()
        self._reading = reading
        self._scratch = TemporaryDirectory(prefix="triptych-", ignore_cleanup_errors=True)
        self._all = [_Reader(reading, ended, self._scratch.name) for _ in range(reading.programs)]

    @property
    def processes(self) -> list[int]:
        """The ids of those that run."""
        return [reader.process.pid for reader in self._all if reader.process]

    def open(self, source: Source) -> "RemoteDocument":
        """Begins to open it; whoever asks for its title or pages waits for that."""
        return RemoteDocument(source, self._reading.pdf_parser, self.idlest(), self)

    def idlest(self, rather: "_Reader | None" = None) -> "_Reader":
        """The one with the least to do, of several `rather` this one."""
        return min(self._all, key=lambda reader: (reader.load, reader is not rather))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for reader in self._all:
            reader.leave()
        self._scratch.cleanup()


class RemoteDocument:
    """A document that a reader has open. All but its construction and `close` wait, and raise `BadDocument`."""

    def __init__(self, source: Source, pdf_parser: str, reader: "_Reader", readers: Readers) -> None:
        self._source = source
        self._pdf_parser = pdf_parser
        self._home = reader
        self._readers = readers
        self._used = {reader}
        self._opening: Future[Opened] = reader.ask(Request("open", source, pdf_parser))

    @property
    def opened(self) -> Opened:
        return self._opening.result()

    def read(self, numbers: Sequence[int], put_off: tuple[Picture, ...] = ()) -> list[Read]:
        """Begins to read these pages by one program, pictures of the kinds in `put_off` aside; each result waits."""
        reader = self._home if self.opened.whole else self._readers.idlest(self._home)
        self._used.add(reader)
        ask = partial(Request, "page", self._source, self._pdf_parser, put_off=put_off)
        return [reader.ask(ask(number)).result for number in numbers]

    def render(self, number: int, width: int) -> "Image":
        """See `parsers.base.Document`."""
        drawn: Image = self._home.ask(
            Request("render", self._source, self._pdf_parser, number, width), soon=True
        ).result()
        return drawn

    def close(self) -> None:
        for reader in self._used:
            reader.ask(Request("close", self._source, self._pdf_parser), soon=True)


class _Reader:
    """One program at a time, and the thread that talks to it. `ended` counts the programs that a file has ended."""

    def __init__(self, reading: Reading, ended: Counter[Source], scratch: str) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._reading = reading
        self._ended = ended
        self._scratch = scratch  # for its temporary files, which a program that is killed leaves behind
        self._open: set[Source] = set()
        self._requests: PriorityQueue[tuple[int, int, Request | None, Future[Any]]] = PriorityQueue()
        self._serial = count()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def load(self) -> int:
        """Requests that it has not answered."""
        return self._requests.unfinished_tasks

    def ask(self, request: Request, soon: bool = False) -> "Future[Any]":
        """Answered in turn, or `soon`: before those that wait."""
        future: Future[Any] = Future()
        self._requests.put((0 if soon else 1, next(self._serial), request, future))
        return future

    def leave(self) -> None:
        """Ends the program, whatever it is at, and the thread."""
        self._leaving.set()
        self._requests.put((0, -1, None, Future()))
        process = self.process
        if process:
            process.kill()
        self._thread.join()
        self._end()

    def _work(self) -> None:
        while not self._leaving.is_set():
            _, _, request, future = self._requests.get()
            if request is not None:
                try:
                    future.set_result(self._answer(request))
                except Exception as error:  # noqa: BLE001 - raised where the answer is waited for
                    future.set_exception(error)
            self._requests.task_done()

    def _answer(self, request: Request) -> Any:
        """Raises `BadDocument`."""
        if request.act == "close" and request.source not in self._open:
            return None
        if self._ended[request.source] >= ENOUGH:
            raise _refusal(request, f"{ENOUGH} others ended the programs that read them, so it was not tried")
        answer = self._talk(request)
        if isinstance(answer, Failure):
            log = write_down(
                self._reading.logs, f"{request.act} {request.number} of {request.source}", answer.traceback
            )
            raise _refusal(request, answer.reason, command=f"Details are in {log}." if log else "")
        if isinstance(answer, BadDocument):
            raise _refusal(request, answer.what, answer.cure, answer.command) if request.number else answer
        (self._open.discard if request.act == "close" else self._open.add)(request.source)
        return answer

    def _talk(self, request: Request) -> Any:
        pipes: Any = self._start()
        limit = TimeLimit(pipes, self._limit(request))
        try:
            pipes.stdin.write(pickle.dumps(request))
            pipes.stdin.flush()
            return pickle.load(pipes.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self._end()
            self._ended[request.source] += 1
            if limit.late:
                late = f"it takes longer than {limit.seconds:.0f} s"
                raise _refusal(request, late, command=MORE, kind=TookTooLong) from error
            raise _refusal(request, "it brought down the program that read it", EXPORT) from error
        finally:
            limit.lift()
            if limit.late:  # only just: the answer is good, but the program is gone
                self._end()

    def _limit(self, request: Request) -> float:
        """Seconds: a large file may take longer to open."""
        to_open = 0 if request.source in self._open else file_size(request.source.path)
        return self._reading.page_timeout * (1 + to_open / 1e6 / MB_A_PAGE)

    def _start(self) -> "subprocess.Popen[bytes]":
        if self.process and self.process.poll() is not None:  # killed between two requests: no fault of this one's file
            self._end()
        if self.process is None:
            self.process = start(self._memory(), self._scratch)
        if self._leaving.is_set():
            self.process.kill()
        return self.process

    def _memory(self) -> int:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return max(MEMORY, whole // self._reading.programs)

    def _end(self) -> None:
        """The program and its pipes; the next request starts another."""
        process, self.process = self.process, None
        self._open.clear()
        if process:
            process.kill()
            with suppress(OSError), process:  # closing its pipes writes what could not be sent
                pass


def _refusal(
    request: Request, reason: str, cure: str = "", command: str = "", kind: type[BadDocument] = BadDocument
) -> BadDocument:
    what = f"Page {request.number}" if request.number else Path(request.source.name).name
    done = "drawn" if request.act == "render" else "read"
    return kind(f"{what} could not be {done}: {reason.rstrip('.')}.", cure, command)
