"""The PDF report: text layer, ruled and borderless tables, vector charts, embedded pictures, running heads."""

from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab.platypus import Flowable, NextPageTemplate, PageBreak, Paragraph, TableStyle

from . import charts, facts, pictures
from .facts import PLANET, PLANETS, number
from .manifest import Manifest
from .report_layout import BODY, CELL, HEADING, NAME, SUBHEADING, Report, figure, table, with_caption


def _glance(rocky: Path) -> list[Flowable]:
    head = ["Planet", "Diameter\n(km)", "Mass\n(10^24 kg)", "Distance from\nthe Sun (10^6 km)", "Distance\n(AU)"]
    head += ["Orbital period\n(days)", "Known\nmoons", "Mean temp.\n(°C)"]
    rows = [
        [p.name, number(p.diameter), number(p.mass), number(p.distance), f"{p.au:.2f}", number(p.year)] for p in PLANETS
    ]
    rows = [[*row, p.moons, p.temperature] for row, p in zip(rows, PLANETS, strict=True)]
    return [
        Paragraph("1. The planets at a glance", HEADING),
        Paragraph(
            "Eight planets circle the Sun. The inner four are small and rocky; the outer four are giants of gas and "
            "ice. Table 1 sets their main figures side by side, and every chart in this report is drawn from the same "
            f"values. Diameters are measured at the equator. Moon counts are those of {facts.MOONS_COUNTED}: more have "
            "been announced since, above all around Saturn.",
            BODY,
        ),
        with_caption(table([head, *rows], "grid"), "Table 1: Main facts of the eight planets.", "text"),
        Paragraph("The rocky planets", SUBHEADING),
        Paragraph(
            f"Earth is the largest of the rocky planets, with {number(PLANET['Earth'].diameter)} km, and Venus falls "
            f"short of it by only {PLANET['Earth'].diameter - PLANET['Venus'].diameter} km. Mars is about half as wide "
            "as the Earth, and Mercury is the smallest planet of all. Figure 1 draws them, with our Moon, to one "
            "scale.",
            BODY,
        ),
        figure(rocky, "Figure 1: The four rocky planets and the Moon, drawn to the same scale."),
    ]


def _orbits() -> list[Flowable]:
    head = ["Planet", "Perihelion (10^6 km)", "Aphelion (10^6 km)", "Eccentricity"]
    rows = [[p.name, number(p.perihelion), number(p.aphelion), f"{p.eccentricity:.3f}"] for p in PLANETS]
    return [
        PageBreak(),
        Paragraph("2. Orbits", HEADING),
        Paragraph(
            "The farther a planet is from the Sun, the longer its year, and the relation is exact: the square of the "
            "period grows with the cube of the distance. This is Kepler's third law. With both axes logarithmic it "
            f"becomes a straight line, as Figure 2 shows. Mercury needs {PLANET['Mercury'].year:.0f} days an orbit, "
            f"Neptune {number(PLANET['Neptune'].year)} days, close to 164 years.",
            BODY,
        ),
        with_caption(
            charts.distance_and_year(), "Figure 2: Orbital period against mean distance from the Sun.", "vector"
        ),
        Paragraph(
            "No orbit is a perfect circle. Eccentricity measures how far it departs from one: 0 is a circle, values "
            "towards 1 are long ellipses. According to Table 2 Mercury has the most eccentric orbit and Venus the "
            "roundest. Perihelion is the point nearest to the Sun, aphelion the farthest from it. Mars is "
            f"{PLANET['Mars'].aphelion - PLANET['Mars'].perihelion:.1f} million km farther out at aphelion than at "
            "perihelion, which makes its southern summers short and warm.",
            BODY,
        ),
        with_caption(
            table([head, *rows], "lines", [90, 120, 120, 90]), "Table 2: Shape of the planets' orbits.", "text"
        ),
    ]


def _bulk() -> list[Flowable]:
    total = sum(planet.mass for planet in PLANETS)
    return [
        PageBreak(),
        Paragraph("3. Mass and density", HEADING),
        Paragraph(
            f"Jupiter alone holds {PLANET['Jupiter'].mass / total:.1%} of the mass of all planets, and Saturn another "
            f"{PLANET['Saturn'].mass / total:.1%}. The four rocky planets together come to less than half of one "
            "percent. Figure 3 shows the shares.",
            BODY,
        ),
        with_caption(charts.mass_shares(), "Figure 3: Shares of the total mass of the planets.", "vector"),
        Paragraph("Saturn would float", SUBHEADING),
        Paragraph(
            f"Density tells what a planet is made of. Earth is the densest planet, at {PLANET['Earth'].density} kg/m3, "
            f"because of its iron core. Saturn, at {PLANET['Saturn'].density} kg/m3, is less dense than water and the "
            "lightest planet for its size. The dashed line in Figure 4 marks water.",
            BODY,
        ),
        with_caption(charts.densities(), "Figure 4: Mean density of the planets, with water for comparison.", "vector"),
    ]


