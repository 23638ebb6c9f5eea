"""Pages read ahead, by programs beside this one.

A reader is this module run as a program: it is asked for pages through its standard input and answers through its
standard output, pickled. Unlike the processes of `multiprocessing` it does not run the caller's script again, so that
any script may ingest, and it ends with its caller, however that ends: its input is closed.
"""

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Self

from common.errors import BadDocument
from retrievers.elements import Page
from retrievers.ingestion.sources import Source
from retrievers.parsers import open_document
from retrievers.parsers.base import Document

Read = Callable[[], Page]  # raises `BadDocument`


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: by how many programs side by side (1: by none but the one that ingests), and PDFs by which
    parser, see `open_document`.
    """

    programs: int = field(default_factory=cores)
    pdf_parser: str = ".pdf"

    def open(self, source: Source) -> Document:
        """Raises like `open_document`."""
        return open_document(source.path, source.root, self.pdf_parser)


class Readers:
    """Programs that read, each started when it is first needed. Use as a context manager."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._threads = ThreadPoolExecutor(reading.programs)  # one to talk to each reader
        self._own = threading.local()
        self._started: list[subprocess.Popen[bytes]] = []
        self._leaving = False

    @property
    def processes(self) -> list[int]:
        """The ids of those that were started."""
        return [reader.pid for reader in self._started]

    def read(self, source: Source, numbers: Sequence[int]) -> list[Read]:
        """Begins to read these pages, one after another; the results give each, or wait for it.

        A page that brings its reader down makes a `BadDocument`.
        """
        pages: list[Future[Page]] = [Future() for _ in numbers]
        self._threads.submit(self._fulfil, source, numbers, pages)
        return [page.result for page in pages]

    def _fulfil(self, source: Source, numbers: Sequence[int], pages: Sequence["Future[Page]"]) -> None:
        for number, page in zip(numbers, pages, strict=True):
            if self._leaving:
                return
            try:
                page.set_result(self._ask(source, number))
            except Exception as error:  # noqa: BLE001 - raised where the page is waited for
                page.set_exception(error)

    def _ask(self, source: Source, number: int) -> Page:
        reader = self._reader()
        try:
            _send(reader.stdin, (self._reading, source, number))
            answer = pickle.load(reader.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            del self._own.reader
            with suppress(OSError):  # closing writes what could not be sent
                reader.stdin.close()
            raise BadDocument(
                f"Page {number} of {source.path.name} brought down the program that read it.",
                "Export or download the file again.",
            ) from error
        if isinstance(answer, Exception):
            raise answer
        page: Page = answer
        return page

    def _reader(self) -> Any:
        """The one of this thread."""
        if not hasattr(self._own, "reader"):
            self._own.reader = subprocess.Popen(
                [sys.executable, "-P", "-m", "retrievers.ingestion.page_readers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
                start_new_session=True,  # an interrupt from the keyboard is for the caller
            )
            self._started.append(self._own.reader)
        return self._own.reader

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._leaving = True
        self._threads.shutdown(cancel_futures=True)
        for reader in self._started:
            with reader:  # closes its pipes and waits
                reader.kill()


def _send(to: Any, what: object) -> None:
    to.write(pickle.dumps(what))  # in one piece: what cannot be pickled must not be half sent
    to.flush()


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers each (`Reading`, `Source`, page number) with the `Page` or what reading it raised; ends with them."""
    source: Source | None = None
    document: Document | None = None
    while True:
        try:
            reading, wanted, number = pickle.load(requests)
        except EOFError:
            return
        try:
            if document is None or wanted != source:
                if document is not None:
                    document.close()
                document, source = reading.open(wanted), wanted
            _send(answers, document.page(number))
        except Exception as error:  # noqa: BLE001 - raised by the caller
            error.add_note(traceback.format_exc())
            _send(answers, error)


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what libraries print is no answer
        serve(sys.stdin.buffer, answers)
