"""A `Summary` as Markdown, and as one HTML file that needs nothing beside it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from pathlib import Path

from evals.markdown import grid, shown
from evals.metrics import CUTS, Estimate
from evals.plots import bars, lines
from evals.retrieval.summary import Abstention, Scope, Summary, wrong_at

HOW = (
    "@k: share of questions with a right page (or document) among the first k pages. In brackets: 95 % of 2,000 "
    "bootstrap resamples of the questions."
)
STYLE = "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}"
CELLS = "td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;font-variant-numeric:tabular-nums}"


def markdown(summary: Summary, plotted: bool = True) -> str:
    """Tables, and a link to each of `plots` where `plotted`."""
    link = _link if plotted else lambda name: ""
    counts = ", ".join(f"{count} {name}" for name, count in summary.questions.items())
    parts = [f"# Retrieval from the corpus {summary.corpus}", f"{counts}. {HOW}", _listed(summary)]
    for name, one in summary.scopes.items():
        parts += [f"## Pages, {name} ({one.counts['all']} questions)", link(f"pages, {name}"), _pages(one)]
        if len(one.counts) > 1:
            parts += ["By the kind of evidence, @1 / @5 / @10:", _slices(one)]
        if one.needs:
            parts += ["What finds the right page, and what is lost without it:", _needs(one)]
    if summary.documents:
        parts += ["## Documents", _table("ranked by", summary.documents)]
    if any(summary.abstention.values()):
        parts.append("## Knowing when there is no answer")
        for name, arms in summary.abstention.items():
            parts += [f"Asked of {name}:", link(f"risk and coverage, {name}"), _abstention(arms)] if arms else []
    if summary.seconds:
        parts += ["## Time for one question", _seconds(summary)]
    return "\n\n".join(part for part in parts if part) + "\n"


def plots(summary: Summary) -> dict[str, str]:
    """SVG by name."""
    drawn = {}
    for name, one in summary.scopes.items():
        series = {arm: [_bar(found[f"@{cut}"]) for cut in CUTS] for arm, found in one.pages["all"].items()}
        drawn[f"pages, {name}"] = bars(f"Right page among the first k, {name}", [f"@{cut}" for cut in CUTS], series)
    for name, arms in summary.abstention.items():
        if arms:
            curves = {arm: one.curve for arm, one in arms.items()}
            title = f"Share of wrong answers, {name}"
            drawn[f"risk and coverage, {name}"] = lines(title, "share of questions answered", curves)
    return drawn


def html(summary: Summary) -> str:
    from markdown_it import MarkdownIt

    body = MarkdownIt().enable("table").render(markdown(summary))
    for name, drawn in plots(summary).items():
        body = body.replace(f'<img src="{_file(name)}" alt="{escape(name)}" />', drawn)
    title = escape(f"Retrieval from {summary.corpus}")
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}{CELLS}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}</body></html>\n'


def write(summary: Summary, folder: Path) -> list[Path]:
    """`report.md` with its plots, `report.html` by itself, and the figures as `report.json`.

    Where `folder` is a name that ends in ".md", the Markdown alone, without plots.
    """
    if folder.suffix == ".md":
        folder.write_text(markdown(summary, plotted=False), encoding="utf-8")
        return [folder]
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"report.md": markdown(summary), "report.html": html(summary), "report.json": as_json(summary)}
    for name, text in (texts | {_file(name): drawn for name, drawn in plots(summary).items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def as_json(summary: Summary) -> str:
    return json.dumps(asdict(summary), indent=1)


def _listed(summary: Summary) -> str:
    return "\n".join(f"- {arm}: {what}" for arm, what in summary.arms.items())


def _pages(one: Scope) -> str:
    gains = {arm: _signed(gain) for arm, gain in one.gains.items()}
    return _table("ranked by", one.pages["all"], ("@1 against the row above", gains))


def _table(
    first: str, rows: Mapping[str, Mapping[str, Estimate]], more: tuple[str, Mapping[str, str]] | None = None
) -> str:
    header = [first, *next(iter(rows.values())), *([more[0]] if more else [])]
    cells = [
        [arm, *map(shown, found.values()), *([more[1].get(arm, "")] if more else [])] for arm, found in rows.items()
    ]
    return grid(header, cells)


def _slices(one: Scope) -> str:
    arms = list(one.pages["all"])
    rows = [
        [f"{name} only", str(one.counts[name])]
        + [" / ".join(f"{by_arm[arm][f'@{cut}'].value:.2f}" for cut in CUTS) for arm in arms]
        for name, by_arm in one.pages.items()
        if name != "all"
    ]
    return grid(["evidence", "questions", *arms], rows)


def _needs(one: Scope) -> str:
    header = ["part of the index", "right page in its own first ten", *(f"lost @{cut}" for cut in CUTS)]
    rows = [[need.part, f"{need.found:.2f}", *(f"{lost:+.2f}" for lost in need.lost)] for need in one.needs]
    return grid(header, rows)


def _abstention(arms: Mapping[str, Abstention]) -> str:
    rows = [
        [arm, shown(one.auroc), *(f"{wrong_at(one.curve, share):.2f}" for share in (0.25, 0.5, 0.75, 1.0))]
        for arm, one in arms.items()
    ]
    return grid(["relevance by", "AUROC", *(f"wrong when {p} % are answered" for p in (25, 50, 75, 100))], rows)


def _seconds(summary: Summary) -> str:
    rows = [[arm, f"{1000 * p50:.0f} ms", f"{1000 * p95:.0f} ms"] for arm, (p50, p95) in summary.seconds.items()]
    return grid(["ranked by", "p50", "p95"], rows)


def _signed(gain: Estimate) -> str:
    return f"{gain.value:+.2f} ({gain.low:+.2f} to {gain.high:+.2f})"


def _bar(found: Estimate) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _file(name: str) -> str:
    return f"{name.replace(',', '').replace(' ', '-')}.svg"


def _link(name: str) -> str:
    return f"![{name}]({_file(name)})"
