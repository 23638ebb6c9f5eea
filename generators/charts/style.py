"""How charts look: colours, axes of labels, legends. Needs the extra `charts`."""

from typing import Any

import altair as alt

from generators.charts.plan import ChartPlan

COLOURS = ["#3366cc", "#e8743b", "#19a979", "#945ecf", "#d4a017", "#ed4a7b", "#13a4b4", "#8a6d5b"]
INK, SOFT, GRID = "#2f3440", "#6b7280", "#e5e7eb"


def label_axis(plan: ChartPlan) -> alt.Axis:
    """Labels level while they fit, else slanted."""
    room = sum(len(label) + 2 for label in plan.labels) <= 75
    return alt.Axis(
        labelAngle=0 if room else -40, labelLimit=160, labelOverlap="greedy" if len(plan.labels) > 40 else False
    )


def colour(plan: ChartPlan) -> alt.Color:
    """A colour a series."""
    return alt.Color("series:N", sort=plan.series, title=plan.series_title or None, legend=legend())


def legend() -> alt.Legend:
    """To the right, with room for long names."""
    return alt.Legend(labelLimit=260, symbolType="circle", orient="right")


def tooltip(plan: ChartPlan) -> alt.Tooltip:
    """What is told of the mark under the pointer."""
    return alt.Tooltip(["label:N", *(["series:N"] if len(plan.series) > 1 else []), "value:Q"])


def styled(chart: Any) -> Any:
    """The chart in our colours, type sizes and white."""
    return (
        chart.configure(background="white", padding=16, font="Liberation Sans, Arial, sans-serif")
        .configure_range(category=COLOURS)
        .configure_mark(color=COLOURS[0])
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12,
            titleFontSize=13,
            titleFontWeight="normal",
            titlePadding=10,
            labelColor=INK,
            titleColor=SOFT,
            gridColor=GRID,
            domainColor="#9ca3af",
            tickColor="#9ca3af",
        )
        .configure_axisX(grid=False, labelFlush=False)  # flush, the last number runs into the one before
        .configure_legend(labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=SOFT, titleFontWeight="normal")
    )
