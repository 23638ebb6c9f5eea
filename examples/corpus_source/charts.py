"""Vector charts of the report, drawn with reportlab's own graphics."""

from math import log10

from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.piecharts import Pie
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor, white

from . import facts
from .pictures import ACCENT, COLOURS, INK, PALE

NAMES = [planet.name for planet in facts.PLANETS]
SIZE = 7.5


def _text(
    x: float, y: float, words: str, anchor: str = "middle", size: float = SIZE, font: str = "Helvetica"
) -> String:
    return String(x, y, words, textAnchor=anchor, fontSize=size, fontName=font, fillColor=HexColor(INK))


def _turned(drawing: Drawing, x: float, y: float, words: str) -> None:
    """An axis title that reads upwards."""
    group = Group(_text(0, 0, words, size=8.5))
    group.translate(x, y)
    group.rotate(90)
    drawing.add(group)


def distance_and_year(width: float = 440, height: float = 215) -> Drawing:
    """Orbital period against distance from the Sun, both axes logarithmic: Kepler's third law as a straight line."""
    drawing = Drawing(width, height)
    left, bottom, right, top = 62, 40, width - 20, height - 8

    def x(au: float) -> float:
        return left + (log10(au) - log10(0.3)) / (log10(40) - log10(0.3)) * (right - left)

    def y(days: float) -> float:
        return bottom + (log10(days) - log10(50)) / (log10(100_000) - log10(50)) * (top - bottom)

    for au in (0.5, 1, 2, 5, 10, 20, 30):
        drawing.add(Line(x(au), bottom, x(au), top, strokeColor=HexColor(PALE)))
        drawing.add(_text(x(au), bottom - 12, f"{au:g}"))
    for days in (100, 1000, 10_000, 100_000):
        drawing.add(Line(left, y(days), right, y(days), strokeColor=HexColor(PALE)))
        drawing.add(_text(left - 5, y(days) - 3, f"{days:,}", "end"))
    drawing.add(Rect(left, bottom, right - left, top - bottom, fillColor=None, strokeColor=HexColor("#9aa5bd")))
    points = [(x(planet.au), y(planet.year)) for planet in facts.PLANETS]
    drawing.add(
        PolyLine([edge for point in points for edge in point], strokeColor=HexColor("#9aa5bd"), strokeWidth=1.4)
    )
    for (px, py), planet in zip(points, facts.PLANETS, strict=True):
        drawing.add(Circle(px, py, 4.5, fillColor=HexColor(COLOURS[planet.name]), strokeColor=white))
        outer = planet.name in ("Uranus", "Neptune")
        drawing.add(
            _text(px + (-8 if outer else 8), py + (3 if outer else -8), planet.name, "end" if outer else "start")
        )
    drawing.add(_text((left + right) / 2, 8, "Mean distance from the Sun (AU, logarithmic)", size=8.5))
    _turned(drawing, 14, (bottom + top) / 2, "Orbital period (days, logarithmic)")
    return drawing


def mass_shares(width: float = 440, height: float = 170) -> Drawing:
    """Each planet's share of the planets' total mass; the small ones joined."""
    drawing = Drawing(width, height)
    total = sum(planet.mass for planet in facts.PLANETS)
    large = [planet for planet in facts.PLANETS if planet.mass / total > 0.02]
    shares = [(planet.name, planet.mass / total * 100, COLOURS[planet.name]) for planet in large]
    shares.append(("Four rocky planets", 100 - sum(share for _, share, _ in shares), COLOURS["Mars"]))
    pie = Pie()
    pie.x, pie.y, pie.width, pie.height = 70, 12, height - 24, height - 24
    pie.data = [share for _, share, _ in shares]
    pie.innerRadiusFraction = 0.52
    pie.startAngle = 90
    pie.slices.strokeColor = white
    pie.slices.strokeWidth = 1
    pie.simpleLabels = 1
    pie.labels = None
    for index, (_, _, colour) in enumerate(shares):
        pie.slices[index].fillColor = HexColor(colour)
    drawing.add(pie)
    drawing.add(_text(70 + (height - 24) / 2, height / 2 + 1, "2,667", size=13, font="Helvetica-Bold"))
    drawing.add(_text(70 + (height - 24) / 2, height / 2 - 11, "x 10^24 kg"))
    for index, (name, share, colour) in enumerate(shares):
        y = height - 42 - index * 24
        drawing.add(Rect(262, y - 1, 11, 11, fillColor=HexColor(colour), strokeColor=None))
        drawing.add(_text(280, y + 1, name, "start", 9.5))
        drawing.add(_text(412, y + 1, f"{share:.1f}%", "end", 9.5, "Helvetica-Bold"))
    return drawing


def _style(chart: VerticalBarChart | HorizontalBarChart, values: list[float], labels: str) -> None:
    chart.data = [values]
    chart.categoryAxis.categoryNames = NAMES
    chart.categoryAxis.labels.fontSize = SIZE
    chart.categoryAxis.strokeColor = HexColor("#9aa5bd")
    chart.categoryAxis.visibleTicks = False
    chart.valueAxis.labels.fontSize = SIZE
    chart.valueAxis.strokeColor = None
    chart.valueAxis.visibleTicks = False
    chart.valueAxis.visibleGrid = True
    chart.valueAxis.gridStrokeColor = HexColor(PALE)
    chart.barLabelFormat = labels
    chart.barLabels.fontSize = SIZE
    chart.bars.strokeColor = None
    chart.barWidth, chart.groupSpacing = 10, 6
    for index, name in enumerate(NAMES):
        chart.bars[(0, index)].fillColor = HexColor(COLOURS[name])


def densities(width: float = 440, height: float = 175) -> Drawing:
    drawing = Drawing(width, height)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 60, 24, width - 120, height - 42
    _style(chart, [planet.density for planet in facts.PLANETS], "%d")
    chart.valueAxis.valueMin, chart.valueAxis.valueMax, chart.valueAxis.valueStep = 0, 6000, 1000
    chart.valueAxis.labelTextFormat = "%d"
    chart.barLabels.nudge = 7
    chart.categoryAxis.labels.dy = -2
    y = 24 + (height - 42) / 6
    drawing.add(Line(60, y, width - 56, y, strokeColor=HexColor(ACCENT), strokeDashArray=(4, 3)))
    drawing.add(_text(width - 52, y - 2.5, "water, 1000", "start", 7, "Helvetica-Oblique"))
    drawing.add(chart)
    _turned(drawing, 14, height / 2, "Mean density (kg/m3)")
    return drawing


def temperatures(width: float = 440, height: float = 190) -> Drawing:
    drawing = Drawing(width, height)
    chart = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = 66, 36, width - 90, height - 44
    _style(chart, [planet.temperature for planet in facts.PLANETS], "%d")
    chart.categoryAxis.reverseDirection = 1
    chart.categoryAxis.labelAxisMode = "low"
    chart.categoryAxis.labels.dx = -4
    chart.valueAxis.valueMin, chart.valueAxis.valueMax, chart.valueAxis.valueStep = -300, 500, 100
    chart.valueAxis.labelTextFormat = "%d"
    chart.barLabels.nudge = 11
    drawing.add(chart)
    drawing.add(_text(66 + (width - 90) / 2, 8, "Mean temperature (degrees C)", size=8.5))
    return drawing
