"""The list of a corpus' documents -> HTML, as pure functions."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from ui import render
from ui.sanitize import sanitizing

MOST = 200  # documents shown at once
# How the list may be ordered, as the page offers it. Records are the agent's: this module reads their fields.
ORDERS: dict[str, Callable[[Any], Any]] = {
    "by name": lambda record: record.name.lower(),
    "newest first": lambda record: -record.read_at,
    "largest first": lambda record: -record.size,
    "most pages first": lambda record: -record.pages,
    "problems first": lambda record: (not record.error, not record.warning, record.name.lower()),
}
NOTHING = '<p class="hint">No documents yet. Drop some anywhere on this page.</p>'


@sanitizing
def listing(
    records: Sequence[Any],
    words: str = "",
    order: str = "by name",
    only: Collection[str] = (),
    noting: str = "",
    *,
    reading: bool = False,
) -> str:
    """The documents whose names hold all `words`, each with what can be done with it; those in `only` are ticked.

    `records`: document records. `noting` is said above them; `reading`: some are just being read.
    """
    if not records:
        return noting + ("" if reading else NOTHING)
    found = [record for record in records if all(word in record.name.lower() for word in words.lower().split())]
    found.sort(key=ORDERS[order])
    items = "".join(_item(record, record.name in only, reading) for record in found[:MOST])
    return f'{noting}<ul class="documents">{items}</ul>{_count(len(found), len(records))}'


def _count(found: int, documents: int) -> str:
    told = counted(documents, "document")
    if found < documents:
        told = f"{found} of {told}"
    if found > MOST:
        told += f"; the first {MOST} are shown: look for part of a name"
    return f'<p class="hint" role="status">{told}</p>'


def _item(record: Any, ticked: bool, reading: bool) -> str:
    failed = record.status == "failed"
    name = render.plain(record.name)
    title = f"<b>{name}</b>" if failed else _button(record, "open", f"<b>{name}</b>", f"Open {name}")
    tick = "" if failed else _tick(record, ticked)
    again = _button(record, "again", "↻", f"Read {name} again")
    remove = _button(record, "remove", "&times;", f"{'Dismiss' if failed else 'Remove'} {name}")
    trouble = record.error or record.warning
    told = f'<span class="{"error" if failed else "warning"}">{render.plain(trouble)}</span>' if trouble else ""
    return (
        f'<li{" class=failed" if failed else ""}>{tick}<div>{title}<span class="facts">'
        f"{render.plain(facts(record, reading))}</span>{told}</div>{again}{remove}</li>"
    )


def _tick(record: Any, ticked: bool) -> str:
    name = render.plain(record.name)
    return (
        f'<button type="button" role="checkbox" aria-checked="{str(ticked).lower()}" class="tick" data-do="only"'
        f' data-name="{render.exact(record.name)}" aria-label="Ask only {name}" title="Ask only the ticked ones">'
        "</button>"
    )


def _button(record: Any, does: str, shown: str, label: str) -> str:
    return (
        f'<button type="button" class="{does}" data-do="{does}" data-name="{render.exact(record.name)}"'
        f' title="{label}" aria-label="{label}">{shown}</button>'
    )


def facts(record: Any, reading: bool = False) -> str:
    """What is known of a document that was read: "12 pages · 80 regions · 1.2 MB · 27 Nov 2026"."""
    read = datetime.fromtimestamp(record.read_at).astimezone() if record.read_at else None
    known = (
        "being read" if reading and record.unfinished and not record.searchable else record.unfinished,
        counted(record.pages, "page") if record.pages else "",
        counted(record.regions, "region") if record.regions else "",
        _size(record.size) if record.size else "",
        f"{read.day} {read:%b %Y}" if read else "",
    )
    return " · ".join(filter(None, known))


def counted(count: int, what: str) -> str:
    """ "1 page", "1,204 pages"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _size(size: int) -> str:
    """Bytes in the words one would say: 2.4 MB."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if size >= 1000**power:
            return f"{size / 1000**power:.1f} {unit}"
    return counted(size, "byte")
