"""Question and passage as the tokens that the reader's network is given, and back to characters of the passage.

    [CLS] question [SEP]   [CLS] setting [SEP] passage [SEP]

The lower layers read both by themselves, the upper ones together. Every token has a type: which of the three parts it
stands in, and whether the other side (question | setting and passage) holds the same token. Exact matches told outright
need not be learned (the "exact match" feature of DrQA, Chen et al., 2017, arXiv 1704.00051).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MAX_TOKENS = 256
MAX_QUESTION = 64  # of a longer question the beginning is read
MAX_SETTING = 40  # of a longer setting the end is read: it stands next to the passage
OVERLAP = 32  # tokens that two windows of a long passage share
TYPES = 6  # part (question, setting, passage) x (not on the other side, on both sides)
CLS, SEP = 101, 102

# No span begins or ends inside one of these. Scripts without spaces have no such units.
_UNIT = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[.,'’][^\W\u3040-\u30ff\u3400-\u9fff]+)*")


@dataclass(frozen=True)
class Pair:
    """What the network reads at once. `types` are those of the question's and then of the others' tokens; `first` is
    the place of the passage's first token among them; `starts` and `ends` are characters of the passage, one for each
    of its tokens; -1 where no span may start or end."""

    question: tuple[int, ...]
    others: tuple[int, ...]
    types: list[int]
    first: int
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.types)


class Encoder:
    """The tokenizer of the embedder, without its limit."""

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        from retrievers.embedders.minilm import weights_path

        tokenizer = Tokenizer.from_file(str(weights_path() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def pairs(self, question: str, passages: Sequence[str], settings: Sequence[str] = ()) -> list[list[Pair]]:
        """For every passage its windows: one, or more for a passage that does not fit. `settings` is empty or as long
        as `passages`. Passages without a token have no window."""
        told = list(settings) or [""] * len(passages)
        if len(told) != len(passages):
            raise ValueError(f"{len(passages)} passages, but {len(told)} settings")
        encoded = self._tokenizer.encode_batch([question, *told, *passages], add_special_tokens=False)
        asked = encoded[0].ids[:MAX_QUESTION]
        around, read = encoded[1 : 1 + len(told)], encoded[1 + len(told) :]
        return [
            list(_windows(asked, setting.ids[-MAX_SETTING:], passage.ids, _bounds(text, passage.offsets)))
            for text, setting, passage in zip(passages, around, read, strict=True)
        ]


def _bounds(text: str, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Start and end of every token; -1 where that is inside a word or number."""
    inside = {place for unit in _UNIT.finditer(text) for place in range(unit.start() + 1, unit.end())}
    return [(-1 if start in inside else start, -1 if end in inside else end) for start, end in offsets]


def _windows(
    question: list[int], setting: list[int], passage: list[int], bounds: list[tuple[int, int]]
) -> Iterator[Pair]:
    room = MAX_TOKENS - len(question) - len(setting) - 5
    for start in range(0, max(1, len(passage) - OVERLAP), room - OVERLAP):
        part = passage[start : start + room]
        if not part:
            return
        asked, told = set(question), {*setting, *part}
        around = [*setting, SEP] if setting else []
        types = [0, *(1 if one in told else 0 for one in question), 0]
        types += [2, *(3 if one in asked else 2 for one in around)]
        types += [*(5 if one in asked else 4 for one in part), 4]
        starts, ends = zip(*bounds[start : start + room], strict=True)
        yield Pair(
            (CLS, *question, SEP),
            (CLS, *around, *part, SEP),
            types,
            len(question) + len(around) + 3,
            list(starts),
            list(ends),
        )
