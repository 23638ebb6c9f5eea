"""Which demonstrations of a set are shown with a question: all, some of each class, or the nearest.

Similarity is handed in, so that any index can serve. Nearest by image and text: ModICT (arXiv 2402.11574).
"""

from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Literal

from generators.aim.bank import Entry

if TYPE_CHECKING:
    from PIL.Image import Image

Way = Literal["balanced", "nearest", "all"]
Similarity = Callable[["Image", str, Sequence[Entry]], Sequence[float]]
"""How much each entry is like the asked picture and question; more is nearer."""


def choose(
    entries: Sequence[Entry], way: Way, most: int, image: "Image", question: str, alike: Similarity
) -> Sequence[Entry]:
    """Those to show, in order; `most` is not for `all`."""
    if way == "nearest":
        return nearest(entries, most, image, question, alike)
    return balanced(entries, most) if way == "balanced" else entries


def balanced(entries: Sequence[Entry], most: int) -> list[Entry]:
    """As many of each text as there is room for, the earliest of each first; in the order of the set."""
    classes: dict[str, list[Entry]] = {}
    for entry in entries:
        classes.setdefault(entry.text, []).append(entry)
    turns = chain.from_iterable(zip_longest(*classes.values()))
    kept = {entry.id for entry in [entry for entry in turns if entry is not None][:most]}
    return [entry for entry in entries if entry.id in kept]


def nearest(entries: Sequence[Entry], most: int, image: "Image", question: str, alike: Similarity) -> list[Entry]:
    """The `most` nearest, the nearest last: right before the question."""
    scores = alike(image, question, entries)
    ranked = sorted(zip(scores, range(len(entries)), strict=True))
    return [entries[place] for _, place in ranked[max(0, len(ranked) - most) :]]
