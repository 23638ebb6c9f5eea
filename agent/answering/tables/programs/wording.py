"""Answers as they are shown: values with their units, and the working."""

import re
from collections.abc import Sequence

from agent.answering.tables.programs.program import Program
from agent.answering.tables.programs.result import Place, Result
from agent.answering.tables.values import SCALE_NAMES, Value
from agent.answering.tables.views import View
from generators.tables.cells import CURRENCY

MOST_SHOWN = 6  # operands of a working
PLACES = 2  # decimals of what was divided
_FOOTNOTE = re.compile(r"\s*\[[^\]]{1,8}\]$")
_CURRENCY = re.compile(CURRENCY)
DIVIDED = ("ratio", "share", "share of total", "percent change", "percent step", "average", "average step")
_EXTREMES = {"most": "highest", "least": "lowest"}
_PERCENT_OF = ("share", "share of total")
_PERCENT_CHANGE = ("percent change", "percent step")


def values(program: Program, view: View, result: Result) -> tuple[str, ...]:
    """The short answer or answers."""
    if result.number is not None:
        return (_number(program, view, result),)
    shown = [cell(view, place) for place in result.read]
    return tuple(shown if result.each else dict.fromkeys(shown))


def cell(view: View, place: Place) -> str:
    """A cell as printed, without footnote marks, with the unit and scale that its header states."""
    field, record = place
    value = view.values(field)[record]
    text = _FOOTNOTE.sub("", view.texts[field][record])
    if value.kind != "number" or not value.exact:
        return text
    return _with_unit(text, "" if value.unit else view.unit(field), scale_word(view, place, value))


def scale_word(view: View, place: Place, value: Value) -> str:
    """ "million" where the table's bare numbers are in millions."""
    bare = value.scale == 1.0 and (not value.unit or _CURRENCY.fullmatch(value.unit))
    scaled = bare and view.scaled(place[0], place[1]) and view.unit(place[0]) != "%"
    return SCALE_NAMES.get(view.scale, "") if scaled else ""


def working(program: Program, view: View, result: Result) -> str:
    """How the number was made: "142,984 - 120,536 = 22,448 km"; "" for what was only looked up."""
    if result.number is None:
        return _ranking(program, view, result) if result.ranked and program.by >= 0 else ""
    made = values(program, view, result)[0]
    if program.operation in ("count", "distinct"):
        named = list(dict.fromkeys(view.texts[_namer(view)][record] for _, record in result.read))
        return f"{_listed(named)}: {made}" if any(named) else ""
    if program.operation == "count difference":
        return ""
    parts = [_operand(view, place) for place in result.read]
    return f"{_expression(program.operation, parts)} = {made}"


def _expression(operation: str, parts: Sequence[str]) -> str:
    one, *rest = parts
    if operation in ("sum", "average", "average step"):
        total = _summed(parts)
        return total if operation == "sum" else f"({total}) / {len(parts)}"
    if operation == "share of total" and len(rest) > 1:
        return f"{one} / ({_summed(rest)}) × 100"
    if operation in _PERCENT_CHANGE:
        return f"({one} - {rest[0]}) / {rest[0]} × 100"
    if operation in _PERCENT_OF:
        return f"{one} / {rest[0]} × 100"
    return f"{one} / {rest[0]}" if operation == "ratio" else f"{one} - {rest[0]}"


def _summed(parts: Sequence[str]) -> str:
    if len(parts) <= MOST_SHOWN:
        return " + ".join(parts)
    return f"{' + '.join(parts[:3])} + ... + {parts[-1]} ({len(parts)} values)"


def _operand(view: View, place: Place) -> str:
    """A cell's number alone; a negative one in brackets."""
    value = view.values(place[0])[place[1]]
    number = (value.number or 0.0) / value.scale
    shown = _written(number, _decimals(value.text), _separated(view, place))
    return f"({shown})" if number < 0 else shown


def _number(program: Program, view: View, result: Result) -> str:
    number = result.number or 0.0
    if program.field < 0 or program.operation == "distinct":
        return _written(number, 0, True)
    divided = program.operation in DIVIDED
    texts = [view.values(field)[record].text for field, record in result.read]
    decimals = max(map(_decimals, texts), default=0)
    written = _written(number / result.scale, max(decimals, PLACES) if divided else decimals, True)
    if result.unit == "%":
        return f"{written}%"
    if program.operation == "ratio":
        return written
    first = view.values(result.read[0][0])[result.read[0][1]]
    if first.kind == "time":
        return f"{written} years" if program.operation in ("difference", "change", "spread", "step") else written
    word = scale_word(view, result.read[0], first) or SCALE_NAMES.get(result.scale, "")
    return _with_unit(written, result.unit or view.unit(program.field), word)


def _with_unit(number: str, unit: str, scale: str) -> str:
    if _CURRENCY.fullmatch(unit):
        sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
        space = " " if unit.isalpha() else ""  # "$5", but "EUR 5"
        return " ".join(filter(None, (f"{sign}{unit}{space}{digits}", scale)))
    if unit == "%":
        return f"{number}%"
    return " ".join(filter(None, (number, scale, unit)))


def _written(number: float, decimals: int, separated: bool) -> str:
    text = f"{number:,.{decimals}f}" if separated else f"{number:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _decimals(text: str) -> int:
    found = re.search(r"\d\.(\d+)", text)
    return len(found[1]) if found else 0


def _separated(view: View, place: Place) -> bool:
    return view.kind(place[0]) != "time"


def _ranking(program: Program, view: View, result: Result) -> str:
    best, count = cell(view, result.ranked[0]), len(result.ranked)
    if program.operation == "same":
        return ""
    words = {"most": "latest", "least": "earliest"} if view.kind(program.by) == "time" else _EXTREMES
    word = words[program.operation]
    if program.rank > 1:
        word = f"{word} but {program.rank - 1}"
    name = view.names[program.by]
    return f"{best} is the {word} of {count} values" + (f" of {name}" if name else "")


def _namer(view: View) -> int:
    """The field that names records."""
    return next((place for place in range(len(view.names)) if view.kind(place) == "words"), 0)


def _listed(names: Sequence[str]) -> str:
    shown = [name for name in names if name]
    return ", ".join(shown if len(shown) <= MOST_SHOWN else [*shown[:MOST_SHOWN], "..."])
