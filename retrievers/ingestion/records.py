"""What is recorded of a document and of each of its pages."""

from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any, Literal

from retrievers.parsers.accounting import LOSS


class Stage(IntFlag):
    """What can still be to do of a page whose words are there, in the order in which it is done.

    `SCANS`: its picture is to be read, or that of a page before it in its document, after which it is placed again.
    `MEANING`: its words are to be embedded. `FIGURES`: what is written in its figures is to be read. `SIGHTS`: its
    pictures are to be looked at by embedders of pictures.
    """

    SCANS = 1
    MEANING = 2
    FIGURES = 4
    SIGHTS = 8


NOTHING = Stage(0)


@dataclass(frozen=True, slots=True)
class PageReport:
    """What became of one page: how many elements of each kind, whether it was OCRed, captions joined, and notes.

    `lost` is the share of its words that no element holds, 0..1, see `parsers.accounting`. A page that could not be
    `read` has lost all; the notes say why. One that was given up was `late`. `printed`: see `elements.Page`.
    """

    page: int
    elements: dict[str, int] = field(default_factory=dict)
    ocr: bool = False
    captions: int = 0
    notes: tuple[str, ...] = ()
    lost: float = 0.0
    read: bool = True
    late: bool = False
    printed: int | None = None

    @property
    def lossy(self) -> bool:
        """Whether more words are missing than hyphens and ligatures explain; the notes then name some."""
        return self.lost > LOSS

    @property
    def explained(self) -> bool:
        """Either something was extracted, or the notes say why nothing was."""
        return bool(self.elements) or bool(self.notes)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One file. `status` is `done`, `partial` (something is still to do) or `failed` (see `error`).

    `lossy` counts the pages that lost words, see `PageReport.lossy`. `archive` is the path of the ZIP that holds the
    file, of which `path` is then a copy in the corpus' own folder. `given_up` are the seconds after which a page was
    given up; 0 where none was. `size` are the file's bytes, `read_at` seconds since the epoch, `regions` the elements
    that are part of a page; 0 in corpora made before they were kept.
    """

    name: str
    path: str
    sha256: str
    version: int = 0
    title: str = ""
    pages: int = 0
    status: Literal["done", "partial", "failed"] = "partial"
    error: str = ""
    next_page: int = 1
    state: dict[str, Any] = field(default_factory=dict)
    lossy: int = 0
    archive: str = ""
    given_up: float = 0.0
    size: int = 0
    read_at: float = field(default=0.0, compare=False)
    regions: int = 0

    @property
    def origin(self) -> str:
        """The path of what the person keeps."""
        return self.archive or self.path

    @property
    def elements(self) -> int:
        """How many have been written. Where nothing is told of it their order counts them."""
        count: int = self.state.get("elements", self.state.get("order", 0))
        return count

    @property
    def searchable(self) -> bool:
        """Whether all its pages have been gone through for their words."""
        return self.next_page > self.pages > 0

    @property
    def unfinished(self) -> str:
        """What the person should know of a document of which something is still to do; empty for others."""
        if self.status != "partial":
            return ""
        return "can be asked about, more to come" if self.searchable else "reading stopped half-way"

    @property
    def warning(self) -> str:
        """What the person should know of a document that was read; empty when nothing was lost."""
        if not self.lossy:
            return ""
        words = f"words of {self.lossy} page{'' if self.lossy == 1 else 's'} could not be placed"
        if not self.given_up:
            return words
        return f"{words}; those that took over {self.given_up:g} s are read again once they may take longer"


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page whose words are in the store: what became of it, what is still `todo`, how many `elements` it has there,
    and the state of the `Assembler` before it."""

    report: PageReport
    todo: Stage = NOTHING
    elements: int = 0
    before: dict[str, Any] = field(default_factory=dict)
