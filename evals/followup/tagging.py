"""Fits the tagger of open words (`agent.routers.followup.parsing.tagger`) to the lines of `tagged_questions.txt`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.routers.followup.parsing.grammar import grammars
from agent.routers.followup.parsing.tagger import FILE, KINDS, LAYERS, inputs

SENTENCES = Path(__file__).with_name("tagged_questions.txt")
LANGUAGES = {"[en]": "english", "[de]": "german", "[es]": "spanish", "[fr]": "french"}
MARKS = {"v": "verb", "j": "adj", "r": "adverb", "p": "adverb"}
STRENGTH = 0.02  # of the inverse of the ridge
FOLDS = 10
_MARK = re.compile(r"/([vjrp])(?!\w)")


def fit() -> dict[str, float]:
    """Writes the weights; returns how often each language's words were tagged right when left out, ten-fold."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.model_selection import GroupKFold, cross_val_predict  # type: ignore[import-untyped]

    rows, kinds, sentences, languages = map(np.array, zip(*_words(), strict=True))
    spread = np.ones(rows.shape[1])
    states = 384 * len(LAYERS)
    spread[:states] = rows[:, :states].std(axis=0)
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    told = cross_val_predict(model, rows / spread, kinds, groups=sentences, cv=GroupKFold(FOLDS))
    model.fit(rows / spread, kinds)
    order = [list(model.classes_).index(kind) for kind in KINDS]
    weights = (model.coef_[order] / spread).T
    np.savez_compressed(FILE, weights=weights.astype(np.float16), biases=model.intercept_[order].astype(np.float32))
    right = told == kinds
    return {name: round(float(right[languages == name].mean()), 3) for name in LANGUAGES.values()}


def _words() -> Iterator[tuple[Any, str, int, str]]:
    """Of every plain word what is seen of it, what it is, its sentence and its language."""
    language = ""
    for number, line in enumerate(SENTENCES.read_text(encoding="utf-8").splitlines()):
        language = LANGUAGES.get(line, language)
        if not line or line.startswith("#") or line in LANGUAGES:
            continue
        text, marks = _unmarked(line)
        tokens = grammars()[language].closed_tokens(text)
        places = [place for place, one in enumerate(tokens) if one.tag == "word"]
        if places:
            for place, row in zip(places, inputs(tokens, places, text, language), strict=True):
                yield row, MARKS.get(marks.get(tokens[place].end, ""), "word"), number, language


def _unmarked(line: str) -> tuple[str, dict[int, str]]:
    """The sentence, and by where a word ends its mark."""
    text, marks, start = "", {}, 0
    for found in _MARK.finditer(line):
        text += line[start : found.start()]
        marks[len(text)] = found[1]
        start = found.end()
    return text + line[start:], marks
