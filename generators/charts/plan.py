"""From a table and a request in words to what will be drawn: the kind of chart and its points, each a cell's number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from generators.charts.choice import MOST_SERIES, Choice, Options, choose
from generators.charts.words import asked_kind, asked_lying, asked_order, asked_top
from generators.core.base import CannotConvert, Table
from generators.tables.cells import is_time
from generators.tables.columns import Column, scale_of

ChartKind = Literal["bar", "stacked", "grouped", "line", "area", "scatter", "pie", "histogram"]
CHART_KINDS: tuple[ChartKind, ...] = get_args(ChartKind)
MOST_BARS = 60
MOST_SLICES = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One mark. `label` is the row's name, `series` its colour; `x` is a number for scatter charts only."""

    label: str
    series: str
    value: float
    x: float | None = None


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """A chart before it is drawn. `left_out` says what of the chosen rows and columns is not in it, and why."""

    kind: ChartKind
    points: tuple[Point, ...]
    x_title: str
    y_title: str
    series_title: str = ""
    title: str = ""
    source: str = ""
    left_out: tuple[str, ...] = ()
    lying: bool | None = None  # bars asked for across, or upright; None: as their labels are read best

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(point.label for point in self.points))

    @property
    def series(self) -> list[str]:
        return list(dict.fromkeys(point.series for point in self.points))


def plan_chart(table: Table, request: str, options: Options) -> ChartPlan:
    """Decide what to draw. Raises `CannotConvert` if the table does not hold it."""
    kind = options.kind or asked_kind(request)
    if kind and kind not in CHART_KINDS:
        raise CannotConvert(f"There is no chart called {kind!r}.", f"Choose one of: {', '.join(CHART_KINDS)}.")
    choice = choose(table, request, options, kind)
    title = options.title or table.title
    if kind == "scatter":
        return _scatter(choice, title, table.source)
    if kind == "histogram":
        return _histogram(choice, title, table.source)
    measures, left_out = _same_unit(choice, several=kind != "pie")
    points, gaps = _points(choice, measures)
    x_title, series_title = choice.label.name, choice.series.name if choice.series else ""
    if _years_across(choice.label, measures) and (
        kind in {"line", "area"} or len({each.label for each in points}) == 1
    ):
        points = [Point(each.series, each.label, each.value) for each in points]
        x_title, series_title = "", choice.label.name
    drawn = _drawn_kind(kind, choice, points)
    plan = ChartPlan(
        kind=drawn,
        points=_ordered(points, options.sort or asked_order(request), options.top or asked_top(request)),
        x_title=_shown(x_title),
        y_title=_value_title(measures, points, table),
        series_title=_shown(series_title),
        title=title,
        source=table.source,
        left_out=(*left_out, *gaps),
        lying=asked_lying(request),
    )
    _check(plan)
    return plan


def _shown(name: str) -> str:
    """A column's name, if it was written and names something."""
    return "" if name.startswith(("Column ", "(")) else name


def _drawn_kind(kind: str, choice: Choice, points: Sequence[Point]) -> ChartKind:
    several = len({point.series for point in points}) > 1
    usual = "line" if choice.label.role == "time" and len({point.label for point in points}) > 2 else "bar"
    wanted = kind or usual
    if wanted in {"bar", "grouped"}:
        return "grouped" if several else "bar"
    return next(each for each in CHART_KINDS if each == wanted)


def _same_unit(choice: Choice, *, several: bool) -> tuple[list[Column], list[str]]:
    """Columns that can share an axis. Asked for together though they cannot: refused. Not asked for: left out."""
    measures = list(choice.measures)
    if not several and not choice.asked:
        return measures[:1], []
    units = {column.unit for column in measures}
    if choice.asked and len(units - {""}) > 1:
        found = ", ".join(column.title for column in measures)
        raise CannotConvert(
            f"These columns have different units: {found}.", "Ask for one of them, or for a scatter chart."
        )
    if choice.asked:
        return measures, []
    alike = bool(measures[0].unit) or all(is_time(column.name) for column in measures)
    kept = [column for column in measures if alike and column.unit == measures[0].unit][:MOST_SERIES] or measures[:1]
    if choice.series is not None or len(set(choice.label.cells)) < len(choice.label.cells):
        kept = kept[:1]
    left = [column.name for column in measures if column not in kept]
    return kept, [f"columns {', '.join(left)}"] if left else []


def _points(choice: Choice, measures: Sequence[Column]) -> tuple[list[Point], list[str]]:
    """One point per number, and the cells that hold something else than a number in their column's unit."""
    points: list[Point] = []
    gaps: list[str] = []
    names = _unique([choice.label.cells[row] for row in choice.rows], apart=choice.series is None)
    for row, name in zip(choice.rows, names, strict=True):
        for column in measures:
            value = column.numbers[row]
            if value is not None:
                series = choice.series.cells[row] if choice.series else column.name
                points.append(Point(name, series, value))
            elif column.cells[row]:
                gaps.append(f"{name}: {column.cells[row]}")
    return points, list(dict.fromkeys(gaps))


