"""Running text cut into sentences.

By punctuation, not by a library: what answers are chosen by was fitted to sentences cut this way, and those of nltk and
the like are trained for one language at a time.
"""

import re

_END = re.compile(r"(?<=[.!?؟])[\"')\]”’]*\s+(?=[\"'(\[“‘«]*(\S))|(?<=[。！？])(?=(\S))")  # and what comes next
_ABBREVIATED = re.compile(
    r"(?:\b(?:Figs?|Tab|Nos?|Dr|Mrs?|Ms|Prof|St|vs|cf|ca|approx|Eq|Sec|e\.g|i\.e|al|Inc|Ltd|Co|Corp)|(?:^|\s)[A-Z])\.$"
)
_DAY = re.compile(r"(?<!\S)\d{1,2}\.$")  # "am 3. Mai 1998"
_MONTH_AND_YEAR = re.compile(r"[^\W\d]+\s\d{4}\b")
_BREAK = re.compile(r"\n(?=[a-z(])")


def sentences(text: str) -> list[str]:
    """Sentences of running text; a line that stands by itself counts as one."""
    found: list[str] = []
    for line in _BREAK.sub(" ", text).splitlines():
        start = 0
        for end in _END.finditer(line):
            if not ((end[1] or end[2]).islower() or _goes_on(line[start : end.start()], line[end.end() :])):
                found.append(line[start : end.end()].strip())
                start = end.end()
        found.append(line[start:].strip())
    return [bare for sentence in found if len(bare := sentence.removeprefix("•").strip()) > 2]


def _goes_on(before: str, after: str) -> bool:
    """Whether the stop in which `before` ends belongs to an abbreviation or to the day of a date."""
    return bool(_ABBREVIATED.search(before) or (_DAY.search(before) and _MONTH_AND_YEAR.match(after)))