def _rotation() -> list[Flowable]:
    head = ["Planet", "Rotation (hours)", "Axial tilt (degrees)", "Gravity (m/s2)", "Escape velocity (km/s)"]
    rows = [[p.name, number(p.day), number(p.tilt), number(p.gravity), number(p.escape)] for p in PLANETS]
    return [
        PageBreak(),
        Paragraph("4. Rotation and gravity", HEADING),
        Paragraph(
            "The giants spin fast: Jupiter turns once in "
            f"{PLANET['Jupiter'].day} hours, faster than any other planet. Venus and Uranus turn backwards, which "
            "Table 3 marks with a minus sign; Venus takes longer for one turn than for one orbit. Uranus lies on its "
            f"side, its axis tilted by {PLANET['Uranus'].tilt} degrees, so that each pole has decades of day and "
            "decades of night.",
            BODY,
        ),
        with_caption(table([head, *rows], "none"), "Table 3: Rotation, tilt and gravity of the planets.", "text"),
        Paragraph(
            f"At the cloud tops of Jupiter gravity is {PLANET['Jupiter'].gravity} m/s2, more than twice that of the "
            f"Earth, and a rocket would need {PLANET['Jupiter'].escape} km/s to leave for good. Mercury and Mars share "
            f"the weakest gravity, {PLANET['Mars'].gravity} m/s2: a person of 75 kg would weigh there what 28 kg weigh "
            "on the Earth. Gravity and warmth decide together what air a planet can keep: light gases escape small, "
            "warm worlds and stay on large, cold ones.",
            BODY,
        ),
    ]


def _climate() -> list[Flowable]:
    rows = [["Planet", "Main gases by volume"], *([p.name, Paragraph(p.air, CELL)] for p in PLANETS)]
    air = table(rows, "grid", [90, 290])
    air.setStyle(TableStyle([("ALIGN", (1, 0), (1, -1), "LEFT")]))
    return [
        PageBreak(),
        Paragraph("5. Air and temperature", HEADING),
        Paragraph(
            f"Venus is the hottest planet, with a mean of {PLANET['Venus'].temperature} °C, although Mercury is nearer "
            "to the Sun: its thick air of carbon dioxide holds the heat in, a runaway greenhouse effect. Mars has the "
            f"same gas but far too little of it, and stays at {PLANET['Mars'].temperature} °C. Figure 5 compares the "
            "means; for the giants they are taken where the pressure equals one bar.",
            BODY,
        ),
        with_caption(charts.temperatures(), "Figure 5: Mean temperature of the planets.", "vector"),
        Paragraph(
            "The rocky planets made their air from gases let out by volcanoes; the giants kept the hydrogen and helium "
            "they were born with. Methane gives Uranus and Neptune their blue. Table 4 lists the main gases.",
            BODY,
        ),
        with_caption(air, "Table 4: What the atmospheres are made of.", "text"),
    ]


def _rings(cut: Path) -> list[Flowable]:
    gap = next(ring for ring in facts.RINGS if ring.name == "Cassini Division")
    head = ["Ring", "Inner edge (km)", "Outer edge (km)", "Width (km)"]
    rows = [[ring.name, number(ring.inner), number(ring.outer), number(ring.width)] for ring in facts.RINGS]
    return [
        PageBreak(),
        Paragraph("6. The rings of Saturn", HEADING),
        Paragraph(
            "All four giants have rings, but only Saturn's shows in a small telescope. They are made of countless "
            "pieces of water ice, from dust to the size of a house. Figure 6 is a cut through the main rings, from the "
            "cloud tops on the left to the outer edge of the A ring on the right.",
            BODY,
        ),
        figure(cut, "Figure 6: A cut through the main rings of Saturn, at their true distances."),
        Paragraph(
            f"The B ring is the brightest and the widest. Between it and the A ring is the Cassini Division, a gap of "
            f"{number(gap.width)} km that Giovanni Domenico Cassini saw in 1675. It is not quite empty. The edges in "
            "Table 5 are counted from the centre of the planet.",
            BODY,
        ),
        with_caption(table([head, *rows], "none", [110, 100, 100, 90]), "Table 5: The main rings of Saturn.", "text"),
        Paragraph("About the numbers", SUBHEADING),
        Paragraph(
            "All values follow the planetary fact sheets kept by the NASA Space Science Data Coordinated Archive at "
            "Goddard Space Flight Center, rounded as they are there. One astronomical unit (AU) is taken as "
            f"{facts.AU} million km.",
            BODY,
        ),
    ]


def make(folder: Path, manifest: Manifest) -> None:
    report = Report(folder / NAME, manifest)
    with TemporaryDirectory() as name:
        rocky, cut = Path(name) / "rocky.png", Path(name) / "rings.png"
        pictures.rocky_worlds(rocky)
        pictures.ring_cut(cut)
        story = [NextPageTemplate("body"), PageBreak(), *_glance(rocky), *_orbits(), *_bulk(), *_rotation()]
        report.build([*story, *_climate(), *_rings(cut)])
    manifest.document(NAME, report.page)
