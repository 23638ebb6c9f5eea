"""Captions of documents without pages of their own: a paragraph "Table 1: ..." beside a table is said of that table."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from retrievers.parsers.flow.items import Item
from retrievers.parsers.layout.captions import CAPTION, NAMED, named_kind


def captioned(items: Iterable[Item]) -> Iterator[Item]:
    """The items, with the captions of tables and figures no longer among them.

    A caption goes to the item before or after it that is what it names; of two, a table's to the one below, as is the
    custom, a figure's to the one above. Two items are held at most.
    """
    before: Item | None = None  # what the caption may still belong to
    caption: Item | None = None
    for one in items:
        item = one
        if caption is not None:
            if before is not None and _above(caption, before, item):
                before = _with(before, caption)
            elif _fits(caption, item):
                item = _with(item, caption)
            else:
                yield from _there(before, caption)
                before = None
            caption = None
        if _is_caption(item):
            caption = item
        else:
            yield from _there(before)
            before = item
    if caption is not None and before is not None and _fits(caption, before):
        before, caption = _with(before, caption), None
    yield from _there(before, caption)


def _there(*items: Item | None) -> Iterator[Item]:
    yield from (item for item in items if item is not None)


def _above(caption: Item, before: Item, after: Item) -> bool:
    """Whether it is the caption of the item above it."""
    return _fits(caption, before) and (named_kind(caption.text) == "figure" or not _fits(caption, after))


def _fits(caption: Item, item: Item) -> bool:
    return item.kind == named_kind(caption.text) and not CAPTION.match(item.caption)


def _is_caption(item: Item) -> bool:
    """Not a sentence that begins so: "Table 1 lists the ships." """
    text = item.text.strip()
    return item.kind == "text" and bool(NAMED.match(text) or (CAPTION.match(text) and text[-1] not in ".!?:;"))


def _with(item: Item, caption: Item) -> Item:
    """It stands before what else is known of a picture, such as its alternative text."""
    return replace(item, caption=" ".join(filter(None, (caption.text, item.caption))))
