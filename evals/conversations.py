"""`triptych eval conversations`: are follow-ups made to stand alone, and complete questions left as they are?

Data: JSONL, one conversation a line: `{"id", "language", "turns": [{"question", "answer", "kind", "rewrites"}]}`. One
without `rewrites` is complete. Of a rewrite, words in round brackets may be missing. A follow-up is rewritten right if
its words, function words aside, are those of one of the rewrites and no other. What was asked before is remembered as
the agent remembers it: with the rewrites that it made, right or wrong. Half of the conversations, by the hash of their
subject or else of their id, is held: nothing is built or fitted by looking at what fails there.

There are two sets: `conversations.jsonl`, and the later `conversations_wide.jsonl` with more subjects and more ways to
put a follow-up (`--data`).
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.routers.followup import Said, standalone
from common import jsonl
from common.errors import UserError
from evals.folds import fold_of
from evals.metrics import interval

if TYPE_CHECKING:
    from qdrant_edge import Bm25

HELP = "Whether follow-up questions are made to stand alone, and complete ones left as they are."
CONVERSATIONS = Path(__file__).with_name("conversations.jsonl")
WIDE = Path(__file__).with_name("conversations_wide.jsonl")
HELD = 1  # of `fold_of(id, 2)`
LANGUAGES = {"en": "english", "de": "german", "es": "spanish", "fr": "french"}
WORD = re.compile(r"\d[\d.,]*\d|[^\W_]+(?:-[^\W_]+)*")
MAY_BE = re.compile(r"\(([^()]*)\)")
EMPTY = {  # words that a question is the same without; not pronouns, whose antecedent is what is looked for
    "en": "a an the of on in at for to from by with into about around than that which what how s is are was were be "
    "been do does did has have had there and please",
    "de": "der die das den dem des ein eine einen einem einer von vom auf in im an am für aus zu zum zur bei mit nach "
    "wie was welche welcher welches ist sind war hat haben hatte wurde wird und es gibt",
    "es": "el la los las un una de del en a al para por con qué cuál cuáles cómo es son era fue tiene tenía hay y que "
    "se",
    "fr": "le la les l un une des de d du en à au aux dans pour par avec quel quelle quels quelles comment est sont "
    "était étaient a ont été et que qu il faut t",
}
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


def read(path: Path, half: str = "both") -> list[dict[str, Any]]:
    """The conversations of one half, or of both. Raises `UserError`."""
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "Give a file of conversations.")
    found = [json.loads(line) for _, line in jsonl.lines(path)]
    return [one for one in found if half == "both" or (fold_of(_group(one), 2) == HELD) == (half == "held")]


def _group(conversation: dict[str, Any]) -> str:
    """What stays in one half: all conversations about a subject, where it is told; else each by itself."""
    return str(conversation.get("subject", conversation["id"]))


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


def is_right(found: str, question: str, rewrites: Sequence[str], language: str) -> bool:
    """Whether the words are those of one of `rewrites`, or of the question itself where there is none."""
    return right_ones([found], rewrites or (question,), language)[0]


def right_ones(found: Sequence[str], rewrites: Sequence[str], language: str) -> list[bool]:
    """Of each question whether its words are those of one of `rewrites`."""
    wanted = [(stems(MAY_BE.sub(" ", one), language), stems(one, language)) for one in rewrites]
    return [any(needed <= stems(one, language) <= whole for needed, whole in wanted) for one in found]


def stems(text: str, language: str) -> frozenset[int | str]:
    """The stems of its words, function words left out."""
    words = (word.lower() for word in WORD.findall(text))
    return frozenset(_stem(word, language) for word in words if word not in EMPTY[language].split())


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


@cache
def _stem(word: str, language: str) -> int | str:
    found = _encoder(language).embed_query(word).indices
    return int(found[0]) if len(found) else word


@cache
def _encoder(language: str) -> "Bm25":
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(language=LANGUAGES[language]))
