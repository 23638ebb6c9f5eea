"""Files that hold other files: ZIP archives, and mails with attachments.

One document: what the outer file itself says, then each file in it, read by that kind's own parser, under a cover page
with its name. Mails in archives in mails are taken apart alike, down to `DEPTH`, all within one allowance.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Self

from common.errors import BadDocument, UserError
from retrievers.elements import Page
from retrievers.parsers.base import Document
from retrievers.parsers.containers.archive import Allowance, Member, unpack
from retrievers.parsers.containers.mail import open_body, save_attachments
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument

if TYPE_CHECKING:
    from PIL.Image import Image

DEPTH = 3  # files in files in the file
COVER = 0  # level of a cover's heading: above every heading of what it covers

Holder = Callable[[Path, Path, Allowance], Iterator[Member]]
HOLDERS: dict[str, Holder] = {".zip": unpack, ".eml": save_attachments, ".msg": save_attachments}
MAILS = (".eml", ".msg")


class _Part(NamedTuple):
    """A run of pages: whose they are, how that is opened, and how many."""

    name: str
    open: Callable[[], Document]
    pages: int


class CompoundDocument:
    """See `parsers.base.Document`. Its files lie in a temporary folder, which goes when it is closed; one is open."""

    def __init__(self, path: Path) -> None:
        self._folder = TemporaryDirectory(prefix="triptych-")
        self._open: tuple[int, Document] | None = None
        self._notes: list[str] = []
        try:
            self._parts = list(self._take_apart(path))
        except BaseException:
            self._folder.cleanup()
            raise
        if not self._parts:
            self._folder.cleanup()
            raise BadDocument(f"{path.name} holds nothing that can be read. {' '.join(self._notes[:3])}".strip())
        self._ends = list(accumulate(part.pages for part in self._parts))
        self.title = self._parts[0].name
        self.page_count = self._ends[-1]

    def _take_apart(self, path: Path) -> Iterator[_Part]:
        allowance = Allowance()
        own = self._part(path.stem, lambda: open_body(path)) if path.suffix.lower() in MAILS else None
        if own is not None:
            yield own
        for member in self._files(Member("", path), Path(self._folder.name), allowance, DEPTH):
            yield from self._covered(member)

    def _files(self, outer: Member, folder: Path, allowance: Allowance, depth: int) -> Iterator[Member]:
        """The files in `outer`, and those in them."""
        take_apart = HOLDERS[outer.path.suffix.lower()]
        for number, (name, path) in enumerate(take_apart(outer.path, folder / "files", allowance)):
            member = Member(f"{outer.name}/{name}".lstrip("/"), path)
            if path.suffix.lower() not in HOLDERS:
                yield member
                continue
            if path.suffix.lower() in MAILS:
                yield member
            try:
                if depth == 1:
                    raise BadDocument("It lies too deep in other files.", "Unpack it and give it alone.")
                yield from self._files(member, folder / f"in{number}", allowance, depth - 1)
            except BadDocument as error:
                self._notes.append(f"{member.name}: {error}")

    def _covered(self, member: Member) -> Iterator[_Part]:
        from retrievers.parsers import open_document

        def opened() -> Document:
            mail = member.path.suffix.lower() in MAILS
            return open_body(member.path) if mail else open_document(member.path)

        part = self._part(member.name, opened)
        if part is not None:
            yield _Part(member.name, lambda: _cover(member), 1)
            yield part

    def _part(self, name: str, opened: Callable[[], Document]) -> _Part | None:
        """None, and a note, when it cannot be read."""
        try:
            with opened() as document:
                return _Part(document.title or name, opened, document.page_count)
        except UserError as error:
            self._notes.append(f"{name}: {error}")
        except Exception as error:  # noqa: BLE001 - whatever a parser raises costs this file, not those beside it
            self._notes.append(f"{name}: it could not be read ({type(error).__name__}: {error})")
        return None

    def page(self, number: int) -> Page:
        document, first = self._at(number)
        page = document.page(number - first + 1)
        notes = (*self._notes, *page.notes) if number == 1 else page.notes
        return Page(number, page.blocks, notes, page.lost)

    def render(self, number: int, width: int) -> "Image":
        document, first = self._at(number)
        return document.render(number - first + 1, width)

    def _at(self, number: int) -> tuple[Document, int]:
        """The part that page `number` belongs to, and the number of its first page."""
        index = next(index for index, end in enumerate(self._ends) if number <= end)
        if self._open is None or self._open[0] != index:
            self._shut()
            self._open = (index, self._parts[index].open())
        return self._open[1], self._ends[index] - self._parts[index].pages + 1

    def _shut(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def close(self) -> None:
        self._shut()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _cover(member: Member) -> FlowDocument:
    return FlowDocument(member.path, [Item("heading", member.name, COVER)])
