"""Numbers as they stand in text, with scale, sign and percent; whether two of them are the same amount.

A number that is part of another one (the 6 of "3.6.8", the 14 of "14 Dec 1962") is not read as a number by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

SIGNIFICANT = 3  # digits that a rounded number must have to stand for the exact one
NEAR = Decimal("0.005")  # how far a whole number may be from the exact one, in proportion
_HALF = Decimal("0.5")
_SCALES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "b": 9, "billion": 9, "trillion": 12}
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_MONEY = r"(?:US)?[$€£¥]"
_SPACED = "\u00a0\u202f'’"  # stand between thousands, beside the comma
_NUMBER = re.compile(
    rf"""(?P<open>\(\s?)? (?: (?<![\w)\]%]) (?P<minus>[-−–]) )? (?: (?P<money>{_MONEY}) \s* (?P<within>[-−–(]\s?)? )?
    (?<!\w)(?<!\d[.,])
    (?P<digits>\d+ (?:[,{_SPACED}]\d{{3}})* (?:[.,]\d+)? | \.\d+) (?! [.,]?\d | st\b|nd\b|rd\b|th\b )
    (?:\s?\))?
    (?: \s?(?P<percent>%|per\s?cent\b|percentage\s+points?\b|pp\b)
      | \s?(?P<scale>(?i:thousand|million|billion|trillion|mn|bn))s?\b | (?P<suffix>[kKMB])\b )?""",
    re.VERBOSE,
)
_NAMED = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Amount:
    """`value` times ten to the `scale`, `step` being the size of the last digit written. `scale` is None where no scale
    word stands beside it. `signless`: in parentheses, which is a minus in accounts and nothing in prose."""

    value: Decimal
    step: Decimal = Decimal(1)
    digits: int = 1
    scale: int | None = None
    percent: bool = False
    money: bool = False
    signless: bool = False


def amounts(text: str) -> list[Amount]:
    """Every number of `text`, also "three" (up to twelve), in digits first."""
    return [amount for amount, _ in placed(text)]


def placed(text: str) -> Iterator[tuple[Amount, str]]:
    """The same, each with its letters."""
    for match in _NUMBER.finditer(text):
        yield _read(match), match[0].strip()
    for match in _NAMED.finditer(text):
        yield Amount(Decimal(_WORDS.index(match[0].lower()))), match[0]


def same(wanted: Amount, found: Amount) -> bool:
    """Whether `found` says `wanted`: to the last digit of `wanted`, or rounded with three digits left.

    Where one has no scale word, it may be meant in the scale of the other one only if it is `found`, as a cell of a
    table is; a percentage is no amount of money, nor of millions.
    """
    for one, other in ((wanted, found), (found, wanted)):
        if one.percent and (other.money or other.scale):
            return False
    shift = (found.scale or 0) - (wanted.scale or 0)
    shifts = {shift, 0} if found.scale is None else {shift}
    return any(_near(wanted, found, shift) for shift in shifts)


def _near(wanted: Amount, found: Amount, shift: int) -> bool:
    value, step = found.value.scaleb(shift), found.step.scaleb(shift)
    signs = (1, -1) if found.signless or wanted.signless else (1,)
    off = min(abs(wanted.value - sign * value) for sign in signs)
    if off == 0:
        return True
    close = off <= NEAR * abs(wanted.value)
    to_the_digit = off <= _HALF * wanted.step and (close or wanted.step < 1)
    rounded = off <= _HALF * step and found.digits >= SIGNIFICANT
    return to_the_digit or rounded


def _read(match: re.Match[str]) -> Amount:
    digits = re.sub(rf"[,{_SPACED}](?=\d{{3}}(?!\d))", "", match["digits"]).replace(",", ".")
    value = Decimal(digits)
    within = (match["within"] or "").strip()
    negative = bool(match["minus"]) or within in {"-", "−", "–"}
    word = match["scale"] or match["suffix"]
    return Amount(
        value=-value if negative else value,
        step=Decimal(1).scaleb(int(value.as_tuple().exponent)),
        digits=len(digits.replace(".", "").lstrip("0")),
        scale=_SCALES[word.lower()] if word else None,
        percent=bool(match["percent"]),
        money=bool(match["money"]),
        signless=bool(match["open"] or within == "(") and not negative,
    )