def _unique(labels: Sequence[str], *, apart: bool) -> list[str]:
    """Labels as written; rows of the same label get their count, so that no bar hides another."""
    seen: Counter[str] = Counter()
    names = []
    for label in labels:
        seen[label] += 1
        shown = label or "(no name)"
        names.append(f"{shown} ({seen[label]})" if apart and seen[label] > 1 else shown)
    return names


def _years_across(label: Column, measures: Sequence[Column]) -> bool:
    """Whether time runs along the columns rather than down the rows."""
    return len(measures) > 1 and label.role != "time" and all(is_time(column.name) for column in measures)


def _ordered(points: Sequence[Point], order: str, top: int) -> tuple[Point, ...]:
    if not order and not top:
        return tuple(points)
    sums: Counter[str] = Counter()
    for point in points:
        sums[point.label] += point.value  # type: ignore[assignment]
    labels = sorted(sums, key=lambda label: sums[label], reverse=order != "ascending")
    places = {label: place for place, label in enumerate(labels[: top or len(labels)])}
    return tuple(sorted((each for each in points if each.label in places), key=lambda each: places[each.label]))


def _value_title(measures: Sequence[Column], points: Sequence[Point], table: Table) -> str:
    """The axis of the numbers: what they measure where it is one thing, then unit and scale."""
    unit = " ".join(part for part in (measures[0].unit, scale_of(table)) if part)
    if len(measures) > 1:
        series = {point.series for point in points}
        name = series.pop() if len(series) == 1 else ""
    else:
        name = _shown(measures[0].name)
    if not name:
        return unit
    return name if not unit or (measures[0].unit and unit in name) else f"{name} ({unit})"


def _scatter(choice: Choice, title: str, source: str) -> ChartPlan:
    if len(choice.measures) < 2:
        raise CannotConvert("A scatter chart needs two columns of numbers.", "Ask for another kind of chart.")
    y, x = choice.measures[:2]
    points = [
        Point(choice.label.cells[row], "", value, across)
        for row in choice.rows
        if (value := y.numbers[row]) is not None and (across := x.numbers[row]) is not None
    ]
    left = [choice.label.cells[row] for row in choice.rows if y.numbers[row] is None or x.numbers[row] is None]
    plan = ChartPlan("scatter", tuple(points), x.title, y.title, title=title, source=source, left_out=tuple(left))
    _check(plan)
    return plan


def _histogram(choice: Choice, title: str, source: str) -> ChartPlan:
    measure = choice.measures[0]
    points = [
        Point(choice.label.cells[row], "", value) for row in choice.rows if (value := measure.numbers[row]) is not None
    ]
    plan = ChartPlan("histogram", tuple(points), measure.title, "Count", title=title, source=source)
    _check(plan)
    return plan


def _check(plan: ChartPlan) -> None:
    """Refuse charts that would say nothing, or something false."""
    values = [point.value for point in plan.points]
    if not values:
        raise CannotConvert("None of the rows asked for has a number.", "Choose other rows or another column.")
    problem = {
        "line": (len(plan.labels) < 2, "A line needs two points or more; the table has one.", "Ask for a bar chart."),
        "area": (len(plan.labels) < 2, "An area needs two points or more; the table has one.", "Ask for a bar chart."),
        "scatter": (len(values) < 2, "A scatter chart needs two points or more.", "Ask for a bar chart."),
        "histogram": (len(set(values)) < 2, "A histogram needs two different numbers or more.", "Ask for a bar chart."),
        "pie": (min(values) < 0 or sum(values) == 0, "Negative numbers and zeros have no shares.", "Ask for bars."),
        "stacked": (min(values) < 0 < max(values), "Bars above and below zero do not stack.", "Ask for grouped bars."),
    }.get(plan.kind)
    if problem is not None and problem[0]:
        raise CannotConvert(problem[1], problem[2])
    if plan.kind == "pie" and not 2 <= len(plan.labels) <= MOST_SLICES:
        raise CannotConvert(
            f"A pie of {len(plan.labels)} slices cannot be read.", f"Ask for bars, or the top {MOST_SLICES}."
        )
    if plan.kind in {"bar", "grouped", "stacked"} and len(plan.labels) > MOST_BARS:
        raise CannotConvert(
            f"{len(plan.labels)} bars cannot be read.", "Ask for the top 20, or for a line or histogram."
        )
    if len(plan.series) > MOST_SERIES:
        raise CannotConvert(f"{len(plan.series)} colours cannot be told apart.", f"Ask for {MOST_SERIES} rows at most.")
