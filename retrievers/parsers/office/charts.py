"""Charts of Office files as tables: the values that the file keeps beside the drawing, of every kind of chart.

ECMA-376 part 1, 21.2, and Microsoft's extended charts ([MS-ODRAWXML] 2.24.3: waterfall, sunburst, histogram ...).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from retrievers.elements import Rows
from retrievers.parsers.flow.items import square
from retrievers.parsers.office.drawingml import paragraphs
from retrievers.parsers.office.ooxml import name, qn, value

MOST = 10**21  # numbers from here on stay in the file's own writing
POINTS = ("c:xVal", "c:yVal", "c:bubbleSize")
_CACHES = frozenset({"c:strCache", "c:numCache", "c:strLit", "c:numLit"})


@dataclass(frozen=True, slots=True)
class Chart:
    """`tables` hold the values, header first; one, unless kinds with different categories share the axes. `words` are
    what else is written in it: titles of axes, labels."""

    title: str
    tables: tuple[Rows, ...]
    words: str


def read_chart(chart: Any) -> Chart:
    """`chart` is the root of a chart part. Without tables when no value is kept in the file."""
    if name(chart) == "cx:chartSpace":
        return _extended(chart)
    title = chart.find(f"{qn('c:chart')}/{qn('c:title')}")
    said = _said(title) if title is not None else []
    written = [*paragraphs(chart), *(text for other in chart.iter(qn("c:title")) for text in _linked(other))]
    words = [text for text in written if text not in said]
    epoch = value(chart, "c:date1904") in ("1", "true")
    tables = tuple(square(rows) for rows in _tables(chart, epoch) if len(rows) > 1)
    return Chart(" ".join(said), tables, " ".join(dict.fromkeys(words)))


def _said(title: Any) -> list[str]:
    return [*paragraphs(title), *_linked(title)]


def _linked(title: Any) -> list[str]:
    """The words of a title that is taken from a cell."""
    cells = (point.findtext(qn("c:v")) or "" for tx in title.findall(qn("c:tx")) for point in tx.iter(qn("c:pt")))
    return [text for text in cells if text]


def _tables(chart: Any, epoch: bool) -> Iterator[list[list[str]]]:
    points: list[list[str]] = []
    groups: list[tuple[dict[int, str], list[tuple[str, dict[int, str]]]]] = []
    for number, series in enumerate(chart.iter(qn("c:ser")), start=1):
        label = " ".join(_texts(series.find(qn("c:tx")), epoch).values()) or f"Series {number}"
        if series.find(qn("c:yVal")) is not None:
            points += _points(label, [_texts(series.find(qn(key)), epoch) for key in POINTS])
            continue
        categories, values = _texts(series.find(qn("c:cat")), epoch), _texts(series.find(qn("c:val")), epoch)
        if not groups or (categories and groups[-1][0] and categories != groups[-1][0]):
            groups.append((categories, []))
        elif not groups[-1][0]:
            groups[-1] = (categories, groups[-1][1])
        groups[-1][1].append((label, values))
    for categories, columns in groups:
        yield _by_category(categories, columns)
    yield [["", *_axes(chart), "Size"][: max(map(len, points), default=0)], *points]


def _axes(chart: Any) -> list[str]:
    """What the axes of points are called, x and y."""
    titles = [axis.find(qn("c:title")) for axis in chart.iter(qn("c:valAx"))]
    named = [" ".join(_said(title)) if title is not None else "" for title in titles]
    return [named[place] if place < len(named) and named[place] else usual for place, usual in enumerate("XY")]


def _by_category(categories: dict[int, str], columns: Sequence[tuple[str, dict[int, str]]]) -> list[list[str]]:
    places = sorted(set().union(*(values for _, values in columns)) | set(categories))
    if not any(values for _, values in columns):
        return []
    body = [
        [categories.get(place, "" if categories else str(place + 1)), *(values.get(place, "") for _, values in columns)]
        for place in places
    ]
    return [["", *(label for label, _ in columns)], *body]


def _points(label: str, axes: Sequence[dict[int, str]]) -> Iterator[list[str]]:
    """A row for each point: its series, x, y, and size in a bubble chart."""
    across, *others = axes
    for place in sorted(set().union(*others)):
        x = across.get(place, str(place + 1))  # without x values points are counted
        yield [label, x, *(axis.get(place, "") for axis in others if axis)]


def _texts(data: Any, epoch: bool) -> dict[int, str]:
    """What is kept of a reference or literal by place, as it would be shown."""
    if data is None:
        return {}
    levels = list(data.iter(qn("c:lvl")))
    if levels:
        return _levels(levels)
    caches = [cache for cache in data.iter() if name(cache) in _CACHES]
    if not caches:
        return {0: data.findtext(qn("c:v")) or ""} if data.find(qn("c:v")) is not None else {}
    usual = caches[0].findtext(qn("c:formatCode")) or ""
    return {
        int(point.get("idx", 0)): shown(point.findtext(qn("c:v")) or "", point.get("formatCode", usual), epoch)
        for point in caches[0].iter(qn("c:pt"))
    }


def _levels(levels: Sequence[Any]) -> dict[int, str]:
    """Categories of several levels, the innermost first in the file: "2024 / Q1"; an outer one holds until the next."""
    kept = [{int(pt.get("idx", 0)): pt.findtext(qn("c:v")) or "" for pt in level.iter(qn("c:pt"))} for level in levels]
    inner, *outer = kept

    def around(place: int) -> list[str]:
        before = ([other for other in level if other <= place] for level in outer)
        return [level[max(places)] for level, places in zip(outer, before, strict=True) if places]

    return {place: " / ".join([*reversed(around(place)), text]) for place, text in inner.items()}


def shown(number: str, form: str, epoch: bool = False) -> str:
    """A number as written: whole, never with an exponent; dates and percents by their number format. Text stays."""
    from openpyxl.styles.numbers import is_date_format
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

    try:
        amount = float(number)
    except ValueError:
        return " ".join(number.split())
    if not abs(amount) < MOST:
        return number
    if "%" in form:
        return f"{_plain(amount * 100)}%"
    if is_date_format(form) and 0 <= amount < 2_958_466:  # the year 10000
        moment = from_excel(amount, CALENDAR_MAC_1904 if epoch else CALENDAR_WINDOWS_1900)
        if isinstance(moment, datetime) and moment.time() == time():
            return str(moment.date())
        return str(moment)
    return _plain(amount)


def _plain(amount: float) -> str:
    """Fifteen digits, as spreadsheets keep: 0.35, not 0.34999999999999998."""
    text = format(Decimal(f"{amount:.15g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _extended(chart: Any) -> Chart:
    title = chart.find(f"{qn('cx:chart')}/{qn('cx:title')}")
    said = paragraphs(title) if title is not None else []
    labels = [one.findtext(f".//{qn('cx:v')}") or "" for one in chart.iter(qn("cx:tx")) if one.getparent() is not title]
    tables = tuple(filter(None, map(_dimensions, chart.iter(qn("cx:data")))))
    words = [*labels, *(text for text in paragraphs(chart) if text not in said)]
    return Chart(" ".join(said), tables, " ".join(dict.fromkeys(filter(None, words))))


def _dimensions(data: Any) -> Rows:
    """One column for each level of categories, the outermost first, and for each dimension of values."""
    columns: list[tuple[str, dict[int, str]]] = []
    for dimension in data:
        levels = dimension.findall(qn("cx:lvl"))
        for level in reversed(levels):
            form = level.get("formatCode", "")
            texts = {int(pt.get("idx", 0)): shown(pt.text or "", form) for pt in level.iter(qn("cx:pt"))}
            columns.append((dimension.get("type", ""), texts))
    places = sorted(set().union(*(texts for _, texts in columns))) if columns else []
    header = [kind if kind != "cat" else "" for kind, _ in columns]
    return square([header, *([texts.get(place, "") for _, texts in columns] for place in places)]) if places else ()
