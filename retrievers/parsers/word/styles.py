"""What the styles of a Word document say of a paragraph: a heading of which depth, an item of a list, or hidden."""

import re
from dataclasses import dataclass
from typing import Any

from retrievers.parsers.office.ooxml import qn, value
from retrievers.parsers.word.text import OFF

HEADING = re.compile(r"(?:heading (\d)|title)", re.IGNORECASE)  # names of built-in styles, in every language
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    base: str
    outline: str
    listed: bool
    hidden: bool | None  # None: it does not say


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

    def spell_out_hidden(self, part: Any) -> None:
        """Writes into every run of the part that its style, or its paragraph's, hides that it is hidden."""
        if not any(style.hidden for style in self._styles.values()):
            return
        for run in part.iter(qn("w:r")):
            paragraph = next(run.iterancestors(qn("w:p")), None)
            styles = [*self._chain(run, "w:rPr/w:rStyle"), *([] if paragraph is None else self._chain(paragraph))]
            if next((style.hidden for style in styles if style.hidden is not None), False):
                properties = run.find(qn("w:rPr"))
                if properties is None:
                    properties = run.makeelement(qn("w:rPr"))
                    run.insert(0, properties)
                if properties.find(qn("w:vanish")) is None:
                    properties.append(properties.makeelement(qn("w:vanish")))

    def _chain(self, element: Any, path: str = "w:pPr/w:pStyle") -> list[_Style]:
        """The element's style and those it is based on, each once."""
        found: dict[str, _Style] = {}
        key = value(element, path)
        while key in self._styles and key not in found:
            found[key] = self._styles[key]
            key = found[key].base
        return list(found.values())


def _read(style: Any) -> _Style:
    called = value(style, "w:name")
    listed = called.startswith("List") or bool(value(style, "w:pPr/w:numPr/w:numId"))
    vanish = style.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    hidden = None if vanish is None else vanish.get(qn("w:val"), "1") not in OFF
    return _Style(called, value(style, "w:basedOn"), value(style, "w:pPr/w:outlineLvl"), listed, hidden)


def _depth(outline: str) -> int:
    """Outline levels count from 0; 9 is body text."""
    return min(int(outline) + 1, DEEPEST) if outline.isdigit() and int(outline) < 9 else 0
