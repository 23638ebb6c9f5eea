"""Plain SVG plots for reports: bars with intervals, and lines. Values lie in 0..1."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 280, 48, 34, 40
COLOURS = ("#9aa5b1", "#6baed6", "#3182bd", "#e6550d", "#31a354", "#756bb1")  # one a series, told apart in grey too
Point = tuple[float, float]
Bar = tuple[float, float, float]  # value, low, high


def bars(title: str, groups: Sequence[str], series: Mapping[str, Sequence[Bar]]) -> str:
    """One bar for each series in each group, its interval as a thin line."""
    width = (WIDTH - LEFT) / len(groups)
    each = width * 0.8 / len(series)
    drawn = []
    for place, (name, values) in enumerate(series.items()):
        for group, (value, low, high) in enumerate(values):
            x = LEFT + group * width + width * 0.1 + place * each
            drawn.append(
                f'<rect x="{x:.1f}" y="{_y(value):.1f}" width="{each * 0.9:.1f}" '
                f'height="{_y(0) - _y(value):.1f}" fill="{_colour(place)}"><title>{escape(name)}: {value:.2f} '
                f"({low:.2f} to {high:.2f})</title></rect>"
            )
            middle = x + each * 0.45
            drawn.append(_line([(middle, _y(low)), (middle, _y(high))], "#333", 1))
    labels = [
        f'<text x="{LEFT + (group + 0.5) * width:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
        f"{escape(name)}</text>"
        for group, name in enumerate(groups)
    ]
    return _svg(title, list(series), drawn + labels)


def lines(title: str, across: str, series: Mapping[str, Sequence[Point]]) -> str:
    """One line a series over x in 0..1, which `across` names."""
    drawn = [
        _line([(LEFT + x * (WIDTH - LEFT - 10), _y(y)) for x, y in points], _colour(place), 2)
        for place, points in enumerate(series.values())
    ]
    ticks = [
        f'<text x="{LEFT + x * (WIDTH - LEFT - 10):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>'
        for x in (0, 0.25, 0.5, 0.75, 1)
    ]
    name = f'<text x="{(LEFT + WIDTH) / 2:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>'
    return _svg(title, list(series), [*drawn, *ticks, name])


def _svg(title: str, names: Sequence[str], drawn: Sequence[str]) -> str:
    grid = [
        _line([(LEFT, _y(value)), (WIDTH, _y(value))], "#ddd", 1)
        + f'<text x="{LEFT - 6}" y="{_y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        for value in (0, 0.25, 0.5, 0.75, 1)
    ]
    step = (WIDTH - LEFT) / len(names)
    legend = [
        f'<rect x="{LEFT + place * step:.1f}" y="8" width="10" height="10" fill="{_colour(place)}"/>'
        f'<text x="{LEFT + place * step + 15:.1f}" y="17">{escape(name)}</text>'
        for place, name in enumerate(names)
    ]
    inside = "".join([*grid, *drawn, *legend])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{inside}</svg>'
    )


def _line(points: Sequence[Point], colour: str, width: int) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _y(value: float) -> float:
    return TOP + (1 - value) * (HEIGHT - TOP - BOTTOM)


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]
