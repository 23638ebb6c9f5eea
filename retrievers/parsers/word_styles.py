"""What the styles of a Word document say of a paragraph: a heading of which depth, or an item of a list."""

import re
from dataclasses import dataclass
from typing import Any

from retrievers.parsers.ooxml import qn, value

HEADING = re.compile(r"(?:heading (\d)|title)", re.IGNORECASE)  # names of built-in styles, in every language
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    base: str
    outline: str
    listed: bool


class Styles:
    def __init__(self, styles: Any) -> None:
        """`styles` is the root of the part of that name, or None."""
        elements = [] if styles is None else styles.findall(qn("w:style"))
        self._styles = {style.get(qn("w:styleId"), ""): _read(style) for style in elements}

    def level(self, paragraph: Any) -> int:
        """Depth of a heading, 1 to `DEEPEST`; 0 for a paragraph that is none."""
        own = value(paragraph, "w:pPr/w:outlineLvl")
        if own:
            return _depth(own)
        for style in self._chain(paragraph):
            if heading := HEADING.fullmatch(style.name):
                return min(int(heading[1] or 1), DEEPEST)
            if style.outline:
                return _depth(style.outline)
        return 0

    def listed(self, paragraph: Any) -> bool:
        own = value(paragraph, "w:pPr/w:numPr/w:numId")
        if own:
            return own != "0"
        return any(style.listed for style in self._chain(paragraph))

    def _chain(self, paragraph: Any) -> list[_Style]:
        """The paragraph's style and those it is based on, each once."""
        found: dict[str, _Style] = {}
        key = value(paragraph, "w:pPr/w:pStyle")
        while key in self._styles and key not in found:
            found[key] = self._styles[key]
            key = found[key].base
        return list(found.values())


def _read(style: Any) -> _Style:
    called = value(style, "w:name")
    listed = called.startswith("List") or bool(value(style, "w:pPr/w:numPr/w:numId"))
    return _Style(called, value(style, "w:basedOn"), value(style, "w:pPr/w:outlineLvl"), listed)


def _depth(outline: str) -> int:
    """Outline levels count from 0; 9 is body text."""
    return min(int(outline) + 1, DEEPEST) if outline.isdigit() and int(outline) < 9 else 0
