"""The figures of answers as Markdown, with a curve of risk and coverage for each set."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from evals.answers.asking import OTHER, Result
from evals.answers.summary import MEASURES, Section, sections
from evals.markdown import grid, shown
from evals.plots import lines

HOW = "In brackets: 95 % Wilson intervals. What each figure means, and how they were made: [answers.md](answers.md)."
OUTCOMES = "outcomes.jsonl"


def markdown(results: Sequence[Result]) -> str:
    parts = ["# Answers", HOW]
    for name in dict.fromkeys(one.set for one in results):
        parts.append(f"## {name}")
        for one in sections([result for result in results if result.set == name]):
            parts += [f"### {one.scope[0].upper()}{one.scope[1:]}", *_section(one)]
    return "\n\n".join(parts) + "\n"


def write(results: Sequence[Result], folder: Path) -> list[Path]:
    """`report.md`, the figures as `report.json`, every answer in `outcomes.jsonl`, and a plot for each set.

    Where `folder` is a name that ends in ".md", the Markdown alone.
    """
    if folder.suffix == ".md":
        folder.write_text(markdown(results), encoding="utf-8")
        return [folder]
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in results)
    texts = {"report.md": markdown(results), "report.json": as_json(results), OUTCOMES: outcomes}
    for name, text in (texts | plots(results)).items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def as_json(results: Sequence[Result]) -> str:
    return json.dumps([asdict(section) for section in sections(results)], indent=1)


def plots(results: Sequence[Result]) -> dict[str, str]:
    """SVG by file name, for the sets in which answers say how sure they are."""
    found = [one for one in sections(results) if len(one.curve) > 1]
    return {
        f"risk-and-coverage-{name}.svg": lines(
            f"Share of answers that are wrong, {name}",
            "share of questions answered",
            {one.scope: one.curve for one in found if one.set == name},
        )
        for name in dict.fromkeys(one.set for one in found)
    }


def _section(one: Section) -> list[str]:
    rows = [
        [kind, str(kept.count), *(shown(kept.shares[measure]) for measure in MEASURES)]
        for kind, kept in one.slices.items()
        if kept.count
    ]
    parts = [grid(["questions", "count", *MEASURES], rows)] if rows and one.scope != OTHER else []
    refused = "; ".join(f"{kind} refused {shown(share)} of {count}" for kind, (count, share) in one.refused.items())
    cites = f" Answers that cite a right page: {shown(one.cites)}." if one.cites else ""
    unjudged = f" {one.unjudged} answers in prose are not judged." if one.unjudged else ""
    parts.append(f"{refused[0].upper()}{refused[1:]}.{cites}{unjudged}")
    if one.curve and one.scope != OTHER:
        parts.append(_curve(one.curve))
    parts.append(
        f"Words of an answer (median): {one.words:.0f}. CPU s a question: {one.cpu[0]:.2f}, p95 {one.cpu[1]:.2f}."
    )
    return parts


def _curve(curve: Sequence[tuple[float, float]]) -> str:
    end, risk = curve[-1]
    marks = [0.1, 0.25, 0.5, 0.75] if len(curve) > 1 else []
    points = [max((point for point in curve if point[0] <= mark), default=None) for mark in marks if mark < end]
    said = [f"{wrong:.2f} of the surest {100 * share:.0f} %" for share, wrong in filter(None, points)]
    return f"Wrong among the answers: {', '.join([*said, f'{risk:.2f} of the {100 * end:.0f} % that are answered'])}."
