"""What a request wants, read once: forms, evidence, talk by the way, whether it changes the last thing made.

One hidden layer over a sentence vector and n-grams of words, of pieces of words, and of words with the names of forms
as classes; it reads the whole request, and each part of it that may be a wish by itself. After SwitchGPT (Wang et al.,
2023), a light reading in front of the model. `triptych fit switch` makes the weights; numpy applies them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import lexicon
from agent.answering.shipped_weights import verify
from agent.lexicon import MODALITIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("switch.npz")
OUTPUTS: tuple[str, ...] = (*MODALITIES, "evidence", "documents", "smalltalk", "again")
THRESHOLD = 0.5
MADE, BESIDE = 0.7, 0.65  # how likely a form must be, and words: a conversion too many is worse than one too few
SCALE = 3.0  # of the n-grams beside the sentence vector, whose length is 1
PARTS = 8  # of a request that are read by themselves
WORDS, SHAPES, PIECES = 3, 4, (3, 5)  # longest n-grams of words and of shapes; lengths of pieces of words
NEAR = 5  # words between a name and what stands before it
_PASTED = re.compile(r"\n+\W*input:.*|\n\s*\n.{200,}|[\"“][^\"”]{60,}[\"”]", re.IGNORECASE | re.DOTALL)
_ALSO = r"and then|and also|as well as|and|then|also|but|n|plus|und|dann|et|puis|y|luego|e|poi|en|dan"
_JOINT = re.compile(  # where one wish may end and another begin, in any of the languages
    rf"(?<=[.?!;])\s+|\n+|\s*[;+&]\s*|\s*,\s+(?:(?:{_ALSO}|so)\s+)?|\s+(?:{_ALSO})\s+", re.IGNORECASE
)
_SHORTENED = re.compile(r"\b(?:fig|figs|no|p|pp|vs|dr|mr|mrs|sec|ch)\.$", re.IGNORECASE)


@dataclass(frozen=True)
class OutputPlan:
    """A request as the classifier read it: output -> probability, of the `whole` and of each of its `clauses`."""

    clauses: tuple[str, ...]
    shares: tuple[dict[str, float], ...]
    whole: dict[str, float]

    @property
    def modalities(self) -> frozenset[str]:
        """What the request wants; text if nothing else."""
        return wanted_of(self.whole)

    @property
    def again(self) -> float:
        """How likely it wants the last thing that was made, with a change."""
        return self.whole["again"]

    def clause_of(self, modality: str) -> int:
        """The place of the clause that wants the modality most."""
        return max(range(len(self.clauses)), key=lambda place: self.shares[place][modality])


def wanted_of(shares: dict[str, float]) -> frozenset[str]:
    """What is likely, or else what is likeliest."""
    found = {name for name in MODALITIES if shares[name] >= (BESIDE if name == "text" else MADE)}
    return frozenset(found or {max(MODALITIES, key=lambda name: shares[name])})


class Classifier:
    """`embedder` has `embed_texts`, as `retrievers.embedders.load("minilm")` does. The weights are read once."""

    def __init__(self, embedder: Any, path: Path = WEIGHTS) -> None:
        self._embedder, self._path = embedder, path

    def __call__(self, request: str) -> OutputPlan:
        return self.read([request])[0]

    def read(self, requests: Sequence[str]) -> list[OutputPlan]:
        """Several requests at once."""
        import numpy as np

        own = [own_words(request) for request in requests]
        cut = [whole_and_parts(one) for one in own]
        texts = [text for each in cut for text in each]
        apart = [place > 0 for each in cut for place in range(len(each))]
        vectors = np.asarray(self._embedder.embed_texts(texts), np.float32)
        scores = np.split(self._network.log_odds(texts, vectors, apart), np.cumsum([len(each) for each in cut])[:-1])
        return [self._plan(each[0], each[1:], rows) for each, rows in zip(cut, scores, strict=True)]

    def _plan(self, request: str, cut: Sequence[str], scores: "Floats") -> OutputPlan:
        """`scores` [1 + parts, outputs] are of the whole and of its parts `cut`, if there are several."""
        together = _shares(self._network.joined(scores))
        clauses, shares = clauses_of(request, cut, list(map(_shares, scores[1:])), wanted_of(together))
        if len(clauses) < 2:
            return OutputPlan((request,), (together,), together)
        return OutputPlan(clauses, shares, together)

    @cached_property
    def _network(self) -> "Network":
        return Network.load(self._path)


@dataclass(frozen=True)
class Network:
    """`common`: words that are seen as themselves in shapes; `places`: n-gram -> its row.

    `hidden` [384 + n-grams + 2, H], the last rows the bias of a whole and that of a part; `output` [H + 1, outputs];
    `join` [outputs, 3] weighs the whole, its likeliest part, and a constant.
    """

    common: frozenset[str]
    places: dict[str, int]
    hidden: "Floats"
    output: "Floats"
    join: "Floats"

    @classmethod
    def load(cls, path: Path) -> "Network":
        """Raises `UserError` unless they are the weights of their record."""
        import numpy as np

        verify(path)
        with np.load(path, allow_pickle=False) as saved:
            common, kept = (str(saved[name]).split("\n") for name in ("common", "grams"))
            hidden, output, join = (saved[name].astype(np.float32) for name in ("hidden", "output", "join"))
        return cls(frozenset(common), {gram: place for place, gram in enumerate(kept)}, hidden, output, join)

    def log_odds(self, texts: Sequence[str], vectors: "Floats", apart: Sequence[bool]) -> "Floats":
        """[texts, outputs]. `vectors` [texts, 384] are the sentence vectors; `apart` says which texts are parts."""
        import numpy as np

        width = vectors.shape[1]
        inner = vectors @ self.hidden[:width] + self.hidden[-2:][np.asarray(apart, int)]  # [texts, H]
        for row, text in enumerate(texts):
            had = [self.places[gram] for gram in grams(text, self.common) if gram in self.places]
            inner[row] += SCALE / max(1, len(had)) ** 0.5 * self.hidden[width:-2][had].sum(0)
        return np.asarray(np.maximum(inner, 0.0) @ self.output[:-1] + self.output[-1])

    def joined(self, scores: "Floats") -> "Floats":
        """Of one request, [outputs], from the log-odds of the whole and of its parts, if it has several."""
        import numpy as np

        whole, *apart = scores
        if not apart:
            return np.asarray(whole)
        return np.asarray(self.join[:, 0] * whole + self.join[:, 1] * np.max(apart, 0) + self.join[:, 2])


def _shares(log_odds: "Floats") -> dict[str, float]:
    import numpy as np

    return dict(zip(OUTPUTS, (1.0 / (1.0 + np.exp(-log_odds))).tolist(), strict=True))


def own_words(text: str) -> str:
    """A request without the material that was pasted into it."""
    return _PASTED.sub("", text).replace("’", "'").strip() or text


def whole_and_parts(request: str) -> list[str]:
    """The texts that are read of a request: itself, and its parts if it has several."""
    cut = parts(request)
    return [request, *(cut if len(cut) > 1 else ())]


def parts(request: str) -> list[str]:
    """A request cut wherever one wish may end; most parts ask for nothing by themselves."""
    found: list[str] = []
    for part in (part.strip(" ,;.!") for part in _JOINT.split(request)):
        if found and _SHORTENED.search(f"{found[-1]}."):
            found[-1] = f"{found[-1]}. {part}"
        elif lexicon.LETTERS.search(part):
            found.append(part)
    return found if 0 < len(found) <= PARTS else [request]


def clauses_of(
    request: str, cut: Sequence[str], apart: Sequence[dict[str, float]], wanted: Collection[str]
) -> tuple[tuple[str, ...], tuple[dict[str, float], ...]]:
    """The parts put together again: those that want the same, or nothing that the whole request wants, are one clause.

    A clause has the shares of that of its parts which is surest.
    """
    starts: list[int] = []
    held: list[tuple[str, dict[str, float]]] = []
    end = 0
    for text, shares in zip(cut, apart, strict=True):
        place = max(end, request.find(text, end))
        end = place + len(text)
        best = max(sorted(wanted), key=lambda name: shares[name])
        name = best if shares[best] >= THRESHOLD else ""
        if held and (not name or held[-1][0] in ("", name)):
            surer = name and (not held[-1][0] or shares[name] > held[-1][1][name])
            held[-1] = (held[-1][0] or name, shares if surer else held[-1][1])
        else:
            starts.append(place)
            held.append((name, shares))
    ends = [*starts[1:], len(request)]
    slices = [request[start:end] for start, end in zip([0, *starts[1:]], ends, strict=True)]
    return tuple(_trimmed(one) for one in slices), tuple(shares for _, shares in held)


def _trimmed(clause: str) -> str:
    return re.sub(rf"[\s,;+&]+(?:{_ALSO}|so)?[\s,]*$", "", clause, flags=re.IGNORECASE).strip(" ,;.!")


def tokens(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Words in lower case, numbers as "0", each with its classes; a name of several words is one."""
    words = ["0" if word.isdigit() else word for word in lexicon.LETTERS.findall(text.lower())]
    found: list[tuple[str, tuple[str, ...]]] = []
    place, longest = 0, lexicon.longest()
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            name = " ".join(words[place : place + length])
            if (kinds := lexicon.classes(name)) or length == 1:
                found.append((name, kinds))
                place += length
                break
    return found


