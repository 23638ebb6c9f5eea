"""Whether an open word is a noun, a verb, an adjective or an adverb where it stands: a multinomial logistic regression.

It reads the word's states in two layers of MiniLM, and the closed classes of its neighbours, which carry most where
MiniLM knows little of the language. Fitted by `triptych fit followup` to `evals/followup/tagged_questions.txt`.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from agent.routers.followup.parsing.tokens import Tag, Token
from retrievers import embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = Path(__file__).with_name("tagger.npz")
KINDS: tuple[Tag, ...] = ("word", "verb", "adj", "adverb")
LAYERS = (2, 3)
LANGUAGES = ("german", "spanish", "french")  # the neighbours of each count by themselves, too
NEIGHBOURS = (-2, -1, 1, 2)
SHARE = 4.0  # how much a neighbour counts against the states, which are divided by their spread
_ENDING = re.compile(
    r"(?P<a>as?|ás?)$|(?P<o>os?|ó)$|(?P<e>en|er|es|e)$|(?P<t>te?)$|(?P<d>ed)$|(?P<y>ly)$|(?P<i>ing)$|(?P<s>e?st)$"
)


def tagged(tokens: Sequence[Token], text: str, language: str) -> dict[int, Tag]:
    """By the place of each plain word among `tokens` what it is."""
    places = [place for place, one in enumerate(tokens) if one.tag == "word"]
    if not places:
        return {}
    scores = inputs(tokens, places, text, language) @ _weights()[0] + _weights()[1]  # [words, kinds]
    return {place: KINDS[int(kind)] for place, kind in zip(places, scores.argmax(axis=1), strict=True)}


def inputs(tokens: Sequence[Token], places: Sequence[int], text: str, language: str) -> "NDArray[np.float32]":
    """What is seen of each word [len(places), features]."""
    import numpy as np

    offsets, states = embedders.load("minilm").word_pieces(text, LAYERS)
    rows = []
    for place in places:
        token = tokens[place]
        pieces = [n for n, (start, end) in enumerate(offsets) if start < token.end and end > token.start]
        state = states[pieces].mean(axis=0) if pieces else np.zeros(states.shape[1])  # beyond what MiniLM reads
        rows.append(np.concatenate([state, _form(tokens, place, language)]))
    return np.array(rows, dtype=np.float32)


def _form(tokens: Sequence[Token], place: int, language: str) -> list[float]:
    tags = get_args(Tag)
    row: list[float] = []
    for step in NEIGHBOURS:
        near = tokens[place + step].tag if 0 <= place + step < len(tokens) else ""
        row += [float(near == tag) for tag in tags]
    token = tokens[place]
    ending = _ENDING.search(token.text)
    row += [float(token.text[0].isupper()), float(place == 0)]
    row += [float(ending is not None and ending[name] is not None) for name in _ENDING.groupindex]
    return [SHARE * one for one in (*row, *(one * (language == other) for other in LANGUAGES for one in row))]


@cache
def _weights() -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
    """Weights [features, kinds] and biases [kinds]."""
    import numpy as np

    with np.load(FILE) as found:
        return found["weights"].astype(np.float32), found["biases"].astype(np.float32)
