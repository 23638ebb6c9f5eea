"""Our own instruction set for the switch: requests in words, each with the modality it wants, grown from a grammar.

The grammar is `instructions.json`: patterns by modality, where "(a|b)" is a choice and "{topic}" a slot. Examples are
the same for the same seed.
"""

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

GRAMMAR = Path(__file__).with_name("instructions.json")

Modality = Literal["text", "table", "image", "picture", "chart", "diagram", "audio", "video", "document"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

SINGLES = 700  # requests for each modality
TEXTS = 3500  # requests for words alone, most of which speak of media
INPUTS = 400  # clauses that only say what to work on
SLOPPY = 0.25  # share written as if in haste
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
        """Requests for one modality each, and clauses that ask for none by themselves; none twice."""
        found: dict[str, Instruction] = {}
        for name in MODALITIES:
            for _ in range(TEXTS if name == "text" else SINGLES):
                request = self._finished(self._expanded(self._random.choice(self._data["labels"][name])))
                found.setdefault(request, Instruction(request, frozenset({name})))
        for _ in range(INPUTS):
            request = self._finished(self._expanded(self._random.choice(self._data["inputs"])))
            found.setdefault(request, Instruction(request, frozenset()))
        return list(found.values())

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
