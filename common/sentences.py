"""Running text cut into sentences.

By punctuation, not by a library: what answers are chosen by was fitted to sentences cut this way, and those of nltk and
the like are trained for one language at a time.
"""

import re

_END = re.compile(r"(?<=[.!?؟])[\"')\]”’]*\s+(?=[\"'(\[“‘«]*(\S))|(?<=[。！？])(?=(\S))")  # and what comes next
_ABBREVIATED = re.compile(
    r"(?:\b(?:Figs?|Tab|Nos?|Dr|Mrs?|Ms|Prof|St|vs|cf|ca|approx|Eq|Sec|e\.g|i\.e|al|Inc|Ltd|Co|Corp)|(?:^|\s)[A-Z])\.$"
)
_BREAK = re.compile(r"\n(?=[a-z(])")


def sentences(text: str) -> list[str]:
    """Sentences of running text; a line that stands by itself counts as one."""
    found: list[str] = []
    for line in _BREAK.sub(" ", text).splitlines():
        start = 0
        for end in _END.finditer(line):
            if not (end[1] or end[2]).islower() and not _ABBREVIATED.search(line[start : end.start()]):
                found.append(line[start : end.end()].strip())
                start = end.end()
        found.append(line[start:].strip())
    return [bare for sentence in found if len(bare := sentence.removeprefix("•").strip()) > 2]
