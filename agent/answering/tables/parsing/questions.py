"""A question read word by word: its numbers with what compares them, its days, its ordinals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agent.answering.tables.values import moment, scale_named
from agent.answering.tables.words import keys_of, stem, words_of

_UP_TO_SIXTEEN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen",
)  # fmt: skip
CARDINALS = {name: number for number, name in enumerate(_UP_TO_SIXTEEN)} | {
    "no": 0, "none": 0, "once": 1, "twice": 2, "twenty": 20, "hundred": 100,
}  # fmt: skip
_UP_TO_TWELFTH = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
ORDINALS = {name: number for number, name in enumerate(_UP_TO_TWELFTH, start=1)}
LOWER = (
    "less|fewer|lower|smaller|shorter|earlier|younger|colder|cooler|lighter|nearer|closer|slower|cheaper"
    "|narrower|thinner"
)
BEFORE = (  # what stands before a number and compares with it
    (re.compile(r"\b(?:at least|no (?:less|fewer) than|minimum of)$"), ">="),
    (re.compile(r"\b(?:at most|no (?:more|greater|higher) than|up to|maximum of)$"), "<="),
    (re.compile(rf"\b(?:{LOWER}) than$|\b(?:under|below|before|prior to)$"), "<"),
    (
        re.compile(
            r"\b\w+er than$|\bmore than$|\b(?:over|above|after|exceed(?:s|ed|ing)?|past|beyond|surpass(?:ed)?)$"
        ),
        ">",
    ),
    (re.compile(r"\bsince$"), ">="),
)
BEHIND = (
    (re.compile(r"^(?:\w+ )?(?:or|and) (?:more|greater|higher|above|over|later|up|better|after)\b"), ">="),
    (re.compile(r"^(?:\w+ )?(?:or|and) (?:less|fewer|lower|below|under|earlier|before)\b"), "<="),
)
_DEGREE = {"how", "as", "more", "most", "less", "least"}
_NUMERAL = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_CAPITAL = re.compile(r"(?<=[\s(\"'])[^\W\d_a-z][^\W\d_]*")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or a day in the question: the words it stands in, and how cells are to compare with it. `scale` is
    that of a word behind it ("5 million"), 0 where none stands there."""

    number: float
    first: int
    last: int
    comparison: str
    day: bool = False
    scale: float = 0.0


@dataclass(frozen=True)
class Question:
    """`keys` [words] are ids of stems. `content` marks, as bits, the words that are no stop words, `names` those that
    are written with a capital within the sentence."""

    text: str
    words: tuple[str, ...]
    keys: tuple[int, ...]
    content: int
    names: int
    amounts: tuple[Amount, ...]
    ranks: tuple[int, ...]

    @property
    def each(self) -> bool:
        """Whether it wants values one by one."""
        return any(word.startswith("respective") for word in self.words)

    def of_degree(self, place: int) -> bool:
        """Whether a word is one of degree: "how wide", "as heavy as", "coldest", "wider ... than"."""
        word, before = self.words[place], self.words[place - 1] if place else ""
        compared = word.endswith("er") and "than" in self.words[place:]
        return before in _DEGREE or word.endswith("est") or compared

    def said_by(self, keys: Iterable[int]) -> int:
        """Its words, as bits, that are among some stems or keys."""
        own = set(keys)
        return sum(1 << place for place, key in enumerate(self.keys) if key in own)

    @property
    def all_content(self) -> int:
        return self.content.bit_count()


@lru_cache(1000)
def read(text: str) -> Question:
    """The question in words."""
    words = words_of(text)[:60]
    content = sum(1 << place for place, word in enumerate(words) if stem(word) is not None)
    numbers = [amount for place in range(len(words)) if (amount := _amount(words, place))]
    ranks = [ORDINALS[word] for word in words if word in ORDINALS]
    ranks += [int(number) for number in _ORDINAL.findall(text.lower()) if 0 < int(number) < 100]
    names = _names(text, words) & content
    return Question(text, words, keys_of(text)[:60], content, names, (*numbers, *_days(text, words)), tuple(ranks))


def _names(text: str, words: tuple[str, ...]) -> int:
    """A question all in capitals, or all in small letters, has no names that can be told."""
    capitals = {word.lower() for word in _CAPITAL.findall(text)} if text != text.upper() else set()
    return sum(1 << place for place, word in enumerate(words) if place and word in capitals)


def _amount(words: tuple[str, ...], place: int) -> Amount | None:
    word = words[place]
    if _NUMERAL.fullmatch(word):
        number = float(word)
    elif (found := CARDINALS.get(word, ORDINALS.get(word))) is not None:
        number = float(found)
    else:
        return None
    behind = words[place + 1] if place + 1 < len(words) else ""
    scale = scale_named(behind) if len(behind) > 3 else 1.0
    last = place + (scale != 1.0)
    return Amount(number * scale, place, last, _comparison(words, place, last), scale=scale if scale != 1.0 else 0.0)


def _comparison(words: tuple[str, ...], first: int, last: int) -> str:
    before = " ".join(one for one in words[max(0, first - 4) : first] if one not in ("$", "the", "a", "year"))
    behind = " ".join(one for one in words[last + 1 : last + 5] if one != "%")
    for pattern, comparison in BEFORE:
        if pattern.search(before):
            return comparison
    return next((comparison for pattern, comparison in BEHIND if pattern.search(behind)), "=")


def _days(text: str, words: tuple[str, ...]) -> list[Amount]:
    """The day or month that the question names, with its month written out; bare years are numbers already."""
    day = moment(text)
    if day is None or day % 10_000 == 0:
        return []
    month = next((place for place, word in enumerate(words) if moment(f"1 {word}") is not None and len(word) > 2), None)
    if month is None:
        return []
    first, last = month, month
    while first and words[first - 1].rstrip("stndrh").isdigit():
        first -= 1
    while last + 1 < len(words) and (words[last + 1].isdigit() or words[last + 1] in ("st", "nd", "rd", "th")):
        last += 1
    return [Amount(day, first, last, _comparison(words, first, last), day=True)]
