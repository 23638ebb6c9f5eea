"""A chart plan as a Vega-Lite spec: the marks of each kind of chart, and the notes below. Needs the extra `charts`."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from json import dumps
from textwrap import wrap
from typing import Any

import altair as alt

from generators.charts.plan import ChartPlan
from generators.charts.style import INK, SOFT, colour, label_axis, legend, styled, tooltip
from generators.core.base import clean

LONG_LABEL = 12  # characters; longer ones are easier to read beside bars that lie down
MANY_LABELS = 12
MOST_NOTES = 6


def spec_of(plan: ChartPlan, width: int, height: int) -> dict[str, Any]:
    """The Vega-Lite spec, with the plan's numbers inside it; `width` and `height` of the plot, in pixels."""
    plan = _drawable(plan)
    values = [
        {"label": point.label, "series": point.series, "value": point.value, "place": place}
        | ({} if point.x is None else {"x": point.x})
        | ({"year": int(point.label)} if _uneven_years(plan) else {})
        for place, point in enumerate(plan.points)
    ]
    draw: Callable[[alt.Chart, ChartPlan], Any] = DRAWN[plan.kind]
    chart = draw(alt.Chart(alt.InlineData(values=values)), plan).properties(width=width, height=_height(plan, height))
    if plan.title:
        title = alt.TitleParams(wrap(plan.title, width // 9), anchor="start", fontSize=16, offset=14, color=INK)
        chart = chart.properties(title=title)
    notes = _notes(plan, width)
    if notes:
        below = alt.TitleParams(
            notes, orient="bottom", anchor="start", fontSize=11, fontWeight="normal", color=SOFT, offset=10
        )
        chart = alt.vconcat(chart).properties(title=below)
    spec: dict[str, Any] = styled(chart).to_dict()
    return spec


def _drawable(plan: ChartPlan) -> ChartPlan:
    """Without the characters that XML has no place for: vl-convert ends the whole process at one."""
    return replace(
        plan,
        x_title=clean(plan.x_title),
        y_title=clean(plan.y_title),
        series_title=clean(plan.series_title),
        title=clean(plan.title),
        source=clean(plan.source),
        points=tuple(replace(each, label=clean(each.label), series=clean(each.series)) for each in plan.points),
        left_out=tuple(map(clean, plan.left_out)),
    )


def _lies(plan: ChartPlan) -> bool:
    """Whether bars lie down."""
    if plan.kind not in {"bar", "stacked", "grouped"}:
        return False
    if plan.lying is not None:
        return plan.lying
    return len(plan.labels) > MANY_LABELS or max(map(len, plan.labels)) > LONG_LABEL


def _height(plan: ChartPlan, height: int) -> int:
    """Bars that lie down need room for each."""
    if not _lies(plan):
        return height
    bar = 26 if plan.kind != "grouped" else 12 + 14 * len(plan.series)
    return max(bar * len(plan.labels), 90)


def _bars(base: alt.Chart, plan: ChartPlan) -> Any:
    lies = _lies(plan)
    axis = alt.Axis(labelLimit=320) if lies else label_axis(plan)
    label = alt.Y if lies else alt.X
    value = alt.X if lies else alt.Y
    channels: list[Any] = [
        label("label:N", sort=None, title=plan.x_title or None, axis=axis),
        value("value:Q", title=plan.y_title or None, stack="zero" if plan.kind == "stacked" else None),
        tooltip(plan),
    ]
    if len(plan.series) > 1:
        channels.append(colour(plan))
    if plan.kind == "grouped":
        offset = alt.YOffset if lies else alt.XOffset
        channels.append(offset("series:N", sort=plan.series))
    return base.mark_bar(cornerRadiusEnd=2).encode(*channels)


def _line(base: alt.Chart, plan: ChartPlan) -> Any:
    mark = base.mark_line(point=alt.OverlayMarkDef(filled=True, size=45), strokeWidth=2.5)
    return mark.encode(*_over(plan, stack=False))


def _area(base: alt.Chart, plan: ChartPlan) -> Any:
    several = len(plan.series) > 1 and min(point.value for point in plan.points) >= 0
    mark = base.mark_area(opacity=0.75 if several else 0.45, line=True)
    return mark.encode(*_over(plan, stack=several))


def _over(plan: ChartPlan, *, stack: bool) -> list[Any]:
    title = plan.x_title or None
    along = alt.X("label:N", sort=None, title=title, axis=label_axis(plan), scale=alt.Scale(padding=0.3))
    if _uneven_years(plan):
        years = alt.Axis(values=sorted(map(int, plan.labels)), format="d", labelOverlap="greedy")
        along = alt.X("year:Q", title=title, axis=years, scale=alt.Scale(zero=False, nice=False))
    channels: list[Any] = [
        along,
        alt.Y("value:Q", title=plan.y_title or None, stack="zero" if stack else None),
        tooltip(plan),
    ]
    if len(plan.series) > 1:
        channels.append(colour(plan))
    return channels


def _uneven_years(plan: ChartPlan) -> bool:
    """Whether a line runs over years with gaps of different length, which must be seen as such."""
    labels = plan.labels
    if plan.kind not in {"line", "area"} or not all(label.isdecimal() and len(label) == 4 for label in labels):
        return False
    years = sorted(map(int, labels))
    return len({later - earlier for earlier, later in pairwise(years)}) > 1


def _pie(base: alt.Chart, plan: ChartPlan) -> Any:
    whole = sum(point.value for point in plan.points)
    shares = {point.label: f"{point.label} ({_share(point.value / whole)})" for point in plan.points}
    return (
        base.transform_calculate(slice=f"({dumps(shares)})[datum.label]")
        .mark_arc(innerRadius=70, stroke="white", strokeWidth=1.5)
        .encode(
            alt.Theta("value:Q", stack=True),
            alt.Color("slice:N", sort=list(shares.values()), title=plan.x_title or None, legend=legend()),
            alt.Order("place:Q"),
            tooltip(plan),
        )
    )


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or not share else f"{100 * share:.1g}%"


def _scatter(base: alt.Chart, plan: ChartPlan) -> Any:
    across = [point.x for point in plan.points if point.x is not None]
    dots = base.mark_circle(size=90, opacity=0.8).encode(
        alt.X("x:Q", title=plan.x_title or None, scale=_dot_scale(across)),
        alt.Y("value:Q", title=plan.y_title or None, scale=_dot_scale([point.value for point in plan.points])),
        alt.Tooltip(["label:N", "x:Q", "value:Q"]),
    )
    clear = [place for place, _ in enumerate(plan.points) if _is_clear(plan, place)]
    if not clear:
        return dots
    named = alt.FieldOneOfPredicate(field="place", oneOf=clear)
    names = dots.transform_filter(named).mark_text(align="left", dx=8, dy=-6, fontSize=11, color=INK)
    return dots + names.encode(text="label:N")


def _dot_scale(values: list[float]) -> alt.Scale:
    """From zero where the numbers come near it, else close around them."""
    near = 0 <= min(values) <= 0.4 * max(values)
    return alt.Scale(zero=True) if near else alt.Scale(zero=False, nice=True, padding=12)


def _is_clear(plan: ChartPlan, place: int) -> bool:
    """Whether a point's name can be written beside it: no other point lies where the name would."""
    xs = [point.x or 0.0 for point in plan.points]
    ys = [point.value for point in plan.points]
    wide, high = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    reach = 0.02 + 0.013 * len(plan.points[place].label)  # of the plot's width
    return all(
        other == place or not (-0.02 <= (x - xs[place]) / wide <= reach and abs(y - ys[place]) / high <= 0.05)
        for other, (x, y) in enumerate(zip(xs, ys, strict=True))
    )


def _histogram(base: alt.Chart, plan: ChartPlan) -> Any:
    step = max(1, len(plan.points) // 40)  # whole counts only
    counts = alt.Axis(values=list(range(0, len(plan.points) + 1, step)), format="d")
    return base.mark_bar(cornerRadiusEnd=2).encode(
        alt.X("value:Q", bin=alt.Bin(maxbins=20), title=plan.x_title or None),
        alt.Y("count()", title=plan.y_title, axis=counts),
    )


DRAWN: dict[str, Callable[[alt.Chart, ChartPlan], Any]] = {
    "bar": _bars,
    "stacked": _bars,
    "grouped": _bars,
    "line": _line,
    "area": _area,
    "pie": _pie,
    "scatter": _scatter,
    "histogram": _histogram,
}


def _notes(plan: ChartPlan, width: int) -> list[str]:
    """What stands below a chart: where the numbers are from, and what is not shown."""
    lines = [f"Source: {plan.source}"] if plan.source else []
    if plan.left_out:
        more = len(plan.left_out) - MOST_NOTES
        lines.append(f"Not shown: {'; '.join(plan.left_out[:MOST_NOTES])}{f'; and {more} more' if more > 0 else ''}")
    return [part for line in lines for part in wrap(line, width // 6)]
