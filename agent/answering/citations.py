"""Citations in streamed text: `[n]` renumbered by first appearance, made safe, and turned into `Citation`s."""

import re
from collections.abc import Iterator, Mapping, Sequence

from agent.events import Citation
from common.untrusted import disarmed, joined
from retrievers.elements import Hit

_MARK = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
_OPEN_END = re.compile(r"(?:!?\[[\d,\s]{0,40}\]?|\]|<|!|[\ud800-\udbff])$")


def unmarked(text: str) -> str:
    """`text` without its citations."""
    return re.sub(rf"[ \t]*{_MARK.pattern}", "", text)


def marks(text: str) -> Iterator[tuple[int, int, int]]:
    """Of each `[n]` in a finished answer: where it begins and ends, and n."""
    for match in _MARK.finditer(text):
        if match[1].isdecimal():  # a finished answer has each in brackets of its own
            yield match.start(), match.end(), int(match[1])


class CitationWriter:
    """Takes an answer in pieces, gives it back in pieces that are safe to render.

    A source keeps one number however often it is cited; numbers follow the order of first appearance. A citation that
    points nowhere is dropped and kept in `dangling`. Pictures, links and raw HTML are taken apart, so that an answer
    can never make a page load from elsewhere.
    """

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._held = ""
        self._numbers: dict[int, int] = {}
        self.dangling: list[str] = []

    def feed(self, text: str) -> str:
        """What can be shown of everything fed so far and not yet given back."""
        text = self._held + text
        cut = _OPEN_END.search(text)
        self._held = text[cut.start() :] if cut else ""
        return self._safe(text[: cut.start()] if cut else text)

    def close(self) -> str:
        text, self._held = self._held, ""
        return self._safe(text)

    def citations(self, quotes: Mapping[int, str]) -> tuple[Citation, ...]:
        """What was cited, by number. `quotes` maps source numbers, as the model knew them, to passages."""
        return tuple(
            Citation(number, self._hits[source - 1], quotes.get(source, ""))
            for source, number in sorted(self._numbers.items(), key=lambda pair: pair[1])
        )

    def _safe(self, text: str) -> str:
        text = _MARK.sub(self._renumbered, joined(text))
        return disarmed(text)

    def _renumbered(self, match: re.Match[str]) -> str:
        marks = []
        for source in map(int, match[1].split(",")):
            if 1 <= source <= len(self._hits):
                marks.append(f"[{self._numbers.setdefault(source, len(self._numbers) + 1)}]")
            else:
                self.dangling.append(f"[{source}]")
        return "".join(marks)
