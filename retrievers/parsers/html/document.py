"""HTML: what a reader of the page sees, in the order of the document, by libxml2's parser and a walk of our own."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from retrievers.parsers.characters.encodings import decode
from retrievers.parsers.flow.items import Item
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.html import tables as html_tables
from retrievers.parsers.html.lists import number_items
from retrievers.parsers.html.pictures import picture
from retrievers.parsers.html.text import BLOCKS, HEADINGS, NUMBER, after, before, hidden, unseen, words_of

TAG = re.compile(r"<[^<>]*>")
TOO_DEEP = "Excessive depth"  # libxml2, beyond 2,048
DEEPER = "elements are nested more than 2,048 deep: what follows there was not read"


def open_html(path: Path) -> FlowDocument:
    text, note = decode(path)
    return html_document(path, text, notes=[note])


def html_document(path: Path, html: str, title: str = "", notes: Sequence[str] = ()) -> FlowDocument:
    """The pages of `html`, which the file at `path` holds or became. `notes` that are not "" are said of page 1."""
    roots, deep = _parse(html)
    number_items(roots)
    concealed = sum(hidden(element) and _says(element) for root in roots for element in root.iter())
    notes = [*notes, DEEPER if deep else "", f"{concealed} hidden elements left out" if concealed else ""]
    named = (words_of(element) for tag in ("h1", "title") for root in roots for element in root.iter(tag))
    walked = (item for root in roots for item in _Walk(path).items(root))
    said = (Item("text", note=note) for note in notes if note)
    source = TAG.sub(" ", html) if deep else "\n".join(map(words_of, roots))
    return FlowDocument(path, (*said, *walked), title or next(filter(None, named), ""), source)


def _parse(html: str) -> tuple[list[Any], bool]:
    """The root elements, more than one where pages were joined; and whether the nesting was too deep to be read."""
    from lxml import etree

    parser = etree.HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    deep = any(TOO_DEEP in error.message for error in parser.error_log)
    return ([] if root is None else [root, *root.itersiblings()]), deep


def _says(element: Any) -> bool:
    return any(not text.isspace() for text in element.itertext())


class _Walk:
    """One pass over a tree. Words gather until a block begins or ends; they are then what the block around them is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._words: list[str] = []
        self._headings: list[str] = []  # those around, outermost first
        self._mark = ""  # of a list item that has begun, and of which nothing was said yet
        self._shown: set[Any] = set()  # captions that went to their pictures

    def items(self, root: Any) -> Iterator[Item]:
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            block = element.tag in BLOCKS
            if block:
                yield from self._flush()
            if event == "end":
                yield from self._end(element)
                if element is not root:
                    self._words.append(after(element))
                continue
            if element.tag in HEADINGS:
                self._headings.append(element.tag)
            if unseen(element) or element in self._shown:
                walker.skip_subtree()
            elif element.tag == "table" and not html_tables.places_only(element):
                yield from html_tables.items(element, self._path)
                walker.skip_subtree()
            elif element.tag == "img":
                yield from self._flush()
                yield self._picture(element)
            elif element.tag == "li":
                self._mark = element.get(NUMBER, "-")
                self._words.append(element.text or "")
            else:
                self._words.append(before(element))

    def _end(self, element: Any) -> Iterator[Item]:
        """Leaves a heading, or an item of a list: an empty one shows its number."""
        if element.tag in HEADINGS:
            self._headings.pop()
        elif element.tag == "li":
            if self._mark.strip("-"):
                yield Item("text", self._mark)
            self._mark = ""

    def _picture(self, image: Any) -> Item:
        around = next(image.iterancestors("figure"), None)
        caption = None if around is None else next(around.iter("figcaption"), None)
        item = picture(image, self._path, "" if caption is None else words_of(caption))
        if caption is not None and item.kind == "figure":
            self._shown.add(caption)
        return item

    def _flush(self) -> Iterator[Item]:
        text = " ".join("".join(self._words).split())
        self._words = []
        if not text:
            return
        if self._headings:
            yield Item("heading", text, HEADINGS[self._headings[-1]])
        else:
            yield Item("text", f"{self._mark} {text}".strip())
        self._mark = ""
