"""Table to chart: Vega-Lite through Altair, drawn by vl-convert without a browser."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, ClassVar

from generators.charts.choice import Options
from generators.charts.plan import ChartPlan, plan_chart
from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, check_packages, read_options
from generators.tables.cells import is_time

SPEC = "application/vnd.vegalite.v6+json"
SAID = 20  # numbers in a chart's description
SCALE = 2.0  # pixels of the PNG for one of the chart


class Chart:
    """Draws the numbers a table holds, and refuses the ones it does not. Settings: none.

    Gives a PNG, with the SVG and the Vega-Lite spec (which a page can make interactive) among `others`. `facts` hold
    the kind, the points and what was left out.
    """

    info: ClassVar[Info] = Info(
        name="chart",
        source="table",
        target="image",
        form="chart",
        summary="Draws a table as bars, lines, areas, points, a pie or a histogram.",
        cost=0.5,
        quality=5,
        licence="BSD-3-Clause (Altair, vl-convert)",
        packages=("altair", "vl_convert"),
        extra="charts",
    )
    Options: ClassVar[type] = Options

    def check(self) -> None:
        check_packages(self.info)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `CannotConvert` if the table does not hold what the request wants drawn."""
        self.check()
        watch = watch or Watch()
        chosen = read_options(Options, options, self.info.name)
        if source.table is None:
            raise CannotConvert("There is no table to draw.", "Choose a table, or write the numbers: a: 3, b: 5.")
        plan = plan_chart(source.table, request, chosen)
        watch.step(0.1, "drawing")
        made = render(plan, chosen.width, chosen.height)
        return replace(made, facts={**made.facts, "request": request, "options": dict(options)})


def render(plan: ChartPlan, width: int, height: int) -> Medium:
    """The plan as PNG, SVG and Vega-Lite spec; `width` and `height` are those of the plot, in pixels."""
    import vl_convert

    from generators.charts.draw import spec_of

    spec = json.dumps(spec_of(plan, width, height))
    png = vl_convert.vegalite_to_png(spec, scale=SCALE)
    svg = vl_convert.vegalite_to_svg(spec)
    points = [{key: value for key, value in asdict(point).items() if value is not None} for point in plan.points]
    return Medium(
        "image",
        text=described(plan),
        data=png,
        mime="image/png",
        others={"image/svg+xml": svg.encode(), SPEC: spec.encode()},
        facts={
            "converter": "chart",
            "chart": plan.kind,
            "headline": headline(plan),
            "points": points,
            "left_out": list(plan.left_out),
        },
    )


def described(plan: ChartPlan) -> str:
    """The chart in words, for those who do not see it: what it is of, and its first numbers."""
    several = len(plan.series) > 1
    years = all(is_time(f"{point.value:.10g}") for point in plan.points)
    numbers = [f"{point.value:{'' if years else ','}.10g}" for point in plan.points[:SAID]]
    names = [f"{point.label}{f', {point.series}' if several else ''}" for point in plan.points[:SAID]]
    said = [f"{name} {number}" for name, number in zip(names, numbers, strict=True)]
    more = f"; and {len(plan.points) - SAID} more" if len(plan.points) > SAID else ""
    title = f"{plan.title.rstrip('.')}. " if plan.title else ""
    return f"{title}{headline(plan)}: {'; '.join(said)}{more}."


def headline(plan: ChartPlan) -> str:
    """What is drawn, and along what: "Bar chart of Diameter (km) by Planet"."""
    of = f" of {plan.y_title}" if plan.y_title else ""
    by = f" by {plan.x_title}" if plan.x_title else ""
    return f"{plan.kind.capitalize()} chart{of}{by}"
