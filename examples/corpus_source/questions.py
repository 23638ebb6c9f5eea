"""Example questions for the chat page, each with where its answer stands; answers come from the facts."""

import json
from pathlib import Path

from .facts import APPARENT_SIZE, LANDINGS, MARS_TEMPERATURES, MOON, PLANET, RINGS, event, number

# question, kind, document, pages, a string the answer holds
QUESTIONS: tuple[tuple[str, str, str, tuple[int, ...], str], ...] = (
    ("Why is Venus hotter than Mercury?", "text", "planets-report.pdf", (6,), str(PLANET["Venus"].temperature)),
    ("What is the orbital period of Neptune in days?", "table", "planets-report.pdf", (2, 3), number(59800)),
    ("Show the cut through the rings of Saturn.", "figure", "planets-report.pdf", (7,), RINGS[3].name),
    ("How many kilograms of samples did Apollo 17 bring back?", "scan", "mission-log-scan.pdf", (3,),
     str(LANDINGS[-1].samples)),
    ("When did Voyager 2 make its closest approach to Neptune?", "scan", "mission-log-scan.pdf", (1,),
     event("Voyager 2", "Neptune").date),
    ("Which moon throws jets of water ice into space, and how wide is it?", "slide", "moons-slides.pptx", (6,),
     str(MOON["Enceladus"].diameter)),
    ("When did Mariner 2 fly past Venus?", "html", "exploration.html", (1,), event("Mariner 2", "Venus").date),
    ("How large does Venus look at its best, in arcseconds?", "markdown", "observing-guide.md", (1,),
     str(APPARENT_SIZE["Venus"])),
    ("How cold does it get at the winter pole of Mars?", "picture", "mars-temperature-chart.png", (1,),
     str(MARS_TEMPERATURES[-1][1])),
    ("What did the James Webb Space Telescope cost?", "unanswerable", "", (), ""),
)  # fmt: skip


def write(path: Path) -> None:
    keys = ("question", "kind", "document", "pages", "answer")
    rows = [dict(zip(keys, row, strict=True)) for row in QUESTIONS]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
