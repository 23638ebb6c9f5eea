"""The phrases of a question, which say what is to be done with the cells: "how many", "after", "in total"."""

import zlib
from itertools import pairwise

from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.words import keys_of

RUN = 3  # words in a row from which a question repeats a title


def phrases(question: Question, title: str = "") -> list[int]:
    """Ids of the question's words, pairs of words and first words; numbers are alike. What it repeats of the table's
    title is left out: "after the flood" asks for nothing that comes after another, if the table is of after the
    flood."""
    words = ["#" if word[-1].isdigit() else word for word in question.words]
    own = [not repeated for repeated in _repeated(question, title)]
    single = [word for word, kept in zip(words, own, strict=True) if kept]
    pairs = [f"{one} {other}" for (one, other), kept in zip(pairwise(words), pairwise(own), strict=True) if all(kept)]
    starts = [f"^{' '.join(words[:count])}" for count in (1, 2, 3) if all(own[:count])]
    return sorted({zlib.crc32(one.encode()) for one in (*single, *pairs, *starts)})


def _repeated(question: Question, title: str) -> list[bool]:
    """Of each word of the question, whether it stands in a run of at least `RUN` that the title has, too."""
    said, keys = keys_of(title), question.keys
    runs = {said[place : place + RUN] for place in range(len(said) - RUN + 1)}
    first = [keys[place : place + RUN] in runs for place in range(len(keys))]
    return [any(first[max(0, place - RUN + 1) : place + 1]) for place in range(len(keys))]
