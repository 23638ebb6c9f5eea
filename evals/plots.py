"""Plots for reports, as SVG by Altair: bars with intervals, and lines. Values lie in 0..1. Needs the extra `charts`."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT = 560, 210  # pixels, of the plot itself
Point = tuple[float, float]
Bar = tuple[float, float, float]  # value, low, high


def bars(title: str, groups: Sequence[str], series: Mapping[str, Sequence[Bar]]) -> str:
    """One bar for each series in each group, its interval as a thin line."""
    import altair as alt

    base = _chart(
        {"group": group, "series": name, "value": value, "low": low, "high": high}
        for name, values in series.items()
        for group, (value, low, high) in zip(groups, values, strict=True)
    ).encode(
        x=alt.X("group:N", sort=list(groups), title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("series:N", sort=list(series)),
    )
    drawn = base.mark_bar().encode(y=_share("value"), color=_colour(series))
    return _svg(drawn + base.mark_rule(color="#333").encode(y=_share("low"), y2="high:Q"), title)


def lines(title: str, across: str, series: Mapping[str, Sequence[Point]]) -> str:
    """One line a series over x in 0..1, which `across` names."""
    import altair as alt

    drawn = _chart(
        {"series": name, "place": place, "x": x, "y": y}
        for name, points in series.items()
        for place, (x, y) in enumerate(points)
    ).mark_line()
    x = alt.X("x:Q", title=across, scale=alt.Scale(domain=[0, 1]))
    return _svg(drawn.encode(x=x, y=_share("y"), order="place:Q", color=_colour(series)), title)


def _chart(rows: Any) -> "alt.Chart":
    import altair as alt

    return alt.Chart(alt.InlineData(values=list(rows)), width=WIDTH, height=HEIGHT)


def _share(field: str) -> "alt.Y":
    import altair as alt

    return alt.Y(f"{field}:Q", title=None, scale=alt.Scale(domain=[0, 1]))


def _colour(series: Mapping[str, Any]) -> "alt.Color":
    import altair as alt

    legend = alt.Legend(title=None, orient="top", labelLimit=WIDTH)
    return alt.Color("series:N", sort=list(series), legend=legend)


def _svg(chart: Any, title: str) -> str:
    import vl_convert

    from generators.charts.style import styled

    drawn: str = vl_convert.vegalite_to_svg(json.dumps(styled(chart).to_dict()))
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(title, quote=True)}" ', 1)
