"""Which sentences speak of a figure or table by its number, and how two regions near each other are related.

The relations go with a neighbour to whoever writes the answer, as in MMGL (arXiv 2310.07478).
"""

import re
from collections.abc import Iterable, Iterator

from common.sentences import sentences
from retrievers.elements import Block, Element
from retrievers.search.query_references import KIND_OF, REFERENCE, spelled

LEAD_LENGTH = 240  # characters; a longer text is a paragraph of its own
LEAD_GAP = 0.03  # page heights between a table and what leads to it
MOST_LEADS = 2  # a title and what is counted
CAPTIONED = frozenset({"figure", "table", "chart", "exhibit"})


def mentioning(texts: Iterable[str], caption: str) -> Iterator[str]:
    """The sentences of `texts` that name what `caption` begins with: "Figure 3", "Fig. 3", "Figures 2 and 3"."""
    label = REFERENCE.match(caption.lstrip())
    if not label or (kind := KIND_OF[label[1].lower()]) not in CAPTIONED:
        return
    number = re.escape(label[2])
    few = r"(?:[A-Z]?[\d.]*\d[a-z]?\s*(?:,|and|&|to|–|-)\s*)*"  # the numbers before it, in a list
    named = re.compile(rf"\b(?:{spelled(kind)})\b\.?\s*{few}{number}(?![\d]|\.\d)", re.IGNORECASE)
    for text in texts:
        yield from (sentence for sentence in sentences(" ".join(text.split())) if named.search(sentence))


def lead_in(blocks: Iterable[Block], block: Block) -> str:
    """What stands close over a table or figure without a caption, as its title and unit do; "" where it has one."""
    lead: list[str] = []
    top = block.box
    for other in reversed([one for one in blocks if one.kind == "text" and not block.caption]):
        above = -LEAD_GAP / 4 < top.y0 - other.box.y1 < LEAD_GAP and top.x0 < other.box.x1 and other.box.x0 < top.x1
        if above and len(other.text) <= LEAD_LENGTH and len(lead) < MOST_LEADS:
            lead.insert(0, other.text)
            top = other.box
    return "\n".join(lead)


def relation(element: Element, other: Element) -> str:
    """What `element` is to `other`, a region near it: "mentions it", "figure beside it", "same section"."""
    if any(mentioning([element.text], other.caption)):
        return "mentions it"
    if any(mentioning([other.text], element.caption)):
        return "mentioned in it"
    if element.kind in ("figure", "table"):
        return f"{element.kind} beside it"
    return "same section" if element.section and element.section == other.section else "same page"
