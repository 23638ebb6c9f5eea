"""A long question -> the sentences of it that ask.

An embedder reads the first few hundred words, and a page's worth of words is found on every page: what is searched for
is what is asked, not all that stands around it.
"""

import re

LONG = 120  # words; about what the text embedder reads
SENTENCE = re.compile(r"[^.?!。？！؟\n]+[.?!。？！؟]*[\"'”’)\]]*|[.?!。？！؟\n]+")
ASKS = re.compile(r"[?？؟][\"'”’)\]]*\s*$")


def shortened(question: str) -> str:
    """`question` unless it has over `LONG` words; else its sentences with a question mark, the last ones where they are
    too many. Without any, its last sentence: a request stands under what it is about."""
    if len(question.split()) <= LONG:
        return question
    sentences = [found[0].strip() for found in SENTENCE.finditer(question) if re.search(r"\w", found[0])]
    asking = [sentence for sentence in sentences if ASKS.search(sentence)] or sentences[-1:]
    return " ".join(" ".join(asking).split()[-LONG:])


def notice(question: str) -> str:
    """What the person is told of a question that was shortened; empty for others."""
    asked = shortened(question)
    if asked == question:
        return ""
    return f"The question has {len(question.split()):,} words; these were searched for: \u201c{asked}\u201d"
