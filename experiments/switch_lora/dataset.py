"""Training conversations for the LoRA, grown from the grammar: a request, and the segments it wants.

    python -m experiments.switch_lora.dataset --to FOLDER [--count N] [--seed N]

writes train.jsonl and test.jsonl, one `{"messages": [system, user, assistant]}` a line. The same seed gives the same
lines; no request is in both files.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.lexicon import MODALITIES
from agent.routers.written import Segments, asked
from evals.wanted.examples import grown
from evals.wanted.grammar import Example, joined

COMPOUND = 0.4  # share of requests made of two or three
TEST = 0.05  # share held out
ROLES = {"system": "system", "human": "user"}


def build(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """`count` different conversations, fewer if the grammar holds fewer."""
    draw = random.Random(seed)
    singles = [one for one in grown(seed, 6 * count) if len(one.wants & set(MODALITIES)) == 1]
    made: dict[str, dict[str, Any]] = {}
    for _ in range(4 * count):
        parts = draw.sample(singles, draw.choice((2, 2, 3)) if draw.random() < COMPOUND else 1)
        request = joined([part.request for part in parts], draw)
        made.setdefault(request, conversation(request, segments(parts)))
        if len(made) == count:
            break
    return list(made.values())


def segments(parts: Sequence[Example]) -> Segments:
    """One segment for each part; one alone leaves its request out, being the whole request."""
    named = [(min(part.wants & set(MODALITIES)), part.request if len(parts) > 1 else "") for part in parts]
    return Segments.model_validate({"segments": [{"modality": name, "request": text} for name, text in named]})


def conversation(request: str, wanted: Segments) -> dict[str, Any]:
    turns = [{"role": ROLES[message.type], "content": message.text} for message in asked(request)]
    reply = wanted.model_dump_json(exclude_defaults=True)
    return {"messages": [*turns, {"role": "assistant", "content": reply}]}


def split(conversations: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Train and test: they are in random order already."""
    held_out = max(1, int(TEST * len(conversations)))
    return list(conversations[held_out:]), list(conversations[:held_out])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--count", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    train, test = split(build(arguments.count, arguments.seed))
    for name, lines in (("train", train), ("test", test)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (arguments.to / f"{name}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
