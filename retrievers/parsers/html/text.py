"""The words of an HTML element as a reader sees them, and which elements nobody sees.

Style sheets and scripts are not read: an element is hidden when it says so itself. What is hidden from screen readers
alone (`aria-hidden`) is seen by everybody else and kept.
"""

import re
from typing import Any

from retrievers.parsers.characters.scripts import raised

HEADINGS = {f"h{level}": min(level, 3) for level in range(1, 7)}
BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav noframes ol optgroup option p
    pre plaintext search section select summary svg table tbody td tfoot th thead tr ul xmp""".split()  # noqa: SIM905
)
APART = frozenset({"br", "button", "img", "input", "label", "rt", "text", "textarea"})  # inline, but never half a word
UNSEEN = frozenset(
    """annotation annotation-xml area audio canvas datalist defs desc embed head iframe link map meta metadata noscript
    object script style template title track video""".split()  # noqa: SIM905
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)
WRITTEN_IN = frozenset(  # kinds of fields
    """button date datetime-local email number reset search submit tel text time url""".split()  # noqa: SIM905
)
TICKED = frozenset({"checkbox", "radio"})
NUMBER = "data-number"  # attribute of an item of a list: what is written before it, see `html_lists`


def hidden(element: Any) -> bool:
    """Whether the element itself says that no reader sees it."""
    says = element.get("hidden")
    return (says is not None and says != "until-found") or bool(HIDDEN.search(element.get("style", "")))


def unseen(element: Any) -> bool:
    return element.tag in UNSEEN or hidden(element)


def words_of(element: Any, tables: bool = True) -> str:
    """All words inside, on one line; those of tables inside only if `tables`."""
    from lxml import etree

    parts: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        if inner.tag in BLOCKS:
            parts.append(" ")
        if event == "end":
            if inner is not element:
                parts.append(after(inner))
        elif unseen(inner) or (inner.tag == "table" and inner is not element and not tables):
            walker.skip_subtree()
        else:
            parts.append(before(inner))
    return " ".join("".join(parts).split())


def before(element: Any) -> str:
    """What is read where the element begins: its own first words, or what is written or ticked in a form's field."""
    text: str = element.text or ""
    if element.tag == "input":
        text = _field(element)
    elif element.tag == "sup":
        text = _raised(element, text)
    elif element.tag == "li":
        text = f"{element.get(NUMBER, '')} {text}"
    return f" {text}" if element.tag in APART else text


def after(element: Any) -> str:
    """What follows the element inside the one around it."""
    text: str = element.tail or ""
    return f" {text}" if element.tag in APART else text


def _field(field: Any) -> str:
    kind = field.get("type", "text").lower()
    if kind in TICKED:
        return "[x]" if field.get("checked") is not None else "[ ]"
    return field.get("value", "") if kind in WRITTEN_IN else ""


def _raised(element: Any, text: str) -> str:
    """10<sup>6</sup> is not 106, and the mark of a note is no part of the word before it."""
    if element.getparent() is not None and (element.getparent().tag == "a" or element.find("a") is not None):
        return f" {text}"
    return raised(text) or text
