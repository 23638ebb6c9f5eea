"""`triptych eval conversations`: are follow-ups made to stand alone, and complete questions left as they are?

What was asked before is remembered as the agent remembers it: with the rewrites that it made, right or wrong. The data
are as `evals.followup.conversations` says.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.routers.followup import Said, standalone
from evals.followup.conversations import CONVERSATIONS, LANGUAGES, is_right, read
from evals.metrics import interval

HELP = "Whether follow-up questions are made to stand alone, and complete ones left as they are."
Rewrite = Callable[[str, Sequence[Said]], str]


@dataclass(frozen=True)
class Outcome:
    """One later turn. `wanted` is empty where the question is complete."""

    conversation: str
    language: str
    kind: str
    question: str
    wanted: tuple[str, ...]
    found: str
    right: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=CONVERSATIONS, metavar="FILE.jsonl", help="default: our own")
    parser.add_argument("--half", choices=("open", "held", "both"), default="open", help="default: open")
    parser.add_argument("--misses", action="store_true", help="list what went wrong")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def run(arguments: argparse.Namespace) -> int:
    outcomes = list(judged(read(arguments.data, arguments.half), standalone))
    report = summary(outcomes)
    print(json.dumps(report) if arguments.json else markdown(report))
    if arguments.misses:
        for one in outcomes:
            if not one.right:
                wanted = " | ".join(one.wanted) or "as it is"
                print(f"{one.conversation} [{one.kind}] {one.question}\n  found:  {one.found}\n  wanted: {wanted}")
    return 0


def judged(conversations: Sequence[dict[str, Any]], rewrite: Rewrite) -> Iterator[Outcome]:
    for one in conversations:
        said: list[Said] = []
        for place, turn in enumerate(one["turns"]):
            found = rewrite(turn["question"], said) if place else turn["question"]
            said.append(Said(found, turn["answer"]))
            if place:
                right = is_right(found, turn["question"], turn["rewrites"], one["language"])
                wanted = tuple(turn["rewrites"])
                yield Outcome(one["id"], one["language"], turn["kind"], turn["question"], wanted, found, right)


def summary(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """By slice: number, share right, and the interval of it (95 %)."""
    groups: dict[str, list[float]] = defaultdict(list)
    for one in outcomes:
        group = "follow-ups" if one.wanted else "complete"
        for name in (f"all {group}", f"{group}: {one.kind}", f"{group} in {LANGUAGES[one.language].capitalize()}"):
            groups[name].append(float(one.right))
    figures = {}
    for name in sorted(groups):
        values = groups[name]
        low, high = interval(values)
        figures[name] = {"n": len(values), "right": sum(values) / len(values), "low": low, "high": high}
    return figures


def markdown(report: dict[str, dict[str, float]]) -> str:
    lines = ["| turns | n | right |", "|---|---|---|"]
    for name, one in report.items():
        lines.append(f"| {name} | {one['n']:.0f} | {one['right']:.3f} [{one['low']:.3f}, {one['high']:.3f}] |")
    return "\n".join(lines)
