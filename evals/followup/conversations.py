"""Conversations whose follow-ups were rewritten by hand, and whether a rewrite found is one of theirs.

JSONL, one conversation a line: `{"id", "language", "turns": [{"question", "answer", "kind", "rewrites"}]}`. A turn
without `rewrites` is complete. Of a rewrite, words in round brackets may be missing. A follow-up is rewritten right if
its words, function words aside, are those of one of the rewrites and no other. Half of the conversations, by the hash
of their subject or else of their id, is held: nothing is built or fitted by looking at what fails there.

There are two sets: `conversations.jsonl`, and the later `conversations_wide.jsonl` with more subjects and more ways to
put a follow-up.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import jsonl
from common.errors import UserError
from evals.folds import fold_of

if TYPE_CHECKING:
    from qdrant_edge import Bm25

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


def read(path: Path, half: str = "both") -> list[dict[str, Any]]:
    """The conversations of one half, or of both. Raises `UserError`."""
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "Give a file of conversations.")
    found = [json.loads(line) for _, line in jsonl.lines(path)]
    return [one for one in found if half == "both" or (fold_of(_group(one), 2) == HELD) == (half == "held")]


def _group(conversation: dict[str, Any]) -> str:
    """What stays in one half: all conversations about a subject, where it is told; else each by itself."""
    return str(conversation.get("subject", conversation["id"]))


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


@cache
def _stem(word: str, language: str) -> int | str:
    found = _encoder(language).embed_query(word).indices
    return int(found[0]) if len(found) else word


@cache
def _encoder(language: str) -> "Bm25":
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(language=LANGUAGES[language]))
