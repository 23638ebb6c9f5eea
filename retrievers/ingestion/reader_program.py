"""The program that reads: opens documents, reads and draws their pages, for the one that ingests (`page_readers`).

It is asked through its standard input and answers through its standard output, pickled. Unlike the processes of
`multiprocessing` it does not run the caller's script again, so that any script may ingest, and it ends with its caller,
however that ends: its input is closed.
"""

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

from common.errors import BadDocument
from common.untrusted import joined
from retrievers.elements import Block, Page, Picture
from retrievers.ingestion.sources import Source
from retrievers.parsers import ocr, open_document
from retrievers.parsers.base import Document
from retrievers.parsers.flow.layout import FlowDocument

PROGRAM = "from retrievers.ingestion.reader_program import main; main()"
SHOWN = 200  # characters of what a library says of its error


class Request(NamedTuple):
    """`number` is that of the page to read or draw, `width` that of the drawing in pixels; pictures of the kinds in
    `put_off` are not read."""

    act: Literal["open", "page", "render", "close"]
    source: Source
    pdf_parser: str
    number: int = 0
    width: int = 0
    put_off: tuple[Picture, ...] = ()


class Opened(NamedTuple):
    """What is known of an open document. `whole`: opening it read all of it, its pages cost next to nothing."""

    title: str
    page_count: int
    whole: bool


class Failure(NamedTuple):
    """What a parser raised that no parser should: the reason in the reader's words, and the traceback."""

    reason: str
    traceback: str


def start(memory: int, scratch: str) -> "subprocess.Popen[bytes]":
    """One that takes at most `memory` bytes and puts its temporary files into the folder `scratch`."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1", "TMPDIR": scratch},
        start_new_session=True,  # an interrupt from the keyboard is for the caller
    )


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers each `Request` with what it asks for, a `BadDocument` or a `Failure`; ends with them."""
    documents: dict[Source, Document] = {}
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        answers.write(_answer(request, documents))  # in one piece: what cannot be pickled must not be half sent
        answers.flush()


def _answer(request: Request, documents: dict[Source, Document]) -> bytes:
    try:
        return pickle.dumps(_carry_out(request, documents))
    except BadDocument as error:
        return pickle.dumps(BadDocument(joined(error.what), joined(error.cure), joined(error.command)))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a parser raises is that page's failure; Rust panics, too
        return pickle.dumps(Failure(reason_of(error), joined(traceback.format_exc())))


def _carry_out(request: Request, documents: dict[Source, Document]) -> Any:
    source = request.source
    if request.act == "close":
        if source in documents:
            documents.pop(source).close()
        return None
    if source not in documents:
        documents[source] = open_document(source.path, source.root, request.pdf_parser)
    document = documents[source]
    if request.act == "open":
        return Opened(_title(document, source.path), document.page_count, isinstance(document, FlowDocument))
    if request.act == "page":
        with ocr.putting_off(request.put_off) as met:
            page = document.page(request.number)
        return replace(_joined_page(page), unread=frozenset(met))
    return document.render(request.number, request.width)


def _title(document: Document, path: Path) -> str:
    """The file's own name where its title cannot be read: it may be looked for on a page that is damaged."""
    try:
        title = document.title
    except Exception:  # noqa: BLE001 - reading that page will report the reason
        title = path.stem
    return joined(title)


def reason_of(error: BaseException) -> str:
    """What happened, in the reader's words."""
    if isinstance(error, MemoryError):
        return "it needs more memory than reading may take"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    said = joined(" ".join(str(error).split())[:SHOWN])
    return f"it holds something that was not understood ({type(error).__name__}{f': {said}' if said else ''})"


def _joined_page(page: Page) -> Page:
    """Without lone surrogates, of odd files and of their names: neither UTF-8, SQLite nor JSON can hold them."""
    return replace(page, blocks=tuple(_joined_block(block) for block in page.blocks), notes=_each(page.notes))


def _joined_block(block: Block) -> Block:
    rows = tuple(_each(row) for row in block.rows)
    return replace(block, text=joined(block.text), caption=joined(block.caption), rows=rows)


def _each(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(joined, texts))


def bound(memory: int) -> None:
    """Takes at most `memory` bytes, so that a page that wants more raises `MemoryError`.

    Should the machine run out of memory all the same, this program is ended first, not the one that ingests.
    """
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    with suppress(OSError):  # not Linux
        Path("/proc/self/oom_score_adj").write_text("1000")


def main() -> None:
    """Serves its caller, within the memory that its first argument gives in bytes."""
    bound(int(sys.argv[1]))
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as answers:  # broken: its caller has ended
        os.dup2(2, 1)  # what libraries print is no answer
        serve(sys.stdin.buffer, answers)
