"""What a request brings itself, so that nothing need be looked up for it: numbers, words to be spoken, a diagram."""

import re

from generators.core.base import CannotConvert
from generators.tables.cells import parse
from generators.tables.numbers import rows_in

QUOTED = re.compile(r"[\"“«](?P<words>[^\"”»]+)[\"”»]")
SAY = re.compile(r"\bsay\b[:,]?\s+(?!(?:it|that|this|them|your|the|what|how|why|so)\b)(?P<words>\S.*)$", re.I | re.S)
ARROWS = re.compile(r"[^\n]*?\s*(?:->|→|=>)\s*[^\n]+")
ARROW = re.compile(r"\s*(?:->|→|=>)\s*")
MERMAID = re.compile(
    r"^\s*(?:```|flowchart\b|graph (?:TD|TB|LR|RL|BT)\b|sequenceDiagram|classDiagram|stateDiagram|erDiagram|gantt\b"
    r"|mindmap\b|timeline\b)",
    re.MULTILINE,
)


def holds_numbers(request: str) -> bool:
    """Whether the request itself brings two or more numbers with names."""
    try:
        rows = rows_in(request)
    except CannotConvert:
        return False
    return len([row for row in rows if parse(row[-1])]) >= 2


def brings_words(request: str) -> bool:
    """Whether the request itself brings the words to be spoken: in quotation marks, or after "say"."""
    return QUOTED.search(request) is not None or SAY.search(request) is not None


def brings_diagram(request: str) -> bool:
    """Whether the request itself is a diagram's source, or steps joined by arrows."""
    return MERMAID.search(request) is not None or ARROWS.search(request) is not None
