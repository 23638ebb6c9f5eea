"""Equations of Office (OMML, ECMA-376 part 1, 22.1) as one line of text: (a + b)/2, x², √(y), ∑ᵢ ..."""

from collections.abc import Callable
from typing import Any

from retrievers.parsers.characters.scripts import lowered, raised
from retrievers.parsers.office.ooxml import name, qn, value


def linear(element: Any) -> str:
    """The equation, or part of one, as text."""
    kind = name(element)
    if kind in ("m:t", "w:t", "a:t"):
        return element.text or ""
    if kind.endswith("Pr"):
        return ""
    return _FORMS.get(kind, _joined)(element)


def _joined(element: Any) -> str:
    """Its parts one after another; names and powers do not run into what stands beside them."""
    text, after_run = "", True
    for part in element:
        more, run = linear(part), name(part) in ("m:r", "m:t")
        apart = _in_word(text[-1:]) and _in_word(more[:1]) and (not after_run or name(part) == "m:func")
        text += f" {more}" if apart else more
        after_run = run
    return text


def _in_word(letter: str) -> bool:
    """Whether it would run into a letter beside it; raised and lowered digits do not."""
    return letter.isalpha() or letter.isdecimal()


def _part(element: Any, part: str) -> str:
    child = element.find(qn(f"m:{part}"))
    return "" if child is None else _joined(child).strip()


def _above(element: Any) -> str:
    text = _part(element, "sup") or (_part(element, "lim") if name(element) == "m:limUpp" else "")
    return raised(text) or (f"^{_grouped(text)}" if text else "")


def _below(element: Any) -> str:
    text = _part(element, "sub") or (_part(element, "lim") if name(element) == "m:limLow" else "")
    return lowered(text) or (f"_{_grouped(text)}" if text else "")


def _delimited(element: Any) -> str:
    properties = element.find(qn("m:dPr"))
    marks = {}
    for key, usual in (("begChr", "("), ("sepChr", "|"), ("endChr", ")")):
        mark = None if properties is None else properties.find(qn(f"m:{key}"))
        marks[key] = usual if mark is None else mark.get(qn("m:val"), "")
    inner = marks["sepChr"].join(map(linear, element.findall(qn("m:e"))))
    return f"{marks['begChr']}{inner}{marks['endChr']}"


def _grouped(text: str) -> str:
    return (
        text
        if text.isalnum() or len(text) == 1 or (text.startswith("(") and text.endswith(")"))
        else f"({text})"
        if text
        else ""
    )


def _fraction(element: Any) -> str:
    stroke = " over " if value(element, "m:fPr/m:type") == "noBar" else "/"
    return f"{_grouped(_part(element, 'num'))}{stroke}{_grouped(_part(element, 'den'))}"


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    return f"{raised(degree) or degree}√{_grouped(_part(element, 'e'))}"


def _operator(element: Any) -> str:
    sign = value(element, "m:naryPr/m:chr") or "∫"
    return f"{sign}{_below(element)}{_above(element)} {_part(element, 'e')}"


def _function(element: Any) -> str:
    argument = _part(element, "e")
    return f"{_part(element, 'fName')}{argument if argument.startswith('(') else f'({argument})'}"


def _indexed(element: Any) -> str:
    return _part(element, "e") + _below(element) + _above(element)


def _lines(element: Any) -> str:
    return "; ".join(map(linear, element.findall(qn("m:e"))))


def _matrix(element: Any) -> str:
    rows = (", ".join(map(linear, row.findall(qn("m:e")))) for row in element.findall(qn("m:mr")))
    return "; ".join(rows)


_FORMS: dict[str, Callable[[Any], str]] = {
    "m:f": _fraction,
    "m:rad": _root,
    "m:nary": _operator,
    "m:d": _delimited,
    "m:func": _function,
    "m:eqArr": _lines,
    "m:m": _matrix,
    "m:sPre": lambda element: _below(element) + _above(element) + _part(element, "e"),
    **dict.fromkeys(("m:sSup", "m:sSub", "m:sSubSup", "m:limLow", "m:limUpp"), _indexed),
}
