"""The stand-alone pictures, and those that the report, the slides and the web page embed."""

from collections.abc import Callable
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from . import facts
from .portraits import night, paste, saturn, sphere

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
INK, ACCENT, PALE = "#1f2a44", "#c8553d", "#dfe5ef"
COLOURS = {
    "Mercury": "#8b837b",
    "Venus": "#d9a94e",
    "Earth": "#2a72b8",
    "Mars": "#c1582f",
    "Jupiter": "#b07a4f",
    "Saturn": "#cfa960",
    "Uranus": "#5fb3bf",
    "Neptune": "#3a66c8",
}


def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), size)


def label(draw: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, **style: object) -> None:
    """Text with its middle at (x, y)."""
    bold = bool(style.get("bold"))
    draw.text((x, y), text, font=font(size, bold), fill=style.get("fill", "#ffffff"), anchor="mm")


def _planet(name: str, diameter: int) -> Image.Image:
    return saturn(diameter) if name == "Saturn" else sphere(name, diameter)


def solar_system_scale(path: Path) -> None:
    """All eight planets against the edge of the Sun, one scale, each with its diameter."""
    width, height, scale = 1800, 760, 0.0018  # pixels per km
    canvas = night(width, height)
    sun = sphere("Sun", round(facts.SUN_DIAMETER * scale), light=(0, 0, 1))
    paste(canvas, sun.crop((sun.width - 190, 0, sun.width, sun.height)), 95, 380)
    draw = ImageDraw.Draw(canvas)
    label(draw, width / 2 + 90, 52, "The planets and the Sun to one scale", 34, bold=True)
    label(draw, 82, 340, "Sun", 28, bold=True, fill="#5a3500")
    label(draw, 82, 380, f"{facts.SUN_DIAMETER:,}", 20, fill="#5a3500")
    label(draw, 82, 406, "km across", 20, fill="#5a3500")
    places = (270, 400, 535, 665, 885, 1265, 1575, 1705)
    for x, planet in zip(places, facts.PLANETS, strict=True):
        paste(canvas, _planet(planet.name, max(round(planet.diameter * scale), 6)), x, 350)
        low = 590
        draw.line((x, 540, x, low - 22), fill="#56648c", width=2)
        label(draw, x, low, planet.name, 23, bold=True)
        label(draw, x, low + 34, f"{planet.diameter:,} km", 19, fill="#c6d0e8")
    note = "Diameters at the equator are to scale; distances are not."
    label(draw, width / 2 + 90, height - 48, note, 20, fill="#9fb0d3")
    canvas.convert("RGB").save(path, optimize=True)


def rocky_worlds(path: Path) -> None:
    """The four rocky planets and the Moon, one scale."""
    width, height, scale = 1400, 520, 0.0235
    canvas = night(width, height, seed=3)
    draw = ImageDraw.Draw(canvas)
    bodies = [(planet.name, planet.diameter) for planet in facts.PLANETS[:4]]
    bodies.insert(3, ("Moon", facts.MOON["Moon"].diameter))
    for x, (name, diameter) in zip((110, 370, 745, 1020, 1230), bodies, strict=True):
        paste(canvas, sphere(name, round(diameter * scale)), x, 210)
        label(draw, x, 424, name, 26, bold=True)
        label(draw, x, 462, f"{diameter:,} km", 22, fill="#c6d0e8")
    canvas.convert("RGB").save(path, optimize=True)


