"""What a cell says: a number with its unit and scale, a day, a time of the clock, or words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from common import months
from generators.tables.cells import CURRENCY, SCALES, is_missing, parse
from generators.tables.columns import IN_SCALE, unit_in

Kind = Literal["number", "time", "words", "none"]

KEPT = 100_000  # cells remembered
LONGEST = 60  # characters of a cell that is searched for a day or a leading number
SCALE_NAMES = {1e3: "thousand", 1e6: "million", 1e9: "billion", 1e12: "trillion"}
_MARKS = re.compile(r"\s*(?:\[[^\]]{1,8}\]|[*†‡§¶]+)\s*$")  # footnotes
_NAMES = rf"(?P<month>(?:{months.PATTERN}))\.?"
_DAY = re.compile(
    rf"""\b(?P<y1>\d{{4}})-(?P<m1>\d\d?)-(?P<d1>\d\d?)\b
    |\b(?P<d2>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?{_NAMES.replace("<month>", "<n2>")}(?:,?\s+(?P<y2>\d{{4}}))?\b
    |\b{_NAMES.replace("<month>", "<n3>")}\s+(?P<d3>\d\d?)(?:st|nd|rd|th)?\b(?!\d)(?:,?\s+(?P<y3>\d{{4}}))?
    |\b{_NAMES.replace("<month>", "<n4>")},?\s+(?P<y4>\d{{4}})\b
    |\b(?:FY|CY)?(?P<y5>(?:1[5-9]|20|21)\d\d)(?!\d|[,.]\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_MONEY_SCALE = re.compile(rf"({CURRENCY})\s?(k|m|mn|bn|million|billion|['’]?000)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(?P<h>\d+):)?(?P<m>\d+):(?P<s>\d\d(?:\.\d+)?)(?:\s*\(.{1,6}\))?")
_LEADING = re.compile(r"[^\w(-]{0,2}(?P<digits>-?\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th)?(?![\w.])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Value:
    """`number` is full size ("3.2 million" is 3,200,000 with the scale 1e6); `order` is what the cell is ranked by:
    its number, day or time. `exact` is False for a number with words or further numbers behind it: "5 (2)"."""

    text: str
    kind: Kind
    number: float | None = None
    unit: str = ""
    scale: float = 1.0
    order: float | None = None
    exact: bool = True


@lru_cache(KEPT)
def value_of(cell: str) -> Value:
    """The value of a cell as printed."""
    text = _MARKS.sub("", " ".join(cell.split()))
    if is_missing(text):
        return Value(text, "none")
    day = moment(text) if len(text) <= LONGEST else None
    found = parse(text)
    if found and day is None:
        scale, unit = _scaled(found.unit)
        number = found.value * scale
        return Value(text, "number", number, unit, scale, number)
    if day is not None:
        return Value(text, "time", found.value if found else None, order=day)
    if clock := _CLOCK.fullmatch(text):
        seconds = int(clock["h"] or 0) * 3600 + int(clock["m"]) * 60 + float(clock["s"])
        return Value(text, "time", order=seconds)
    leading = _LEADING.match(text) if len(text) <= LONGEST else None
    if leading:
        number = float(leading["digits"].replace(",", ""))
        return Value(text, "number", number, order=number, exact=False)
    return Value(text, "words")


def moment(text: str) -> float | None:
    """The first day, month or year in `text` as one number that orders them: yyyymmdd, with 0 for what is not said."""
    found = _DAY.search(text)
    if found is None:
        return None
    part = found.groupdict()
    year = next((int(part[key]) for key in ("y1", "y2", "y3", "y4", "y5") if part[key]), 0)
    named = part["n2"] or part["n3"] or part["n4"]
    month = months.NUMBER[named.lower()] if named else int(part["m1"] or 0)
    day = int(part["d1"] or part["d2"] or part["d3"] or 0)
    return year * 10_000 + month * 100 + day


def alike(values: Iterable[Value]) -> bool:
    """Whether they may be compared: no two different units; one without a unit goes with any."""
    return len({one.unit for one in values if one.unit}) <= 1


def scale_named(unit: str) -> float:
    """1e6 for "millions", "million", "mn"; 1 for what is no scale. A lone "m" is metres or minutes."""
    word = unit.lower()
    return SCALES.get(word, SCALES.get(word.removesuffix("s"), 1.0)) if len(word) > 1 else 1.0


def scale_stated(text: str) -> tuple[float, str]:
    """The scale that a header or caption gives to bare numbers, and the unit of those that it is for, "" for all: "in
    thousands", "(millions)", "€m", "$'000"; 1 where it gives none."""
    if match := IN_SCALE.search(text):
        word, _, unit = match[1].partition(" of ")
        return scale_named(word), unit
    if match := _MONEY_SCALE.search(text):
        return 1e3 if match[2].endswith("000") else SCALES[match[2].lower()], match[1]
    return _scaled(unit_in(text))


def _scaled(unit: str) -> tuple[float, str]:
    """A unit as written apart into its scale and the rest: "$ million" is 1e6 and "$"."""
    scale, rest = 1.0, []
    for word in unit.split():
        factor = scale_named(word)
        scale *= factor
        if factor == 1.0:
            rest.append(word)
    return scale, " ".join(rest)
