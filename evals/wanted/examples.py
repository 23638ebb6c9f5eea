"""Collections of requests with what they want, of every kind: what the classifier is fitted to.

Most are grown from the patterns of `grammar`, some from `patterns.tsv`; `written.tsv` holds requests that were written
one by one. The same seed gives the same requests.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from common import jsonl
from evals.wanted.grammar import OFFSET, Example, Grammar, joined, needs_evidence

HERE = Path(__file__).parent
PATTERNS, WRITTEN = HERE / "patterns.tsv", HERE / "written.tsv"
KINDS = {
    "counted": 4, "one": 8, "words_alone": 8, "several": 5, "paired": 4, "abroad": 9, "abroad_several": 5, "back": 3,
    "corrected": 1, "aside": 2,
}  # fmt: skip
"""Kind of example -> its share of what is grown; each is drawn from a seed of its own."""


def grown(seed: int, count: int) -> list[Example]:
    """`count` examples at most, none twice; a quarter of them for words alone."""
    found: dict[str, Example] = {}
    for kind, share in KINDS.items():
        grammar = Grammar(f"{seed} {kind}")
        for _ in range(round(count * share / sum(KINDS.values()))):
            one = grammar.one(grammar.draw.choice(grammar.forms)) if kind == "one" else getattr(grammar, kind)()
            if kind in {"one", "words_alone", "several"} and grammar.draw.random() < 0.2:
                one = grammar.settled(one)
            found.setdefault(one.request, one)
    return list(found.values())


def patterned(seed: int, each: int) -> list[Example]:
    """Of every pattern of `patterns.tsv` so many at most, none twice; one in six with words on who asks, or why."""
    grammar = Grammar(f"{seed} patterns")
    found: dict[str, Example] = {}
    for wants, pattern in _rows(PATTERNS):
        for _ in range(each):
            one = grammar.grown(pattern, {}, set(wants), "patterns")
            one = grammar.settled(one) if grammar.draw.random() < 1 / 6 else one
            found.setdefault(one.request, one)
    return list(found.values())


def mixed(seed: int, count: int, singles: Sequence[Example]) -> list[Example]:
    """Two of `singles` in one request, or three; as many again of one with words on who asks, or why."""
    grammar = Grammar(f"{seed} mixed")
    draw = grammar.draw
    forms = {one.request: one.wants - OFFSET for one in singles}
    usable = [one for one in singles if len(forms[one.request]) == 1 and not one.wants & {"smalltalk", "again"}]
    found = []
    for _ in range(count):
        chosen = draw.sample(usable, 3 if draw.random() < 0.12 else 2)
        wants = frozenset().union(*(forms[one.request] for one in chosen))
        whole = joined([one.request for one in chosen], draw)
        found.append(Example(whole, wants | ({"evidence"} if needs_evidence(wants) else set()), "mixed"))
        found.append(grammar.settled(draw.choice(singles)))
    return found


def written() -> list[Example]:
    """The requests that were written one by one, in all kinds of voices."""
    return [
        Example(request, wants | ({"evidence"} if needs_evidence(wants) else frozenset()))
        for wants, request in _rows(WRITTEN)
    ]


def _rows(path: Path) -> Iterator[tuple[frozenset[str], str]]:
    """What is wanted, and the request or pattern."""
    for _, line in jsonl.lines(path):
        names, request = line.split("\t", 1)
        yield frozenset(names.split(",")), request
