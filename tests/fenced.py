"""Reads the fence around sources as strictly as it is written: what is in it can neither open nor close a tag."""

import re
from dataclasses import dataclass

BLOCK = re.compile(
    r"<(?P<tag>[a-z]+-[0-9a-f]{8})(?P<given>(?: [a-z]+=\"[^\"\n]*\")*)>\n(?P<words>.*?)\n</(?P=tag)>\s*", re.S
)


@dataclass(frozen=True)
class Block:
    name: str
    attributes: dict[str, str]
    words: str


def blocks(text: str) -> list[Block]:
    """The blocks that `text` consists of."""
    found, place = [], 0
    while place < len(text):
        block = BLOCK.match(text, place)
        assert block, f"no block begins here: {text[place : place + 200]!r}"
        given = dict(re.findall(r'([a-z]+)="([^"]*)"', block["given"]))
        assert not re.search(r"<\S", block["words"] + block["given"]), "something in it could open or close a tag"
        found.append(Block(block["tag"].partition("-")[0], given, block["words"]))
        place = block.end()
    return found


def sources_in(prompt: str) -> list[Block]:
    """Those of a whole prompt."""
    return blocks(within(prompt)[1])


def within(prompt: str) -> tuple[str, str, str]:
    """What stands before the sources, the sources, and what stands behind them."""
    last = re.findall(r"</source-[0-9a-f]{8}>", prompt)[-1]
    start, end = prompt.index("<source-"), prompt.rindex(last) + len(last)
    return prompt[:start], prompt[start:end], prompt[end:]
