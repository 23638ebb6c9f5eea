"""Our own instruction set for the switch: requests in words, each with the modalities it wants, grown from a grammar.

The grammar is `instructions.json`: patterns by modality, where "(a|b)" is a choice and "{topic}" a slot. Examples are
the same for the same seed.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

GRAMMAR = Path(__file__).with_name("instructions.json")

Modality = Literal["text", "table", "image", "picture", "chart", "diagram", "audio", "video", "document"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

SINGLES = 420  # requests of one kind, for each modality
TEXTS = 2000  # requests for words alone, most of which speak of media
COMPOUNDS = 3000
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
        """Singles of every modality, requests for words, and compounds; none twice."""
        found: dict[str, Instruction] = {}
        for name in MODALITIES:
            for _ in range(TEXTS if name == "text" else SINGLES):
                one = Instruction(self._finished(self._clause(name)), frozenset({name}))
                found.setdefault(one.request, one)
        for one in self._compounds():
            found.setdefault(one.request, one)
        return list(found.values())

    def _compounds(self) -> Iterator[Instruction]:
        """Two or three clauses, some of which only say what to work on."""
        draw = self._random
        for _ in range(COMPOUNDS):
            wanted = [draw.choice([*MODALITIES, "text"]) for _ in range(draw.choice((1, 2, 2, 2, 3)))]
            parts = [self._clause(name) for name in wanted]
            if len(parts) == 1 or draw.random() < 0.1:
                place = 0 if draw.random() < 0.8 else len(parts)
                parts.insert(place, self._expanded(draw.choice(self._data["inputs"])))
            joined = parts[0]
            for part in parts[1:]:
                mark = draw.choice(self._data["connectors"])
                joined = joined.rstrip(" .?!" if mark[0] != "." else " .") + mark + (part if "." in mark else _lower(part))
            yield Instruction(self._finished(joined), frozenset(wanted))

    def _clause(self, name: str) -> str:
        return self._expanded(self._random.choice(self._data["labels"][name]))

    def _expanded(self, pattern: str) -> str:
        """A pattern with its choices made and slots filled, innermost first."""
        while match := _CHOICE.search(pattern):
            pattern = pattern[: match.start()] + self._random.choice(match[1].split("|")) + pattern[match.end() :]
        while match := _SLOT.search(pattern):
            filler = self._random.choice(self._data["slots"][match[1]])
            pattern = pattern[: match.start()] + filler + pattern[match.end() :]
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


def _lower(text: str) -> str:
    return text if text.startswith(("I ", "I'", "We need", "TV")) else text[:1].lower() + text[1:]
