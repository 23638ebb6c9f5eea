"""What a request in words says of a chart: its kind, the columns it names, how many marks, in which order."""

import re
from collections.abc import Sequence

KINDS = (  # the first that is found counts
    ("histogram", r"histogram|distribution of|frequency of"),
    ("scatter", r"scatter|correlat|\bagainst\b|\bvs\b|versus|relationship between"),
    ("stacked", r"stacked|\bstack\b"),
    ("grouped", r"grouped|clustered|side[- ]by[- ]side"),
    ("pie", r"\bpie\b|donut|doughnut|shares? of|proportions?\b|percentage breakdown"),
    ("area", r"\barea (?:chart|graph|plot)|as an area|filled line"),
    ("line", r"\blines?\b|\btrend|over time|time series|development of|evolution of"),
    ("bar", r"\bbars?\b|\bcolumn (?:chart|graph)|\bcolumns? chart|ranking"),
)
FILLERS = """
a an the of by per in on at to for from with and or as is are was were be been it its this that these those them me
my our their your us we you i please can could would should will want need give make made draw drawn plot chart
graph show display create generate visualise visualize illustrate picture diagram bar line area scatter pie
histogram stacked grouped clustered donut column row table data datum number value figure page slide document report
result over against versus vs across between each every all one than then into using use time trend distribution
frequency share proportion breakdown comparison compare different top largest biggest highest most smallest lowest
sorted sort ranked rank ascending descending order how what which do does did has have only just same but instead
like now again year quarter month change changing first last sheet above below here there correlation relationship
nice simple interactive two three colour color axis axes label title stack side development evolution series
percentage new old other horizontal horizontally vertical vertically
"""
STOP = frozenset(FILLERS.split())
RISING = re.compile(r"ascending|(?:smallest|lowest) first|from (?:the )?(?:smallest|lowest)", re.IGNORECASE)
FALLING = re.compile(r"descending|(?:largest|biggest|highest) first|ranked|ranking|sorted|top \d+", re.IGNORECASE)
LYING = re.compile(r"\b(?:horizontal|vertical)(?:ly)?\b", re.IGNORECASE)
UNITS = {"kg": "kilogram", "km": "kilometre", "kilometer": "kilometre", "mm": "millimetre", "millimeter": "millimetre"}
_MOST = r"top|first|largest|biggest|highest|greatest|best|tallest|longest|oldest|smallest|lowest|least|shortest|fewest"
TOP = (
    re.compile(rf"\b(?:{_MOST}) (?P<count>\w+)\b", re.IGNORECASE),  # "the top five"
    re.compile(rf"\b(?P<count>\w+) (?:{_MOST})\b", re.IGNORECASE),  # "the five largest"
)
LEAST = re.compile(r"\b(?:smallest|lowest|least|shortest|fewest)\b", re.IGNORECASE)
LABEL = re.compile(
    r"\b(?:by|per|across|along|(?:for|of|in) (?:each|every|all(?: the)?|the (?:different|various)))\s+"
    r"(?P<by>[^,.;:?!]*?)"
    r"(?=\s+(?:as|for|in|on|from|with|using|and|sorted|of)\b|[,.;:?!]|$)",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"(?:\b(?:chart|plot|graph|draw|visuali[sz]e|compare|pie|bars?|line|area|histogram|distribution|scatter|trend)s?\b\s*"
    r"(?:chart|plot|graph|diagram)?\s*(?:of|for)?\s*)(?P<what>[^,.;:?!]*?)"
    r"(?=\s+(?:by|per|over|against|vs|versus|across|as|for|in|on|from|with|using)\b|[,.;:?!]|$)"
    r"(?:\s+(?:by|per|over|against|vs|versus|across)\s+(?P<by>[^,.;:?!]*?)"
    r"(?=\s+(?:as|for|in|on|from|with|using)\b|[,.;:?!]|$))?",
    re.IGNORECASE,
)


def asked_kind(request: str) -> str:
    """The kind of chart a request names, or "" for none."""
    return next((kind for kind, pattern in KINDS if re.search(pattern, request, re.IGNORECASE)), "")


def asked_top(request: str) -> int:
    """5 for "the top five" and for "the five largest", 0 if no count is named."""
    counts = (_count(match["count"]) for pattern in TOP for match in pattern.finditer(request))
    return next(filter(None, counts), 0)


def _count(word: str) -> int:
    """The number a word says, in digits or in letters; 0 if it says none, or one of four digits."""
    from text_to_num import text2num

    if word.isdigit():
        return int(word) if len(word) < 4 else 0
    try:
        return int(text2num(word.lower(), "en"))
    except ValueError:
        return 0


def asked_label(request: str) -> str:
    """What the marks are to be named by: "dam" of "the volume by dam", "" if the request does not say."""
    match = LABEL.search(request)
    return match["by"] if match else ""


def asked_lying(request: str) -> bool | None:
    """True for horizontal bars, False for vertical ones, None if the request says neither."""
    match = LYING.search(request)
    return match and match[0].lower().startswith("h")


def asked_order(request: str) -> str:
    """ "ascending", "descending", or "" to keep the order of the table."""
    top = asked_top(request)
    if RISING.search(request) or (top and LEAST.search(request)):
        return "ascending"
    return "descending" if top or FALLING.search(request) else ""


def words(text: str) -> list[str]:
    """The words that name things, in the singular and in lower case, units written out; those in brackets left out."""
    return [word for word in _all_words(text) if word not in STOP]


def _all_words(text: str) -> list[str]:
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text.lower())
    return [UNITS.get(word, word) for word in map(_singular, re.findall(r"[^\W_]+", bare))]


def named(names: Sequence[str], request: str) -> list[int]:
    """Which of `names` the request names, in the order it does.

    A name counts if all its words are there, or one that no other name has; else the names with most of their words.
    """
    said = _all_words(request)
    split = [set(words(name) or _all_words(name)) for name in names]
    hits = [{word for word in each if any(same(word, other) for other in said)} for each in split]
    found = []
    for number, each in enumerate(hits):
        others = set().union(*(other for place, other in enumerate(split) if place != number))
        if each and (each == split[number] or each - others) and not any(each < other for other in hits):
            found.append(number)
    if not found:
        shares = [len(each) / max(len(whole), 1) for each, whole in zip(hits, split, strict=True)]
        found = [number for number, share in enumerate(shares) if share and share == max(shares)]
    return sorted(found, key=lambda number: _first(hits[number], said))


def _first(hits: set[str], said: Sequence[str]) -> int:
    return min(place for place, word in enumerate(said) if any(same(word, hit) for hit in hits))


def things(request: str) -> list[list[str]]:
    """The words of each phrase that must name something in the table: "density" of "chart density of the planets"."""
    phrases = [match[part] for match in NAMED.finditer(request) for part in ("what", "by") if match[part]]
    heads = [
        [found for part in re.split(r"\bof\b", phrase, flags=re.I) if (found := words(part))] for phrase in phrases
    ]
    return [parts[0] for parts in heads if parts]


def same(one: str, other: str) -> bool:
    """Equal, or one an abbreviation of the other ("temp", "temperature")."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= 4 and long.startswith(short))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
