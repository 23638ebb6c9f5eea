"""What a question names by its number ("Figure 3", "Tabelle 2") or by its place ("page 14", "the last slide").

Number words are read by text2num, in the languages that it and `languages` know.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

from retrievers.embedders.languages import likely_languages
from retrievers.parsers.layout.captions import CHARTS, FIGURES, TABLES

MOST_NAMED = 50  # pages of a range that are looked at
Placed = Literal["page", "figure", "table"]
# What is counted, in the languages of captions; of each kind the words that a document may call it by.
NAMES = {
    "page": "page pages seite seiten página páginas pagina paginas pagine",
    "slide": "slide slides folie folien diapositiva diapositivas diapositive diapositives",
    "figure": f"{FIGURES} figures figs abbildungen schaubilder figuras figuren afbeeldingen",
    "table": f"{TABLES} tables tabellen tableaux tablas cuadros tabelas quadros quadri",
    "section": "section sections abschnitt abschnitte sección secciones sezione sezioni secção seção secções seções",
    "chapter": "chapter chapters kapitel capítulo capítulos chapitre chapitres capitolo capitoli hoofdstuk",
    "equation": "equation equations gleichung ecuación équation",
    "appendix": "appendix anhang apéndice annexe",
    "step": "step steps schritt schritte paso pasos étape étapes",
    "exhibit": "exhibit exhibits",
    "chart": f"{CHARTS} charts diagramme graphiques gráficos grafici grafieken",
    "part": "part parts",
    "question": "question questions",
    "example": "example examples",
}
KIND_OF = {word: kind for kind, words in NAMES.items() for word in words.split()}
# What is counted by its place alone: "the second picture".
PICTURES = "image images picture pictures diagram diagrams graph graphs photo photos bild bilder imagen imágenes"
_COUNTED: dict[Placed, str] = {
    "page": f"{NAMES['page']} {NAMES['slide']}",
    "figure": f"{NAMES['figure']} {NAMES['chart']} {PICTURES}",
    "table": NAMES["table"],
}
PLACED = {word: kind for kind, words in _COUNTED.items() for word in words.split()}
CODES = {
    "english": "en",
    "german": "de",
    "spanish": "es",
    "french": "fr",
    "italian": "it",
    "portuguese": "pt",
    "dutch": "nl",
}


def spelled(kind: str) -> str:
    """The words for it, one of `NAMES`, as a regular expression."""
    return _any(NAMES[kind].split())


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


REFERENCE = re.compile(
    rf"\b({_any(KIND_OF)})\b\.?\s*([A-Z]?\d+(?:\.\d+)*)[a-z]?\b"
    rf"(?:\s*(?:-|–|to|through|bis)\s*(?:{_any(PLACED)})?\s*(\d+)\b)?",
    re.IGNORECASE,
)
_LAST = r"last|final|letzte[nmrs]?|últim[oa]s?|derni(?:er|ère)s?"
_BEFORE_LAST = r"(?:2nd|second)[ -](?:to[ -])?last|penultimate|vorletzte[nmrs]?|penúltim[oa]|avant-derni(?:er|ère)"
_ORDINAL = r"(?P<nth>\d+)(?:st|nd|rd|th|\.(?=\s)|ª|º|ème|er|ère|ste|de|e|o|a)"
_PLACE = re.compile(
    rf"\b(?:(?P<before>{_BEFORE_LAST})|(?P<last>{_LAST})|{_ORDINAL})\s+(?:(?P<many>\d+)\s+)?(?:[^\W\d]+\s+)?"
    rf"(?P<what>{_any(PLACED)})\b"
    rf"|\b(?P<many_before>\d+)\s+(?P<last_after>{_LAST})\s+(?P<of>{_any(PLACED)})\b",
    re.IGNORECASE,
)


class Reference(NamedTuple):
    """Something the question names by its number: ("figure", "3")."""

    kind: str
    number: str


class Position(NamedTuple):
    """The `number`th page (or slide), figure or table of a document from 1; -1 is the last, -2 the one before."""

    kind: Placed
    number: int


@lru_cache(100)
def references(question: str) -> tuple[Reference, ...]:
    """ "Figure 3", "pages 5-7", "section 2.1". Number words are read: "slide two". "The second figure" is most often
    the one with that number."""
    counted = (one for one in positions(question) if one.kind != "page" and one.number > 0)
    return tuple(dict.fromkeys([*_written(question), *(Reference(one.kind, str(one.number)) for one in counted)]))


def _written(question: str) -> list[Reference]:
    return list(dict.fromkeys(chain.from_iterable(map(_references, _with_digits(question)))))


def _references(question: str) -> list[Reference]:
    found = []
    for word, number, last in REFERENCE.findall(question):
        kind = KIND_OF[word.lower()]
        end = int(last) if last and number.isdigit() else 0
        numbers = [str(n) for n in range(int(number), end + 1)[:MOST_NAMED]] if end else []
        found += [Reference(kind, one) for one in numbers or [number]]
    return found


@lru_cache(100)
def positions(question: str) -> tuple[Position, ...]:
    """ "Page 14", "the last two slides", "the second figure", "auf der dritten Seite"."""
    found = [Position("page", n) for n in _page_numbers(question)]
    for text in _with_digits(question):
        for place in _PLACE.finditer(text):
            kind = PLACED[(place["what"] or place["of"]).lower()]
            found += [Position(kind, number) for number in _numbers(place)]
    return tuple(dict.fromkeys(found))


def _page_numbers(question: str) -> list[int]:
    named = (one for one in _written(question) if PLACED.get(one.kind) == "page")
    return [int(one.number) for one in named if one.number.isdigit()]


def _numbers(place: "re.Match[str]") -> range:
    many = min(MOST_NAMED, int(place["many"] or place["many_before"] or 1))
    if place["before"]:
        return range(-2, -1)
    if place["last"] or place["last_after"]:
        return range(-1, -1 - many, -1)
    first = int(place["nth"])
    return range(first, first + (many if first == 1 else 1))


def _with_digits(question: str) -> list[str]:
    """As it is, and with the number words of the languages it may be in as digits: "the 2nd page"."""
    from text_to_num import alpha2digit

    codes = [CODES[language] for language in likely_languages(question) if language in CODES]
    return [question, *(alpha2digit(question, code, threshold=0) for code in codes)]
