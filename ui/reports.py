"""Ingestion -> HTML, as pure functions: the running progress, then what became of every page."""

from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Any

from ui import render
from ui.sanitize import sanitizing

# Progress, IngestReport and PageReport are the agent's: this module reads their fields, and creates none.

STAGES = {
    "scans": "All words can be asked about. Now pages without text are read.",
    "meaning": "All words can be asked about. Now their meaning is worked out.",
    "figures": "All can be asked about. Now figures are read.",
    "sights": "All can be asked about. Now pictures are looked at.",
}


@sanitizing
def beginning(names: Sequence[str]) -> str:
    """Before anything is known of how long it takes."""
    told = names[0] if len(names) == 1 else f"{len(names)} documents"
    return (
        '<div class="progress" role="status"><div class="track" role="progressbar" aria-label="Reading documents">'
        f"</div><p><b>{render.plain(told)}</b><span>opening</span></p></div>"
    )


@sanitizing
def progress(value: Any) -> str:
    """`value`: document, page, pages, documents_done, documents_total, pages_done, pages_total, pages_per_second,
    seconds_left, stage."""
    stage = "" if value.stage == "words" else f'<p role="status"><span>{STAGES[value.stage]}</span></p>'
    share = 100 * value.pages_done / max(1, value.pages_total)
    return (
        f'<div class="progress" role="status"><div class="track" role="progressbar" aria-valuemin="0"'
        f' aria-valuemax="100" aria-valuenow="{share:.0f}" aria-label="Reading documents">'
        f'<div style="width:{share:.1f}%"></div></div>'
        f"<p><b>{render.plain(value.document)}</b><span>page {value.page} of {value.pages}</span></p>"
        f"<p><span>{rate(value)}</span></p>{stage}</div>"
    )


def rate(value: Any) -> str:
    """How far it is, how fast, and how long it will take, in words; None: no page is known yet."""
    if value is None:
        return "opening"
    speed = f", {value.pages_per_second:.1f} pages/s" if value.pages_per_second else ""
    left = f", {duration(value.seconds_left)} left" if value.seconds_left else ""
    return f"{value.pages_done} of {value.pages_total} pages{speed}{left}"


def duration(seconds: float) -> str:
    """`seconds` in the words one would say: 40 s, 3 min, 2.5 h."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@sanitizing
def report(value: Any, pages: Mapping[str, Sequence[Any]], renamed: Sequence[tuple[str, str]] = ()) -> str:
    """`value`: an ingestion report; `pages`: document name -> its page reports.

    `renamed`: uploads that were given another name, each with that one.
    """
    failed = {record.name for record in value.failed}
    read = len([record for record in value.documents if record.name not in failed])
    counts = [f"{read} document{'' if read == 1 else 's'} ready"]
    if value.unchanged:
        counts.append(f"{value.unchanged} unchanged")
    if failed:
        counts.append(f"{len(failed)} could not be read")
    summary = f"{', '.join(counts)}: {value.pages} pages, {value.elements} regions in {duration(value.seconds)}."
    failures = "".join(
        f'<li class="failed"><b>{render.plain(record.name)}</b><span>{render.plain(record.error)}</span></li>'
        for record in value.failed
    )
    documents = "".join(
        _document(record, pages.get(record.name, ())) for record in value.documents if record.name not in failed
    )
    return (
        f'<div class="report"><p role="status">{render.plain(summary)}</p>'
        f"{f'<ul>{failures}</ul>' if failures else ''}{''.join(starmap(_renamed, renamed))}{documents}</div>"
    )


def _renamed(old: str, new: str) -> str:
    words = f"{old} is kept as {new}, for another document has its name. To replace that one, remove it and add yours."
    return f'<p class="notice">{render.plain(words)}</p>'


def _state(record: Any) -> str:
    pages = f"{record.pages} page{'' if record.pages == 1 else 's'}"
    return str(record.error) or ("; ".join(filter(None, (pages, record.warning))))


def _document(record: Any, pages: Sequence[Any]) -> str:
    rows = "".join(
        f"<tr><td>{page.page}</td><td>{render.plain(_counts(page.elements))}</td>"
        f"<td>{'OCR' if page.ocr else ''}</td><td>{render.plain('; '.join(page.notes))}</td></tr>"
        for page in pages
    )
    head = "<tr><th>Page</th><th>Found</th><th></th><th>Notes</th></tr>"
    return (
        f"<details><summary>{render.plain(record.name)} <i>{render.plain(_state(record))}</i></summary>"
        f'<div class="scroll" tabindex="0"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div></details>'
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in counts.items() if number)
