"""Pages, figures, tables and sections that a question names by their place in a document: looked up, not searched."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice, pairwise
from pathlib import PurePath

from retrievers.elements import Element, Kind
from retrievers.search.names import WORD, documents_named
from retrievers.search.query_references import NAMES, PLACED, REFERENCE, Position, positions, references
from retrievers.stores.base import Filter, Match, Prefetch, Vector, VectorStore

Lengths = Callable[[], Mapping[str, int]]
Printed = Callable[[str], Mapping[int, int]]  # document -> the number that stands on a page -> that page

SLIDES = frozenset(NAMES["slide"].split())
DECKS = frozenset((".pptx", ".pptm", ".ppsx", ".ppt", ".odp"))
PAGES = 40  # that one position is looked for at, those nearest in meaning: every document has a first page
READ = 3  # documents at most; in more, "the second figure" could be anywhere


def no_lengths() -> Mapping[str, int]:
    return {}


def nothing_printed(document: str) -> Mapping[int, int]:
    return {}


class Positions:
    """Looks places up in one store. `lengths` gives the pages of each of its documents, `printed` the numbers on them:
    "page 17" is the seventeenth, or the one that bears a 17."""

    def __init__(self, store: VectorStore, lengths: Lengths, printed: Printed = nothing_printed) -> None:
        self._store = store
        self._lengths = lengths
        self._printed = printed

    def find(self, question: str, meaning: Vector | None, documents: tuple[str, ...]) -> list[Match]:
        """Pages that `question` names by their place in `documents`, or in any, with their likeness to `meaning`; then
        the figures and tables that it names so."""
        documents = documents or self._meant(question)
        asked = positions(question)
        found = self._pages([one.number for one in asked if one.kind == "page"], meaning, documents)
        if not found and len(documents) == 1:
            found = self._pages(self._past_blank(question, documents[0]), meaning, documents)
        counted = [one for one in asked if one.kind != "page"]
        if not counted and not references(question):
            return found
        read = documents or tuple(self._lengths())
        called = [int(one.number) for one in references(question) if one.kind == "page" and one.number.isdigit()]
        for document in read if called and len(read) <= READ else ():
            bearing = self._printed(document)
            found += self._pages([bearing[one] for one in called if one in bearing], meaning, (document,))
        for document in read if len(read) <= READ else ():
            named = {match.element.page for match in found if match.element.document == document}
            elements = self._counted(document, counted, named) or self._unnumbered(document, question)
            elements += self._of_sections(document, question)
            found += self._pages(sorted({element.page for element in elements}), meaning, (document,))
            found += [Match(element, 0.0, {}) for element in elements]
        return found

    def _meant(self, question: str) -> tuple[str, ...]:
        """Documents that the question names ("the planets report": planets-report.pdf), or those that have slides where
        it asks for one; none: any."""
        names = self._lengths()
        named = documents_named(question, names)
        if named or SLIDES.isdisjoint(WORD.findall(question.casefold())):
            return named
        return tuple(name for name in names if PurePath(name).suffix.lower() in DECKS)

    def _pages(self, numbers: Sequence[int], meaning: Vector | None, documents: tuple[str, ...]) -> list[Match]:
        """Whole pages by number; those below 0 count from the end."""
        wanted = []
        if forward := tuple(number for number in numbers if number > 0):
            wanted.append(Filter(documents=documents, kinds=("page",), pages=forward))
        by_page: dict[int, list[str]] = defaultdict(list)
        if backward := [number for number in numbers if number < 0]:
            for document, length in self._lengths().items():
                for number in backward if not documents or document in documents else ():
                    by_page[length + 1 + number].append(document)
        wanted += [Filter(documents=tuple(names), kinds=("page",), pages=(page,)) for page, names in by_page.items()]
        if meaning is None:
            return [Match(one, 0.0, {}) for where in wanted[:PAGES] for one in islice(self._store.scroll(where), PAGES)]
        prefetches = [Prefetch("text", meaning, PAGES, 1.0, where) for where in wanted[:PAGES]]
        return self._store.search(prefetches, PAGES * len(prefetches)) if prefetches else []

    def _past_blank(self, question: str, document: str) -> list[int]:
        """For "the second page", if it is blank, the one that follows, and from the end the one before: nobody counts
        the back of a cover. "Page 2" is that page."""
        called = {one.number for one in references(question)}
        pages = (one.number for one in positions(question) if one.kind == "page")
        numbers = [number for number in pages if str(number) not in called]
        if not numbers:
            return []
        filled = sorted({one.page for one in self._store.scroll(Filter(documents=(document,), kinds=("page",)))})
        after = (next((page for page in filled if page > number), None) for number in numbers if number > 0)
        end = self._lengths().get(document, 0) + 1
        before = (next((page for page in reversed(filled) if page < end + n), None) for n in numbers if n < 0)
        return [page for page in (*after, *before) if page]

    def _counted(self, document: str, asked: Sequence[Position], pages: AbstractSet[int]) -> list[Element]:
        """Figures and tables by their place in the document, or on those `pages` of it."""
        out = []
        for kind, number in asked:
            there = [one for one in self._all(document, kind) if not pages or one.page in pages]
            place = number - 1 if number > 0 else number
            out += there[place : place + 1 or None]
        return out

    def _unnumbered(self, document: str, question: str) -> list[Element]:
        """ "Table 3" of a document whose tables have no numbers of their own is the third."""
        out: list[Element] = []
        for kind, number in references(question):
            placed = PLACED.get(kind)
            if placed and placed != "page" and number.isdigit():
                there = self._all(document, placed)
                numbered = any(REFERENCE.search(one.caption) for one in there)
                out += [] if numbered else there[: int(number)][int(number) - 1 :]
        return out

    def _of_sections(self, document: str, question: str) -> list[Element]:
        """The first region, on each of its pages, of the "section 2.1" that it names."""
        numbers = [one.number for one in references(question) if one.kind in ("section", "chapter")]
        if not numbers:
            return []
        called = re.compile(rf"^\D{{0,12}}\b(?:{'|'.join(map(re.escape, numbers))})(?![\w.]*\d)")
        regions = (one for one in self._store.scroll(Filter(documents=(document,))) if one.kind != "page")
        there = [one for one in regions if any(map(called.search, one.section))]
        return list({one.page: one for one in sorted(there, key=lambda one: -one.order)}.values())

    def _all(self, document: str, kind: Kind) -> list[Element]:
        """Its figures or tables in reading order; of a long table, kept in pieces, the first piece."""
        found = self._store.scroll(Filter(documents=(document,), kinds=(kind,)))
        ordered = sorted(found, key=lambda one: one.order)
        return [*ordered[:1], *(one for before, one in pairwise(ordered) if not _goes_on(before, one))]


def _goes_on(before: Element, one: Element) -> bool:
    """Whether `one` is the next piece of the same table: another table would have its header between them."""
    if (one.kind, one.page, one.order) != ("table", before.page, before.order + 1) or one.rows[:1] != before.rows[:1]:
        return False
    row = (before.box.y1 - before.box.y0) / max(1, len(before.rows) - 1)
    return abs(one.box.y0 - before.box.y1) < row / 2
