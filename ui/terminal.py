"""How the agent's results look in a terminal: a progress bar, tables, hits, an answer with its sources.

Names and texts are strangers': all that is printed goes through `say` or `say_json`, which write out what a terminal
would obey, and what has one line through `name` as well.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from common.untrusted import UNSEEN, visible

if TYPE_CHECKING:
    from agent.doctor import Part
    from agent.events import Answer
    from retrievers.corpus_check import CheckReport
    from retrievers.elements import Hit
    from retrievers.ingestion.ingest import IngestReport, Progress
    from retrievers.ingestion.manifest import DocumentRecord, PageReport


def say(text: str = "", *, end: str = "\n", error: bool = False) -> None:
    """Prints at once, on stderr where it is an error."""
    print(visible(text), end=end, file=sys.stderr if error else sys.stdout, flush=True)


def name(text: object) -> str:
    """What has one line, such as the name of a file, on one line and with all that is in it."""
    return visible(str(text), breaks=True)


def as_json(value: Any, **how: Any) -> str:
    """JSON that any terminal shows and any file takes; a reader finds in it just what was there."""
    text = json.dumps(value, ensure_ascii=False, **how)
    return UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def say_json(value: Any) -> None:
    """On one line, on stdout."""
    print(as_json(value), flush=True)


@contextmanager
def progress() -> Iterator[Callable[["Progress"], None]]:
    """A bar with pages/s and time left on a terminal; elsewhere (a log) one line per document."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from tqdm import tqdm

    shape = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} pages{postfix}"
    with tqdm(bar_format=shape, leave=False, dynamic_ncols=True) as bar:

        def show(now: "Progress") -> None:
            bar.total = now.pages_total
            bar.n = now.pages_done
            stage = "" if now.stage == "words" else f"{now.stage}: "
            shown = textwrap.shorten(name(now.document), 32, placeholder="...")
            bar.set_description_str(stage + shown, refresh=False)
            bar.set_postfix_str(f"{now.pages_per_second:.1f} pages/s, {duration(now.seconds_left)} left")

        yield show


def _lines() -> Callable[["Progress"], None]:
    seen: set[str] = set()

    def show(now: "Progress") -> None:
        if now.document not in seen:
            seen.add(now.document)
            count = f"{now.documents_done + 1} of {now.documents_total}"
            say(f"[{count}] {name(now.document)} ({now.pages} pages)", error=True)

    return show


def checked(corpus: str, report: "CheckReport") -> None:
    """Each fault, what was mended and what could not be, one a line."""
    for word, lines in (("fault", report.faults), ("mended", report.mended), ("lost", report.lost)):
        for line in lines:
            print(f"{word}: {visible(line)}")
    if not report.faults:
        print(f"Corpus {corpus!r}: nothing is wrong.")
    elif not report.mended and not report.lost:
        print(f"Mend it with: triptych corpus check {corpus} --repair")


def duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns as wide as their widest cell, the first to the left and the others to the right; the last is words."""
    cells = [[name(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        middle = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        say("  ".join([row[0].ljust(widths[0]), *middle, row[-1]]).rstrip())


def ingested(corpus: str, report: "IngestReport", pages: Mapping[str, Sequence["PageReport"]]) -> None:
    """What became of every document, then every file that was skipped, moved, has gone or failed, and why."""
    good = [record for record in report.documents if record.status != "failed"]
    rows = [_document_row(record.name, pages[record.name]) for record in good]
    if rows:
        table(["document", "pages", "elements", "OCRed", "captions", "notes"], rows)
        say()
    for skipped in report.skipped:
        say(f"skipped: {name(skipped.name)}: {skipped.reason}")
    for again in report.again:
        say(f"read again: {name(again)}: pages took longer than was allowed before")
    for moved in report.moved:
        say(f"moved: {name(moved.old)} is now {name(moved.new)}")
    for gone in report.missing:
        say(
            f"pruned: {name(gone)}"
            if report.pruned
            else f"missing: {name(gone)}: its file has gone; --prune forgets it"
        )
    failures(report)
    speed = f", {report.pages / report.seconds:.1f} pages/s" if report.pages and report.seconds else ""
    unchanged = f"; {report.unchanged} unchanged" if report.unchanged else ""
    say(
        f"Corpus {corpus!r}: read {report.pages} pages into {report.elements} elements"
        f" in {duration(report.seconds)}{speed}{unchanged}; {len(report.failed)} failed."
    )


def removed(document: str, rest: str) -> None:
    """A document that is forgotten, and what is left of it."""
    say(f"Removed {name(document)}; {name(rest)}.")


def followed(corpus: str, before: Mapping[str, str], report: "IngestReport", folder: str) -> None:
    """What a change of a watched folder did."""
    failed = {record.name for record in report.failed}
    for record in report.documents:
        if record.name not in failed and before.get(record.name) != record.sha256:
            say(f"read: {name(record.name)}")
    for gone in [*report.missing, *(moved.old for moved in report.moved)]:
        say(f"removed: {name(gone)}")
    failures(report)
    say(f"Corpus {corpus!r} follows {name(folder)}: {len(report.documents) - len(failed)} documents.")


def failures(report: "IngestReport") -> None:
    for record in report.failed:
        say(f"failed: {name(record.name)}: {record.error}", error=True)


def _document_row(name: str, pages: Sequence["PageReport"]) -> list[Any]:
    noted = [page for page in pages if page.notes]
    lost = [page for page in pages if page.lossy]
    notes = f"{len(noted)} pages with notes" if noted else ""
    if lost:
        worst = max(lost, key=lambda page: page.lost)
        notes += f"; {len(lost)} lost words, most on page {worst.page} ({worst.lost:.0%})"
    elements = sum(sum(page.elements.values()) for page in pages)
    return [name, len(pages), elements, sum(p.ocr for p in pages), sum(p.captions for p in pages), notes]


def documents(records: Sequence["DocumentRecord"]) -> None:
    if not records:
        say("No documents yet.")
        return
    table(["document", "pages", "state"], [[r.name, r.pages, _state(r)] for r in records])


def _state(record: "DocumentRecord") -> str:
    said = record.error or record.warning
    return f"{record.status}: {said}" if said else record.status


def hit_dicts(found: Sequence["Hit"]) -> list[dict[str, Any]]:
    """JSON-ready hits, best first. Pages count from 1; boxes are x0, y0, x1, y1 in 0..1 of the page."""
    return [
        {
            "document": hit.element.document,
            "page": hit.element.page,
            "kind": hit.element.kind,
            "box": [round(edge, 4) for edge in hit.element.box],
            "score": round(hit.score, 6),
            "relevance": None if hit.relevance is None else round(hit.relevance, 4),
            "why": hit.why,
            "section": list(hit.element.section),
            "caption": hit.element.caption,
            "text": hit.element.text,
        }
        for hit in found
    ]


def hits(found: Sequence["Hit"]) -> None:
    if not found:
        say("Nothing found.")
    for number, hit in enumerate(found, start=1):
        element = hit.element
        box = ", ".join(f"{edge:.2f}" for edge in element.box)
        relevance = f"  relevance {hit.relevance:.2f}" if hit.relevance is not None else ""
        say(f"{number:2}. {name(element.document)}, page {element.page}  {element.kind} at ({box}){relevance}")
        say(f"    {hit.why}")
        say(_indented(" ".join(f"{element.caption} {element.text}".split()), limit=280))


def answer(value: "Answer", *, streamed: bool) -> None:
    """The sources below an answer that was streamed already, or below its text."""
    say("" if streamed else value.text)
    for notice in value.notices:
        say(f"Note: {notice}")
    for advice in value.advice:
        say(f"  -> {advice}")
    if value.citations:
        say("\nSources")
    for citation in value.citations:
        element = citation.hit.element
        say(f"[{citation.number}] {name(element.document)}, page {element.page}, {element.kind}")
        if citation.quote:
            say(_indented(" ".join(citation.quote.split()), limit=200))
    for artifact in value.artifacts:
        say(f"{name(artifact.title)}: {name(artifact.path)}")


def parts(found: Sequence["Part"]) -> None:
    """What is there and what is not; below each missing part, the command that brings it."""
    width = max(len(part.name) for part in found)
    for part in found:
        mark = "ok" if part.present else ("MISSING" if part.needed else "-")
        say(f"{mark:>7}  {part.name.ljust(width)}  {part.detail}")
        if part.cure:
            say(f"{'':9}{'':{width}}  -> {part.cure}")


def _indented(text: str, limit: int) -> str:
    width = min(shutil.get_terminal_size().columns, 110)
    short = textwrap.shorten(text, limit, placeholder=" ...")
    return textwrap.fill(short, width, initial_indent="    ", subsequent_indent="    ")


def serving(address: str, *, guarded: bool) -> None:
    """Where the page is; and a warning when it is open to others."""
    say(f"Triptych is at {address} (Ctrl-C stops it)")
    if not guarded:
        say("Anyone who can reach this address can use it: set TRIPTYCH_USERNAME and TRIPTYCH_PASSWORD.")
