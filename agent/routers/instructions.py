"""Our own instruction set for the switch: requests with the modalities they want, written and grown from a grammar.

`requests.tsv` holds those that were written one by one. The grammar is `instructions.json`: patterns by modality, where
"(a|b)" is a choice and "{topic}" a slot. `pictures.json` is another, of pictures to be shown, made, or only spoken of,
with the documents that they are asked of (`agent.routers.picture_choice`). Examples are the same for the same seed.
"""

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from common import jsonl

GRAMMAR = Path(__file__).with_name("instructions.json")
PICTURES = Path(__file__).with_name("pictures.json")
WRITTEN = Path(__file__).with_name("requests.tsv")  # modalities, comma-separated, a tab, the request

Modality = Literal["text", "table", "image", "picture", "chart", "diagram", "audio", "video", "document"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

SINGLES = 1200  # requests for each modality
TEXTS = 6000  # requests for words alone, most of which speak of media
INPUTS = 400  # clauses that only say what to work on
PAIRS = 2500  # requests for two or three things
WITH_TEXT = 0.5  # share of these that ask for words too
SETTINGS = 1500  # requests with a sentence about who asks, or why
SLOPPY = 0.25  # share written as if in haste
JOINTS = (" and ", ", then ", ". Also ", " and then ", ", and ", "; ", ". ", " + ", " n ")
_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Instruction:
    request: str
    modalities: frozenset[str]


class Grammar:
    """Requests drawn at random from the patterns."""

    def __init__(self, seed: int = 0, path: Path = GRAMMAR) -> None:
        self._data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._random = random.Random(seed)

    def instructions(self) -> list[Instruction]:
        """Requests for one thing, for two, and clauses that ask for nothing by themselves; none twice."""
        singles = self.singles()
        draw, inputs, contexts = self._random, self._data["inputs"], self._data["contexts"]
        others = [Instruction(self._drawn(inputs), frozenset()) for _ in range(INPUTS)]
        for _ in range(PAIRS):
            first, second = draw.sample(singles, 2)
            others.append(
                Instruction(joined([first.request, second.request], draw), first.modalities | second.modalities)
            )
        for _ in range(SETTINGS):
            single = draw.choice(singles)
            others.append(Instruction(f"{self._drawn(contexts).rstrip('.')}. {single.request}", single.modalities))
        return unrepeated([*singles, *others])

    def singles(self) -> list[Instruction]:
        """Requests for one thing each."""
        labels = self._data["labels"]
        counts = {name: TEXTS if name == "text" else SINGLES for name in MODALITIES}
        made = [
            Instruction(self._drawn(labels[name]), frozenset({name}))
            for name, count in counts.items()
            for _ in range(count)
        ]
        return unrepeated(made)

    def of_label(self, label: str, count: int) -> list[str]:
        """Requests of one label of the file, none twice: `count` at most."""
        return list(dict.fromkeys(self._drawn(self._data["labels"][label]) for _ in range(count)))

    def _drawn(self, patterns: Sequence[str]) -> str:
        return self._finished(self._expanded(self._random.choice(patterns)))

    def _expanded(self, pattern: str) -> str:
        """A pattern with its choices made and slots filled, innermost first."""
        while match := _CHOICE.search(pattern) or _SLOT.search(pattern):
            choices = match[1].split("|") if match[0][0] == "(" else self._data["slots"][match[1]]
            pattern = pattern[: match.start()] + self._random.choice(choices) + pattern[match.end() :]
        return re.sub(r"\s+([,.?;:!])", r"\1", " ".join(pattern.split()))

    def _finished(self, text: str) -> str:
        """With a capital and a full stop, or in haste: small letters, short forms, a slip of the finger."""
        draw = self._random
        if draw.random() >= SLOPPY:
            plain = text[:1].upper() + text[1:]
            return plain if plain.endswith(("?", "!", ".")) or draw.random() < 0.4 else f"{plain}."
        words = [word for word in text.lower().split() if word not in ("a", "the") or draw.random() < 0.6]
        short: dict[str, str] = self._data["sloppy"]
        words = [short[word] if word in short and draw.random() < 0.4 else word for word in words]
        slip = draw.randrange(len(words)) if words else 0
        if draw.random() < 0.3 and len(words[slip]) > 4:
            at = draw.randrange(1, len(words[slip]) - 2)
            word = words[slip]
            words[slip] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return " ".join(words).rstrip(".?!")


def written(path: Path = WRITTEN) -> list[Instruction]:
    """The requests that were written one by one, in all kinds of voices."""
    lines = (line.split("\t", 1) for _, line in jsonl.lines(path))
    return [Instruction(request, frozenset(modalities.split(","))) for modalities, request in lines]


def joined(requests: Sequence[str], draw: random.Random) -> str:
    """One request for all of it."""
    whole = requests[0]
    for request in requests[1:]:
        whole = whole.rstrip(".?! ") + draw.choice(JOINTS) + request[:1].lower() + request[1:]
    return whole


def unrepeated(instructions: Iterable[Instruction]) -> list[Instruction]:
    """Each request once, as it came first."""
    found: dict[str, Instruction] = {}
    for one in instructions:
        found.setdefault(one.request, one)
    return list(found.values())
