"""What a right answer holds, and whether a text holds it: numbers by value, words word for word, lists in full."""

import ast
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from common import months
from evals.datasets.amounts import Amount, amounts, placed, same

PROSE = 12  # words from which an answer is prose, to be judged by the amounts it names
PROSE_SHARE = 0.5  # of them that must be held
COUNT = 12  # up to which a whole number stands on most pages by accident
_MONTH = rf"(?P<month>{months.PATTERN})\.?"
_DATE = re.compile(
    rf"(?<![\w-])(?: (?P<year>\d{{4}})-(?P<number>\d\d)(?:-(?P<at>\d\d))?(?![\w-])"
    rf" | (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s)? {_MONTH} (?:\s(?P<after>\d{{1,2}})(?:st|nd|rd|th)?)? ,?\s"
    rf"(?P<late>\d{{4}})\b)",
    re.VERBOSE | re.IGNORECASE,
)
# Scripts written without spaces between words; then those that join an article or a preposition to its word.
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_JOINING = re.compile(r"[\u0590-\u06ff]")
_SCALE = re.compile(r"\b(?:thousand|million|billion|trillion)(?=s?\b)", re.IGNORECASE)
_CITED = re.compile(r"\s*\[\d+\]")

Date = tuple[int, int, int]  # year, month, day; 0 where not said


@dataclass(frozen=True)
class Item:
    """One thing that is to be held, as words, as an amount or as a date: any of them will do."""

    words: str = ""
    amount: Amount | None = None
    date: Date | None = None

    @property
    def is_count(self) -> bool:
        one = self.amount
        return bool(one and not self.words and one.step == 1 and abs(one.value) <= COUNT and not _with_unit(one))

    def held(self, text: "Text") -> bool:
        if self.words in {"yes", "no"}:
            return text.words.startswith(self.words) and text.words.split()[0] == self.words
        if self.amount and any(same(self.amount, one) for one in text.amounts):
            return True
        if self.date and any(_says(self.date, one) for one in text.dates):
            return True
        return bool(self.words) and _stands(self.words, text.words)


@dataclass(frozen=True)
class Gold:
    """`share` of the items must be held; `kind` says what they are: number, list, words, prose or yes or no."""

    items: tuple[Item, ...]
    kind: str
    share: float = 1.0

    @property
    def open(self) -> bool:
        """Whether it is prose that names no figure, and may be said in many ways."""
        return self.kind == "prose" and not any(item.amount for item in self.items)

    @property
    def telling(self) -> bool:
        """Whether a text that holds it is likely to say it, as one with a small count is not."""
        return not all(item.is_count for item in self.items)

    def held(self, text: "Text") -> bool:
        return sum(item.held(text) for item in self.items) >= self.share * len(self.items)


@dataclass(frozen=True)
class Text:
    """A text read once: its words, amounts and dates. The days of dates are no amounts."""

    words: str
    amounts: tuple[Amount, ...]
    dates: tuple[Date, ...]

    @classmethod
    def of(cls, text: str) -> "Text":
        found = list(_DATE.finditer(text))
        years = [f"{match['year'] or match['late']}" for match in found]
        return cls(_words(text), tuple(amounts(f"{_DATE.sub(' ', text)} {' '.join(years)}")), tuple(map(_date, found)))


def gold_of(answer: str, scale: str = "") -> Gold | None:
    """The answer of a question file: a value, a Python list of them, or prose. `scale` is that of its numbers:
    "million", "percent". None when there is no answer."""
    values = _listed(answer)
    if len(values) == 1 and len(values[0].split()) >= PROSE:
        named = tuple(Item(amount=one) for one, letters in placed(values[0]) if _is_figure(one, letters))
        return Gold(named or (Item(_words(values[0])),), "prose", PROSE_SHARE)
    return gold_of_values(values, scale)


def gold_of_values(values: Sequence[str], scale: str = "") -> Gold | None:
    """Of values that all must be held, however long, word for word or by value."""
    items = tuple(_item(value, scale) for value in dict.fromkeys(value.strip() for value in values) if value)
    return Gold(items, _kind(items)) if items else None


def scale_named(question: str) -> str:
    """The scale in which a question wants its answer, "(in USD millions)"; "" when it names none, or several."""
    named = {match[0].lower() for match in _SCALE.finditer(question)}
    return named.pop() if len(named) == 1 else ""


def uncited(text: str) -> str:
    return _CITED.sub("", text)


def _item(value: str, scale: str) -> Item:
    found = list(placed(value))
    rest = value.replace(found[0][1], " ", 1).split() if len(found) == 1 else []
    amount = _scaled(found[0][0], scale) if len(found) == 1 and len(rest) <= 1 else None
    dated = _DATE.fullmatch(value.strip())
    words = re.sub(r"^(?:an?|the) ", "", _words(value))
    bare = amount is not None and not any(letter.isalpha() for letter in value)
    return Item("" if bare else words, amount, _date(dated) if dated else None)


def _scaled(amount: Amount, scale: str) -> Amount:
    (unit,) = amounts(f"1 {scale}")
    return replace(amount, scale=amount.scale or unit.scale, percent=amount.percent or unit.percent)


def _kind(items: Sequence[Item]) -> str:
    if len(items) > 1:
        return "list"
    if items[0].words in {"yes", "no"}:
        return "yes or no"
    return "number" if items[0].amount else "words"


def _is_figure(amount: Amount, letters: str) -> bool:
    """Whether a number of a sentence is one of its figures, and no year or count."""
    return _with_unit(amount) or amount.step < 1 or "," in letters


def _with_unit(amount: Amount) -> bool:
    return bool(amount.money or amount.percent or amount.scale)


def _listed(answer: str) -> list[str]:
    if answer.strip().startswith("["):
        try:
            return [str(one) for one in ast.literal_eval(answer)]
        except (ValueError, SyntaxError):
            return [answer]
    return [answer]


def _words(text: str) -> str:
    """Words in lower case, one space apart, without marks; letters of unspaced scripts each a word."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return " ".join(re.findall(r"\w+", _UNSPACED.sub(r" \1 ", plain)))


def _stands(wanted: str, text: str) -> bool:
    if _JOINING.search(wanted):
        return wanted in text
    return f" {wanted} " in f" {text} "


def _date(match: re.Match[str]) -> Date:
    year = int(match["year"] or match["late"])
    month = int(match["number"] or months.NUMBER[match["month"].lower()])
    return year, month, int(match["at"] or match["day"] or match["after"] or 0)


def _says(wanted: Date, found: Date) -> bool:
    return all(one in (0, other) for one, other in zip(wanted, found, strict=True))
