"""`triptych eval pictures`: is a picture that was asked for to be shown from the documents, or made?

Data: JSONL, one `{"request", "want": "show" | "make", "set"}` a line. Ours is about the sample corpus,
`examples/corpus`, which has to be ingested; `set` names a slice.
"""

import argparse
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import jsonl
from common.errors import UserError

if TYPE_CHECKING:
    from agent.build import Parts
    from retrievers.library import Corpus

HELP = "Pictures that are asked for: show one of the corpus, or make one?"
HELD_OUT = Path(__file__).with_name("choice.jsonl")
SHOW, MAKE = "show", "make"
ALL = "all"
SHORT = 11  # words, and
RELEVANT = 0.67  # where the two rules cut best on requests of the training grammar
RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Item:
    request: str
    want: str
    groups: tuple[str, ...]  # the slices it belongs to


Arm = Callable[[str], str]
"""A request to "show", "make", or what else became of it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=HELD_OUT, metavar="FILE.jsonl", help="default: our held-out items")
    parser.add_argument("--corpus", metavar="NAME", help="corpus asked for pictures, already ingested")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--misses", action="store_true", help="list what the agent got wrong as well")


def run(arguments: argparse.Namespace) -> int:
    from agent.build import Parts
    from agent.settings import Settings

    given = {name: value for name in ("data_dir", "corpus") if (value := getattr(arguments, name, None))}
    items = read(arguments.data)
    parts = Parts(Settings(**given))
    try:
        chosen = arms(parts, parts.library.open(parts.settings.corpus))
        decisions = {name: [arm(item.request) for item in items] for name, arm in chosen.items()}
    finally:
        parts.close()
    report = {name: summary(items, found) for name, found in decisions.items()}
    print(json.dumps(report) if arguments.json else markdown(report))
    if arguments.misses:
        for item, found in zip(items, decisions["agent's plan"], strict=True):
            if found != item.want:
                print(f"{item.want}, not {found}: {item.request}")
    return 0


def read(path: Path) -> list[Item]:
    """Raises `UserError` when the file is not there or a line is no labelled request."""
    if not path.is_file():
        raise UserError(f"There is no file {path}.", 'Give a file of {"request", "want"} lines.')
    items = []
    for number, line in jsonl.lines(path):
        try:
            record = json.loads(line)
            items.append(Item(record["request"], record["want"], (ALL, *filter(None, [record.get("set")]))))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}, line {number} is not a labelled request: {error!r}.") from error
    if not items:
        raise UserError(f"{path} holds no requests.")
    return items


def arms(parts: "Parts", corpus: "Corpus") -> dict[str, Arm]:
    """Two that never look, two rules of one number, the learned choice, and the plan that the agent makes of it."""
    from agent import tools
    from agent.lexicon import subject
    from agent.request import Request, Work
    from agent.routers.picture_choice import features, probability
    from agent.tools.base import Scope

    scope = Scope(corpus)
    built = tools.build(scope)

    def row(request: str) -> dict[str, float]:
        about = subject(request) or request
        return features(about, parts.switch.classifier(request).whole, scope.pictures(about))

    def planned(request: str) -> str:
        from agent.routers.preview import brought

        whole = Request(request, tools=built, pictures=scope.pictures)
        plan = parts.switch.route(whole, Work(request, asked=request)).plan
        found = [name for name, modality in ((SHOW, "image"), (MAKE, "picture")) if modality in brought(plan.steps)]
        return " and ".join(found) or "neither"

    return {
        "always show": lambda _: SHOW,
        "always make": lambda _: MAKE,
        f"make if under {SHORT} words": lambda request: _made(len(request.split()) < SHORT),
        f"make if relevance under {RELEVANT}": lambda request: _made(row(request)["relevance"] < RELEVANT),
        "learned": lambda request: _made(probability(row(request)) >= 0.5),
        "agent's plan": planned,
    }


def _made(make: bool) -> str:
    return MAKE if make else SHOW


def summary(items: Sequence[Item], found: Sequence[str]) -> dict[str, Any]:
    """Slice -> how many requests, and the share decided rightly: [value, low, high]."""
    report = {}
    for group in dict.fromkeys(name for item in items for name in item.groups):
        right = [item.want == one for item, one in zip(items, found, strict=True) if group in item.groups]
        report[group] = {"requests": len(right), "right": with_interval(right)}
    return report


def with_interval(right: Sequence[bool]) -> list[float]:
    """The share, and the middle 95 % of it over resamples (percentile bootstrap, fixed seed)."""
    draw = random.Random(0)
    shares = sorted(sum(draw.choices(right, k=len(right))) / len(right) for _ in range(RESAMPLES))
    return [sum(right) / len(right), shares[int(0.025 * RESAMPLES)], shares[int(0.975 * RESAMPLES)]]


def markdown(report: dict[str, Any]) -> str:
    """One row for each arm, one column for each slice."""
    groups = list(next(iter(report.values())))
    head = [f"{group} ({next(iter(report.values()))[group]['requests']})" for group in groups]
    lines = [f"| who | {' | '.join(head)} |", "|---" * (len(groups) + 1) + "|"]
    for arm, slices in report.items():
        cells = [_cell(*slices[group]["right"]) for group in groups]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float, low: float, high: float) -> str:
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"