def ring_cut(path: Path) -> None:
    """A strip cut through Saturn's rings from the cloud tops outward, edges at their true distances."""
    width, height, left, scale = 1400, 430, 60, 1280 / (140_000 - 55_000)
    canvas = night(width, height, seed=11)
    draw = ImageDraw.Draw(canvas)

    def at(km: float) -> float:
        return left + (km - 55_000) * scale

    top, bottom = 110, 300
    draw.rectangle((left, top, at(facts.SATURN_RADIUS), bottom), fill="#dcc490")
    label(draw, (left + at(facts.SATURN_RADIUS)) / 2, 84, "Saturn", 22, bold=True)
    shades = {"D ring": 46, "C ring": 104, "B ring": 214, "Cassini Division": 34, "A ring": 172}
    for ring in facts.RINGS:
        for x in range(round(at(ring.inner)), round(at(ring.outer))):  # fine ringlets
            grey = shades[ring.name] + (x * 7919 % 23) - 11
            draw.line((x, top, x, bottom), fill=(grey, int(grey * 0.92), int(grey * 0.76)))
        middle = (at(ring.inner) + at(ring.outer)) / 2
        lift = 46 if ring.name == "Cassini Division" else 84
        label(draw, middle, lift, ring.name, 22, bold=True)
    draw.line((at(119_875), 62, at(119_875), top), fill="#ffffff", width=2)
    for km in range(60_000, 140_001, 10_000):
        draw.line((at(km), bottom, at(km), bottom + 12), fill="#c6d0e8", width=2)
        label(draw, at(km), bottom + 34, f"{km:,}", 19, fill="#c6d0e8")
    label(draw, width / 2, height - 42, "Distance from the centre of Saturn (km)", 22)
    canvas.convert("RGB").save(path, optimize=True)


def moon_phases(path: Path) -> None:
    """The eight phases of the Moon as seen from the north, in order."""
    names = ("New Moon", "Waxing crescent", "First quarter", "Waxing gibbous")
    names += ("Full Moon", "Waning gibbous", "Last quarter", "Waning crescent")
    lights = ((0, -1), (0.75, -0.66), (1, 0), (0.75, 0.66), (0, 1), (-0.75, 0.66), (-1, 0), (-0.75, -0.66))
    canvas = night(1400, 760, seed=5)
    draw = ImageDraw.Draw(canvas)
    label(draw, 700, 54, "Phases of the Moon", 36, bold=True)
    for index, (name, (side, depth)) in enumerate(zip(names, lights, strict=True)):
        x, y = 200 + index % 4 * 333, 220 + index // 4 * 300
        paste(canvas, sphere("Moon", 190, light=(side, 0, depth)), x, y)
        label(draw, x, y + 128, f"{index + 1}. {name}", 23)
    note = f"Seen from the northern hemisphere. The Moon circles the Earth in {facts.MOON['Moon'].period} days."
    label(draw, 700, 722, note, 20, fill="#9fb0d3")
    canvas.convert("RGB").save(path, quality=88)


def galilean_moons(path: Path) -> None:
    """Jupiter's four large moons at one scale, with diameters."""
    canvas = night(1400, 520, seed=9)
    draw = ImageDraw.Draw(canvas)
    for x, name in zip((190, 480, 815, 1190), ("Io", "Europa", "Ganymede", "Callisto"), strict=True):
        moon = facts.MOON[name]
        paste(canvas, sphere(name, round(moon.diameter * 0.062)), x, 210)
        label(draw, x, 424, name, 28, bold=True)
        label(draw, x, 462, f"{moon.diameter:,} km", 23, fill="#c6d0e8")
    canvas.convert("RGB").save(path, optimize=True)


def apparent_sizes(path: Path) -> None:
    """Discs of the planets at their largest, as one telescope shows them."""
    canvas = night(1400, 460, seed=13)
    draw = ImageDraw.Draw(canvas)
    for x, (name, size) in zip((115, 350, 590, 820, 1040, 1210, 1325), facts.APPARENT_SIZE.items(), strict=True):
        paste(canvas, sphere(name, round(size * 3.9)), x, 190)
        label(draw, x, 364, name, 22, bold=True)
        label(draw, x, 400, f'{size}"', 22, fill="#c6d0e8")
    canvas.convert("RGB").save(path, optimize=True)


def _save(path: Path) -> None:
    plt.gcf().get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr]
    plt.savefig(path, dpi=130, metadata={"Software": None})
    plt.close()


