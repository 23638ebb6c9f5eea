"""What became of the files and pages that were to be read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from retrievers.elements import Element, Page
from retrievers.ingestion.manifest import DocumentRecord, PageReport
from retrievers.ingestion.sources import Moved, Skipped

NUMBERED = 4  # pages that bear numbers in a row, at least: on fewer they may be anything


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Outcome of one run.

    `skipped` are files of kinds that are not read, found inside a folder; `moved` documents whose content is now that
    of another file, which took their place; `missing` names documents whose file is no longer in an ingested folder:
    they are kept, unless the run was to `prune` them. `again` names those that were read before but for pages that took
    too long: more time is allowed now. After `answerable` of the `seconds` the words of all could be searched.
    """

    documents: list[DocumentRecord]
    pages: int
    elements: int
    seconds: float
    unchanged: int
    failed: list[DocumentRecord]
    skipped: list[Skipped]
    moved: list[Moved] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    pruned: bool = False
    again: list[str] = field(default_factory=list)
    answerable: float = 0.0


def page_report(page: Page, elements: Sequence[Element]) -> PageReport:
    kinds: Counter[str] = Counter(element.kind for element in elements if element.kind != "page")
    notes = tuple(page.notes) or (() if kinds else ("blank page",))
    captions = sum(bool(one.caption) for one in elements)
    return PageReport(page.number, dict(kinds), page.ocr, captions, notes, page.lost, printed=page.printed)


def printed_numbers(reports: Sequence[PageReport]) -> dict[int, int]:
    """The number that stands on a page -> the page's own; of those that go on over `NUMBERED` pages, the first."""
    borne = [(one.printed, one.page) for one in reports if one.printed is not None]
    apart = Counter(printed - page for printed, page in borne)
    return {printed: page for printed, page in reversed(borne) if apart[printed - page] >= NUMBERED}
