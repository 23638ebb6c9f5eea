"""`triptych eval switch`: does the switch know which modalities a request wants?

Data: JSONL, one `{"request", "modalities": [...]}` or `{"request", "modality"}` a line, with `kind` (single, compound,
negative) and `wording` if it has them. A modality the data never names counts as its nearest that it does (`FOLDED`):
in data without "picture", a picture made is an image.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import jsonl
from common.errors import UserError

if TYPE_CHECKING:
    from evals.switch.arms import Arm, Reply

HELP = "Which modalities a request wants: baselines, the switch head, and the configured model."
BENCHMARK = Path(__file__).with_name("benchmark.jsonl")
FOLDED = {  # taken again and again until the data know the name
    "picture": "image",
    "diagram": "image",
    "table": "text",
    "document": "text",
    "speech": "audio",
    "music": "audio",
    "sheet": "document",
}
TEXT = frozenset({"text"})
ALL = "all"
RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Item:
    request: str
    wanted: frozenset[str]
    groups: tuple[str, ...]  # the slices it belongs to


@dataclass(frozen=True, slots=True)
class Outcome:
    item: Item
    found: frozenset[str]
    valid: bool | None
    seconds: float


Figure = Callable[[Sequence[Outcome]], float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=BENCHMARK, metavar="FILE.jsonl", help="default: our benchmark")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write switch.json, switch.md and misses.jsonl here")


def run(arguments: argparse.Namespace) -> int:
    from agent.settings import Settings
    from evals.switch.arms import arms

    given = {"data_dir": arguments.data_dir} if "data_dir" in arguments else {}
    items = read(arguments.data)
    outcomes = {
        arm.name: [judged(arm, item, labels(items)) for item in items]
        for arm in arms(Settings(**given), [item.wanted for item in items])
    }
    report = {name: summary(rows) for name, rows in outcomes.items()}
    text = markdown(arguments.data.name, report)
    print(json.dumps(report) if arguments.json else text)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "switch.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
        (arguments.out / "switch.md").write_text(text, encoding="utf-8")
        (arguments.out / "misses.jsonl").write_text("".join(map(_line, misses(outcomes))), encoding="utf-8")
    return 0


def read(path: Path) -> list[Item]:
    """Raises `UserError` when the file is not there or a line is not a labelled request."""
    if not path.is_file():
        raise UserError(f"There is no file {path}.", 'Give a file of {"request", "modalities"} lines.')
    items = []
    for number, line in jsonl.lines(path):
        try:
            record = json.loads(line)
            wanted = record["modalities"] if "modalities" in record else [record["modality"]]
            groups = (ALL, *(record[key] for key in ("kind", "wording", "source") if key in record))
            items.append(Item(record["request"], frozenset(wanted), groups))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}, line {number} is not a labelled request: {error!r}.") from error
    if not items:
        raise UserError(f"{path} holds no requests.")
    return items


def labels(items: Sequence[Item]) -> frozenset[str]:
    return frozenset().union(*(item.wanted for item in items))


def judged(arm: "Arm", item: Item, known: frozenset[str]) -> Outcome:
    start = time.perf_counter()
    reply: Reply = arm(item.request)
    seconds = time.perf_counter() - start
    found = frozenset(folded(name, known) for name in reply.modalities)
    return Outcome(item, found, reply.valid, seconds)


def folded(name: str, known: frozenset[str]) -> str:
    """The modality, or else its nearest that the data know."""
    while name not in known and name in FOLDED:
        name = FOLDED[name]
    return name


def exact(outcomes: Sequence[Outcome]) -> float:
    """Share of requests whose modalities were all found, and no other."""
    return sum(one.found == one.item.wanted for one in outcomes) / len(outcomes)


def macro_f1(outcomes: Sequence[Outcome]) -> float:
    """Mean over the modalities that are wanted at all of the F1 of "is it wanted?"."""
    wanted = labels([one.item for one in outcomes])
    return sum(_f1(outcomes, name) for name in wanted) / len(wanted)


def false_conversions(outcomes: Sequence[Outcome]) -> float:
    """Share of text-only requests for which something else would be made or shown."""
    return sum(bool(one.found - TEXT) for one in outcomes) / len(outcomes)


def validity(outcomes: Sequence[Outcome]) -> float:
    return sum(bool(one.valid) for one in outcomes) / len(outcomes)


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Slice -> figures, each [value, low, high]; and the median seconds of a request."""
    report: dict[str, Any] = {"p50_ms": 1000 * sorted(one.seconds for one in outcomes)[len(outcomes) // 2]}
    for group in dict.fromkeys(name for one in outcomes for name in one.item.groups):
        chosen = [one for one in outcomes if group in one.item.groups]
        plain = [one for one in chosen if one.item.wanted == TEXT]
        planned = all(one.valid is not None for one in chosen)
        report[group] = {
            "requests": len(chosen),
            "exact": with_interval(exact, chosen),
            "macro_f1": with_interval(macro_f1, chosen),
            "false_conversions": with_interval(false_conversions, [one for one in chosen if one.item.wanted == TEXT])
            if plain
            else None,
            "valid_plans": with_interval(validity, chosen) if planned else None,
        }
    return report


def with_interval(figure: Figure, outcomes: Sequence[Outcome]) -> list[float]:
    """The figure, and the middle 95 % of it over resamples of the requests (percentile bootstrap, fixed seed)."""
    import random

    draw = random.Random(0)
    values = sorted(figure(draw.choices(outcomes, k=len(outcomes))) for _ in range(RESAMPLES))
    return [figure(outcomes), values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES)]]


def markdown(name: str, report: dict[str, Any]) -> str:
    """One row for each arm and slice."""
    head = "| who | requests | n | exact set | macro-F1 | false conversions | valid plans | p50 |"
    lines = [f"# Switch: {name}", "", "95 % bootstrap intervals in brackets.", "", head, "|---" * 8 + "|"]
    for arm, slices in report.items():
        time_taken = f"{slices['p50_ms']:.1f} ms"
        for group, row in slices.items():
            if group != "p50_ms":
                keys = ("exact", "macro_f1", "false_conversions", "valid_plans")
                cells = " | ".join(_cell(row[key]) for key in keys)
                lines.append(
                    f"| {arm} | {group} | {row['requests']} | {cells} | {time_taken if group == ALL else ''} |"
                )
    return "\n".join(lines) + "\n"


def misses(outcomes: dict[str, list[Outcome]]) -> list[dict[str, Any]]:
    return [
        {"arm": arm, "request": one.item.request, "wanted": sorted(one.item.wanted), "found": sorted(one.found)}
        for arm, rows in outcomes.items()
        for one in rows
        if one.found != one.item.wanted
    ]


def _f1(outcomes: Sequence[Outcome], name: str) -> float:
    both = sum(name in one.found and name in one.item.wanted for one in outcomes)
    either = sum((name in one.found) + (name in one.item.wanted) for one in outcomes)
    return 2 * both / either if either else 0.0


def _cell(figure: list[float] | None) -> str:
    return f"{figure[0]:.3f} [{figure[1]:.3f}, {figure[2]:.3f}]" if figure else "-"


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
