"""What the rewriting of follow-ups is fitted to: `followups.txt`, and the open halves of the conversations."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.routers.followup import Said
from evals.followup.conversations import CONVERSATIONS, LANGUAGES, MAY_BE, WIDE, read

WRITTEN = Path(__file__).with_name("followups.txt")
OTHERS = 8  # first questions of other conversations that each is followed by, which are complete


@dataclass(frozen=True)
class Example:
    """`rewrites` is empty where the question is complete. `group`: what is left out together."""

    group: str
    said: tuple[Said, ...]
    question: str
    rewrites: tuple[str, ...] = ()
    language: str = ""


def examples(seed: int = 0) -> list[Example]:
    """The same for the same seed."""
    return [*_written(random.Random(seed)), *_open()]


def _written(draw: random.Random) -> Iterator[Example]:
    whole = WRITTEN.read_text(encoding="utf-8")
    text = "\n".join(line for line in whole.splitlines() if not line.startswith("#"))
    paragraphs = [part.splitlines() for part in text.strip().split("\n\n") if part.strip()]
    firsts = [lines[0].split(" | ")[0] for lines in paragraphs]
    for lines in paragraphs:
        turns = [line.split(" | ") for line in lines if not line.startswith("> ")]
        said = tuple(Said(question.strip(), answer.strip()) for question, answer in turns)
        for line in lines[len(turns) :]:
            question, *rewrites = (part.strip() for part in line.removeprefix("> ").split(" = "))
            yield Example(said[0].question, said, question, tuple(rewrites))
        for other in draw.sample(firsts, OTHERS):
            if other != said[0].question:
                yield Example(said[0].question, said, other)


def _open() -> Iterator[Example]:
    """Every turn after the right rewrites of those before."""
    for conversation in (one for path in (CONVERSATIONS, WIDE) for one in read(path, "open")):
        said: list[Said] = []
        for turn in conversation["turns"]:
            rewrites = tuple(turn["rewrites"])
            if said:
                group = conversation.get("subject", conversation["id"])
                language = LANGUAGES[conversation["language"]]
                yield Example(group, tuple(said), turn["question"], rewrites, language)
            whole = " ".join(MAY_BE.sub(" ", rewrites[0] if rewrites else turn["question"]).split())
            said.append(Said(whole.replace(" ?", "?"), turn["answer"]))
