"""The web page, the Markdown guide, the CSV and the stand-alone pictures."""

import csv
from dataclasses import asdict
from pathlib import Path

from .facts import APPARENT_SIZE, EVENTS, MOON, PLANETS, SEEN_WITH, event
from .manifest import Manifest
from .pictures import PICTURES

ROUTE = "Figure 1: Voyager 2 passed all four giant planets between 1979 and 1989."
TIMELINE = "Figure 2: First visits and long stays, in order of their dates."
MILESTONES = "Table 1: Milestones of planetary exploration (dates in UTC)."
SIZES = "Figure 1: The planets at their largest as seen from the Earth, in arcseconds."
STYLE = (
    "body{font:17px/1.6 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1f2a44}"
    "h1,h2{font-family:Helvetica,Arial,sans-serif;line-height:1.2}h2{color:#c8553d}figure{margin:2rem 0}"
    "img{max-width:100%}figcaption,caption{font-style:italic;padding:.4rem}table{border-collapse:collapse}"
    "td,th{border-bottom:1px solid #c5cddd;padding:.35rem .8rem;text-align:left}"
)


def _html() -> str:
    rows = "\n".join(f"<tr><td>{e.date}</td><td>{e.craft}</td><td>{e.what}</td></tr>" for e in EVENTS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Exploring the Planets</title><style>{STYLE}</style></head>
<body>
<h1>Exploring the Planets</h1>
<p>Spacecraft have passed, circled or landed on every planet. The first to reach another one was Mariner 2, which flew
past Venus on {event("Mariner 2", "Venus").date}.</p>
<h2>The grand tour</h2>
<p>Once in about 175 years the four giant planets line up so that one craft can pass them all. Voyager 2 used the
chance: it is still the only one to have visited Uranus, on {event("Voyager 2", "Uranus").date}, and Neptune, on
{event("Voyager 2", "Neptune").date}.</p>
<figure><img src="images/voyager-2-route.png" alt="Line chart of distance from the Sun against year for Voyager 2">
<figcaption>{ROUTE}</figcaption></figure>
<h2>Staying longer</h2>
<p>After the flybys came orbiters and landers. Cassini circled Saturn from {event("Cassini", "orbit").date} until it was
steered into the planet on {event("Cassini", "Ends").date}, and its companion Huygens made the most distant landing so
far, on Titan.</p>
<figure><img src="images/mission-timeline.png" alt="Timeline of planetary missions from 1962 to 2021">
<figcaption>{TIMELINE}</figcaption></figure>
<h2>Milestones</h2>
<table>
<caption>{MILESTONES}</caption>
<thead><tr><th>Date</th><th>Craft</th><th>Event</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def _markdown() -> str:
    rows = "\n".join(
        f"| {name} | {APPARENT_SIZE[name]} | {means} | {note} |" for name, (means, note) in SEEN_WITH.items()
    )
    return f"""# Observing Guide

How to find the planets from a garden, with little or no equipment.

## What to bring

- A red lamp: white light spoils night vision for about twenty minutes.
- Binoculars, 7x50 or 10x50, best on a tripod.
- A small telescope, 60 mm or more, for rings and phases.

## How large the planets look

Sizes are given in arcseconds; the full Moon measures about 1,800. Venus looks largest, {APPARENT_SIZE["Venus"]}
arcseconds at its best, and Neptune is never more than {APPARENT_SIZE["Neptune"]}.

![{SIZES}](images/apparent-sizes.png)

## Planet by planet

| Planet | Largest size (arcsec) | Seen with | What to look for |
|---|---:|---|---|
{rows}

## The Moon

The Moon circles the Earth in {MOON["Moon"].period} days, but its phases repeat every 29.5 days, because the Earth
moves on around the Sun meanwhile. Craters stand out best along the line between light and dark, near first quarter.

1. Start two days after new Moon, low in the west after sunset.
2. Come back each evening: the Moon sets about fifty minutes later every day.
"""


def make(folder: Path, manifest: Manifest) -> None:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        draw(folder / name)
        if "/" not in name:
            manifest.document(name, 1)
            manifest.figure(name, 1, "raster", "")
    (folder / "exploration.html").write_text(_html(), encoding="utf-8")
    manifest.document("exploration.html", 1)
    manifest.figure("exploration.html", 1, "raster", ROUTE)
    manifest.figure("exploration.html", 1, "raster", TIMELINE)
    manifest.table("exploration.html", 1, MILESTONES)
    (folder / "observing-guide.md").write_text(_markdown(), encoding="utf-8")
    manifest.document("observing-guide.md", 1)
    manifest.figure("observing-guide.md", 1, "raster", SIZES)
    manifest.table("observing-guide.md", 1, "")
    with (folder / "planets.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(asdict(PLANETS[0])), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(planet) for planet in PLANETS)
    manifest.document("planets.csv", 1)
    manifest.table("planets.csv", 1, "")
