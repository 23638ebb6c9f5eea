"""Numbers, dates and times as a spreadsheet shows them: number format codes by ECMA-376, part 1, 18.8.31.

Conditions and fractions are not followed: such a number is shown as it is. Short dates that follow the reader's own
locale are written by ISO 8601.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Any

LOCAL_DATES = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm"}  # formats 14 and 22
DIGITS = 11  # of a number without a format
HUGE = 1e15  # beyond this a number has no digits to show
_SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|$)')
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]|(?P<half>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+)"
    r"|(?P<digits>[0#?][0#?,.]*(?:E[+-][0#?]+)?|\.[0#?]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = {
    "yyyy": "%Y", "yy": "%y", "mmmmm": "%b", "mmmm": "%B", "mmm": "%b", "mm": "%m", "dddd": "%A", "ddd": "%a",
    "dd": "%d", "hh": "%H", "ss": "%S",
}  # fmt: skip


def shown(value: Any, code: str) -> str:
    """`value` as text, in the number format `code`."""
    return " ".join(value.split()) if isinstance(value, str) else _shown(value, code)


@lru_cache(maxsize=65_536, typed=True)
def _shown(value: Any, code: str) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (datetime, date, time)):
        return _moment(value, code)
    if isinstance(value, timedelta):
        hours, rest = divmod(round(value.total_seconds()), 3600)
        return f"{hours}:{rest // 60:02}:{rest % 60:02}" if "s" in code.lower() else f"{hours}:{rest // 60:02}"
    if isinstance(value, (int, float)):
        return _number(value, code)
    return " ".join(str(value).split())


@cache
def _tokens(section: str) -> list[tuple[str, str]]:
    """The kind and text of each part of a format."""
    return [(str(match.lastgroup), match[str(match.lastgroup)]) for match in _TOKEN.finditer(section)]


@cache
def _sections(code: str) -> list[str]:
    found = [match[1] for match in _SECTIONS.finditer(code)]
    return (found if code.endswith(";") else found[:-1]) or [code]


def _number(value: float, code: str) -> str:
    sections = _sections(code)
    place = 1 if value < 0 < len(sections) - 1 else 2 if value == 0 and len(sections) > 2 else 0
    tokens = _tokens(sections[place])
    digits = [text for kind, text in tokens if kind == "digits"]
    conditional = any(kind == "bracket" and text[:1] in ("<", ">", "=") for kind, text in tokens)
    if abs(value) < HUGE and len(sections) > 1 and not digits:  # words alone, such as "-" for zero
        return _literal(tokens)
    if not abs(value) < HUGE or conditional or len(digits) != 1 or "general" in code.lower():
        return _plain(value)
    percent = sum(kind == "other" and text == "%" for kind, text in tokens)
    sign = "-" if value < 0 and place == 0 else ""
    body = _digits(abs(Decimal(repr(value))) * 100**percent, digits[0])
    sign = sign if any(char in "123456789" for char in body) else ""
    before = [kind for kind, _ in tokens].index("digits")
    return f"{sign}{_literal(tokens[:before], False)}{body}{_literal(tokens[before + 1 :], False)}".strip()


def _literal(tokens: list[tuple[str, str]], strip: bool = True) -> str:
    kept = {"quoted", "escaped", "currency", "other", "date", "half"}
    text = "".join(text if kind in kept else " " if kind == "space" else "" for kind, text in tokens)
    return text.strip() if strip else text


def _digits(value: Decimal, form: str) -> str:
    """`value`, not negative, by the digit places of `form` ("#,##0.00")."""
    mantissa, _, exponent = form.upper().partition("E")
    scale = len(mantissa) - len(mantissa.rstrip(","))
    whole, _, decimals = mantissa.rstrip(",").partition(".")
    places, least = len(decimals), decimals.count("0")
    if exponent:
        return f"{value:.{places}E}"
    rounded = (value / 1000**scale).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    right = right[:least] + right[least:].rstrip("0")
    left = left.lstrip("0").zfill(whole.count("0"))
    if "," in whole and left:
        left = f"{int(left):,}".rjust(len(left), "0")
    return f"{left}.{right}" if right else left


def _plain(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and value < HUGE):
        return str(int(value))
    return f"{value:.{DIGITS}g}"


def _moment(value: date | time, code: str) -> str:
    if code.lower() in ("general", "@"):
        return _iso(value)
    section = LOCAL_DATES.get(code, _sections(code)[0])
    tokens = [(kind, text.lower()) if kind == "date" else (kind, text) for kind, text in _tokens(section)]
    half = any(kind == "half" for kind, _ in tokens)
    dates = [text[0] for kind, text in tokens if kind == "date"]
    clock = set(dates) & {"h", "s"}
    if isinstance(value, time) and not clock:
        return _iso(value)
    if isinstance(value, datetime) and not clock and not dates:
        return _iso(value)
    parts, seen = [], -1
    for kind, text in tokens:
        seen += kind == "date"
        if kind == "half":
            parts.append(f"{value:%p}")
        elif kind == "date":
            beside = dates[max(0, seen - 1) : seen] + dates[seen + 1 : seen + 2]
            minutes = (
                text[0] == "m" and len(text) < 3 and (dates[max(0, seen - 1) : seen] == ["h"] or "s" in beside[-1:])
            )
            parts.append(_part(value, text, minutes, half))
        elif kind != "bracket":
            parts.append(_literal([(kind, text)], False))
    return "".join(parts).strip()


def _part(value: date | time, text: str, minutes: bool, half: bool) -> str:
    if minutes:
        return f"{value:%M}" if len(text) > 1 else str(int(f"{value:%M}"))
    if text[0] == "h":
        hour = int(f"{value:%I}" if half else f"{value:%H}")
        return f"{hour:02}" if len(text) > 1 else str(hour)
    if len(text) == 1:
        return str(int(f"{value:%{'S' if text == 's' else text}}")) if text != "y" else f"{value:%y}"
    return format(value, _PARTS.get(text, _PARTS.get(text[:4], "")))


def _iso(value: date | time) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat()