def _bare_axes(width: float, height: float) -> plt.Axes:
    _, axes = plt.subplots(figsize=(width, height), layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=11)
    return axes


def mars_temperatures(path: Path) -> None:
    axes = _bare_axes(9.2, 4.6)
    names, values = zip(*reversed(facts.MARS_TEMPERATURES), strict=True)
    bars = axes.barh(names, values, color=[ACCENT if value > 0 else "#4a78b5" for value in values], height=0.62)
    axes.bar_label(bars, [f"{value} °C" for value in values], padding=5, fontsize=11, color=INK)
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_xlim(-185, 60)
    axes.set_xlabel("Temperature (°C)", fontsize=12, color=INK)
    axes.set_ylabel("Place and time", fontsize=12, color=INK)
    axes.set_title("How cold is Mars? Temperatures at the surface", fontsize=14, color=INK, weight="bold")
    axes.grid(axis="x", color=PALE)
    axes.set_axisbelow(True)
    _save(path)


def voyager_timeline(path: Path) -> None:
    """Distance from the Sun of each planet against the year in which Voyager 2 passed it."""
    axes = _bare_axes(9.2, 4.6)
    passed = [("Earth", facts.event("Voyager 2", "Launch"))]
    passed += [(name, facts.event("Voyager 2", f"to {name}")) for name in ("Jupiter", "Saturn", "Uranus", "Neptune")]
    years = [event.year for _, event in passed]
    distances = [facts.PLANET[name].au for name, _ in passed]
    axes.plot(years, distances, color="#4a78b5", linewidth=2, zorder=1)
    axes.scatter(years, distances, s=170, color=[COLOURS[name] for name, _ in passed], edgecolor="white", zorder=2)
    for (name, event), year, distance in zip(passed, years, distances, strict=True):
        text = f"{name}\n{event.date}"
        axes.annotate(text, (year, distance), (12, -8), textcoords="offset points", va="top", fontsize=11, color=INK)
    axes.set(xlim=(1976, 1993), ylim=(-4, 33))
    axes.set_xlabel("Year", fontsize=12, color=INK)
    axes.set_ylabel("Distance from the Sun (AU)", fontsize=12, color=INK)
    axes.set_title("Voyager 2: one launch, four giant planets", fontsize=14, color=INK, weight="bold")
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    _save(path)


def _phrase(what: str) -> str:
    short = what.split(":", maxsplit=1)[0]
    return short if short.startswith("Eagle") else short[0].lower() + short[1:]


def mission_timeline(path: Path) -> None:
    """The arrivals of facts.EVENTS along the years, the Voyagers apart."""
    axes = _bare_axes(9.2, 4.8)
    firsts = [event for event in facts.EVENTS if "Launch" not in event.what and event.craft[:7] != "Voyager"]
    places = range(len(firsts), 0, -1)
    axes.hlines(places, 1960, [event.year for event in firsts], color=PALE, linewidth=2)
    axes.scatter([event.year for event in firsts], places, color=ACCENT, s=70, zorder=2)
    for place, event in zip(places, firsts, strict=True):
        axes.text(event.year + 0.9, place, str(event.year), va="center", fontsize=10, color=INK)
    axes.set_yticks(list(places), [f"{event.craft}: {_phrase(event.what)}" for event in firsts])
    axes.tick_params(axis="y", length=0, labelsize=10)
    axes.set_xlim(1960, 2027)
    axes.set_xlabel("Year", fontsize=12, color=INK)
    _save(path)


# Path below the corpus folder -> who draws it.
PICTURES: dict[str, Callable[[Path], None]] = {
    "solar-system-scale.png": solar_system_scale,
    "mars-temperature-chart.png": mars_temperatures,
    "moon-phases.jpg": moon_phases,
    "images/voyager-2-route.png": voyager_timeline,
    "images/mission-timeline.png": mission_timeline,
    "images/apparent-sizes.png": apparent_sizes,
}
