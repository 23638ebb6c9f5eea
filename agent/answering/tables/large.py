"""Tables too large to be read whole for every question: the rows that share most of its words."""

import math
from collections import Counter
from collections.abc import Sequence

from agent.answering.tables.parsing.questions import Question
from agent.answering.tables.words import stem
from retrievers.elements import Rows

MOST_ROWS = 300  # of a table that is read whole
KEPT = 120
HEADER = 3  # rows that are always read


def nearest(rows: Rows, question: Question) -> Sequence[int]:
    """The places of the rows to read: () for all of them, else the header and the best ones in their order."""
    if len(rows) <= MOST_ROWS:
        return ()
    words = {word for word in question.words if stem(word) is not None}
    held = [{word for word in words if word in text} for text in (" ".join(row).lower() for row in rows)]
    counts = Counter(word for one in held for word in one)
    weights = {word: math.log(len(rows) / count) for word, count in counts.items()}
    scores = [sum(weights[word] for word in one) for one in held]
    best = sorted(range(HEADER, len(rows)), key=lambda place: -scores[place])[:KEPT]
    return sorted({*range(HEADER), *(place for place in best if scores[place] > 0)})