def grams(text: str, common: Collection[str]) -> set[str]:
    """The features of a text beside its sentence vector.

    A shape is a name's class, a common word, or "~": "conjure up a melody" and "rustle up a waltz" are "~ up a MUSIC".
    """
    said = tokens(text)
    words = ["^", *(word for word, _ in said), "$"]
    shapes = ["^", *("/".join(kinds) or (word if word in common else "~") for word, kinds in said), "$"]
    found = {f"w {run}" for size in range(1, WORDS + 1) for run in _runs(words, size)}
    found |= {f"d {run}" for size in range(1, SHAPES + 1) for run in _runs(shapes, size)}
    named = [place for place, shape in enumerate(shapes) if shape[0].isupper()]
    found |= {f"s {shapes[start]} {shapes[end]}" for end in named for start in range(max(0, end - NEAR), end - 1)}
    found |= {f"f {shapes[1]} {shapes[end]}" for end in named}
    shortest, longest = PIECES
    padded = [f"<{word}>" for word, _ in said]
    found |= {
        f"c {word[at : at + size]}"
        for word in padded
        for size in range(shortest, longest + 1)
        for at in range(len(word) - size + 1)
    }
    return found | ({"?"} if text.rstrip().endswith("?") else set())


def _runs(items: Sequence[str], size: int) -> list[str]:
    return [" ".join(run) for run in zip(*(items[start:] for start in range(size)), strict=False)]
