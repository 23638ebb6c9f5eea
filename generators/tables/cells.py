"""Numbers as tables write them: thousands separators, brackets for minus, percent, currency, footnote marks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from common import months

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f\u200a", " "))
MINUSES = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-"))
SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "bn": 1e9,
    "billion": 1e9,
    "billions": 1e9,
    "tn": 1e12,
    "trillion": 1e12,
}
ORDINALS = {"st", "nd", "rd", "th"}
MISSING = re.compile(
    r"|[$€£¥]?\s*-+\s*%?|\.+|…|n[./]?[am]\.?|nil|none|not (available|applicable|meaningful)|\*+|[?]", re.IGNORECASE
)
SWAPPED = str.maketrans(",.", ".,")
_START, _END = r"(?<![\d.,])", r"(?![.,]?\d)"
SURE_COMMA = re.compile(
    rf"{_START}(?:\d+,(?:\d{{1,2}}|\d{{4,}})|\d{{4,}},\d+|0,\d+|\d{{1,3}}(?:\.\d{{3}})+,\d+|\d{{1,3}}(?:\.\d{{3}}){{2,}}){_END}"
)
SURE_POINT = re.compile(
    rf"{_START}(?:\d*\.(?:\d{{1,2}}|\d{{4,}})|\d{{4,}}\.\d+|0?\.\d+|\d{{1,3}}(?:,\d{{3}})+\.\d+|\d{{1,3}}(?:,\d{{3}}){{2,}}){_END}"
)
CURRENCY = r"(?:US\$|C\$|A\$|HK\$|[$€£¥₹]|(?:USD|EUR|GBP|JPY|CHF|CNY)\b)"
DIGITS = (
    r"(?:\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?"
    r"|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}|\d*\.?\d+)"
)
NUMBER = re.compile(
    rf"""(?P<about>[~≈<>≤≥]|c\.|ca\.)?\s*
    (?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<currency>{CURRENCY})?\s*(?P<open2>\()?\s*(?P<sign2>[-+])?\s*
    (?P<digits>{DIGITS})(?![\d,.]*\d)
    (?P<power>\s*[×x*·]\s*10\s*\^?\s*(?P<exponent>[-+]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)|[eE](?P<e>[-+]?\d+))?
    \s*(?P<percent>%)?\s*(?P<close>\))?\s*(?P<percent2>%)?\s*
    (?P<unit>[A-Za-zµμΩ°€£$¥][A-Za-zµμΩ°€£$¥/²³^\d.·-]{{0,15}}(?:\s[A-Za-z]{{1,12}})?)?\s*(?P<close2>\))?\s*
    (?P<notes>(?:[*†‡§¶#]|[¹²³⁴⁵⁶⁷⁸⁹⁰]|\s*[(\[][a-zA-Z0-9,*]{{1,3}}[)\]])*)\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A cell's value as written: "12%" is 12 with the unit "%", "3.2 million" is 3.2 with the unit "million"."""

    value: float
    unit: str = ""


def is_missing(cell: str) -> bool:
    """Whether the cell says that there is no value: blank, dashes, "n/a"."""
    return MISSING.fullmatch(_plain(cell)) is not None


def parse(cell: str, *, comma: bool = False) -> Number | None:
    """The number a cell holds, or None if it holds words, several numbers or nothing.

    `comma`: its table writes decimal commas, so a point stands between thousands ("1.234" is 1234).
    """
    plain = _plain(cell)
    if comma:
        plain = plain.translate(SWAPPED)
    match = NUMBER.fullmatch(plain)
    if match is None:
        return None
    opened = match["open"] or match["open2"]
    if not opened and (match["close"] or match["close2"]):
        return None  # a bracket that opens may close in the next cell
    value = _digits(match["digits"])
    if match["power"]:
        value = float(f"{value!r}e{int((match['exponent'] or match['e']).translate(SUPERSCRIPTS))}")
    if not isfinite(value):
        return None
    if opened or "-" in (match["sign"], match["sign2"]):
        value = -value
    if match["unit"] and (match["percent"] or match["unit"] in ORDINALS):
        return None
    unit = "%" if match["percent"] or match["percent2"] else (match["unit"] or "").strip()
    return Number(value, " ".join(dict.fromkeys(part for part in (match["currency"], unit) if part)))


def decimal_comma(cells: Iterable[str]) -> bool:
    """Whether the cells of a table write decimal commas: some surely do, and none surely writes a decimal point."""
    found = [_plain(cell) for cell in cells]
    return any(map(SURE_COMMA.search, found)) and not any(map(SURE_POINT.search, found))


def _plain(cell: str) -> str:
    return cell.translate(SPACES).translate(MINUSES).strip()


def _digits(digits: str) -> float:
    """Read separators: the last kind of mark is the decimal one unless it can only stand between thousands."""
    bare = digits.replace(" ", "").replace("'", "")
    if "," in bare and "." in bare:
        decimal = max(",.", key=bare.rfind)
    elif "," in bare:
        decimal = "." if bare.count(",") > 1 or re.fullmatch(r"\d{1,3},\d{3}", bare) else ","
    else:
        decimal = "," if bare.count(".") > 1 else "."
    other = "," if decimal == "." else "."
    return float(bare.replace(other, "").replace(decimal, "."))


YEAR = re.compile(r"(?:(?:FY|CY)\s?'?(?:\d\d)?\d\d|(?:19|20|21)\d\d(?:[-/]\d\d(?:\d\d)?)?)[AEFP]?", re.IGNORECASE)
TIME = re.compile(
    rf"""(?:{YEAR.pattern})|(?:Q[1-4]|[1-4]Q|H[12]|W(?:eek)?\s?\d\d?)(?:[\s'/-]*(?:FY)?\d\d(?:\d\d)?)?
    |\d{{4}}[-/.]\d\d?(?:[-/.]\d\d?)?|\d\d?[/.]\d\d?[/.]\d\d(?:\d\d)?
    |(?:\d\d?\s)?(?:{months.PATTERN})\.?(?:\s\d\d?,?)?(?:[\s'-]*\d\d(?:\d\d)?)?
    |(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)|(?:sol|day|week|month|year)\s\d+""",
    re.IGNORECASE | re.VERBOSE,
)


def is_year(cell: str) -> bool:
    """A bare year, perhaps fiscal or an estimate: "2023", "FY2024", "2025E"."""
    return YEAR.fullmatch(_plain(cell)) is not None


def is_time(cell: str) -> bool:
    """A year, quarter, month, weekday or date."""
    return TIME.fullmatch(_plain(cell)) is not None
