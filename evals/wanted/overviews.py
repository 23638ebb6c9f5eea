"""`triptych fit overview`: which requests want what is written of something, rather than an answer.

Grown from `overviews.json`; against them stand patterns of its own, the other requests of this folder, and real
questions of `reader-dev`. Whole patterns left out in turn say how it reads what it was not shown;
`overviews_blind.tsv` was written apart and is only judged.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agent.lexicon import LETTERS, MODALITIES
from agent.routers.classifier import grams
from agent.routers.overview import FITTED, THRESHOLD, Weights
from common import jsonl
from evals.wanted import features
from evals.wanted.examples import grown, written
from evals.wanted.fit import ASKED, questions
from evals.wanted.grammar import Grammar

HELP = "Fit which requests want an overview of something rather than an answer."
HERE = Path(__file__).parent
PATTERNS, BLIND = HERE / "overviews.json", HERE / "overviews_blind.tsv"
EACH, GROWN = 25, 3_000  # requests of every pattern; of the other forms
FOLDS, KEPT, COMMON = 5, 3_000, 700  # n-grams; words that shapes show as themselves
STRENGTH = 3.0  # inverse of the ridge
SCALE = 3.0  # of the n-grams beside the sentence vector, whose length is 1
_SLOT = re.compile(r"\{(\w+)\}")
Case = tuple[str, bool, str]  # request, whether it wants an overview, the pattern it is of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="reader-dev: questions of others")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=FITTED, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    from retrievers import embedders

    patterns = json.loads(PATTERNS.read_text(encoding="utf-8"))
    cases = [*_cases(patterns, arguments.seed), *_others(patterns, arguments.data, arguments.seed)]
    fitter = _Fitter(embedders.load("minilm"))
    asking = asking_words(patterns)
    fitted = fitter.fit(cases, asking)
    blind = [(request, name == "overview", "") for name, request in _blind()]
    scores = {"patterns left out": fitter.left_out(cases, asking), "blind": fitter.score(fitted, blind)}
    record = {
        "command": f"triptych fit overview --data reader-dev --seed {arguments.seed}",
        "data": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _sources(arguments.data)},
        "scores": scores,
        "bias": fitted.bias,
        "common": sorted(fitted.common),
        "asking": sorted(fitted.asking),
        "grams": fitted.grams,
        "vector": fitted.vector,
    }
    arguments.out.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(scores, indent=1))
    return 0


def asking_words(patterns: dict[str, Any]) -> frozenset[str]:
    """The words of the patterns for overviews outside their slots, and those that name kinds of documents."""
    slots = patterns["slots"]
    kinds = [*slots["kind"], *slots["whole"], *slots["short"], *Grammar().data["doc"]]
    texts = (_SLOT.sub(" ", text) for text in (*patterns["overview"], *kinds))
    return frozenset(word.lower() for text in texts for word in LETTERS.findall(text))


def _cases(patterns: dict[str, Any], seed: int) -> Iterator[Case]:
    grammar = Grammar(f"{seed} overviews")
    for name in ("overview", "other"):
        for pattern in patterns[name]:
            made = {grammar.grown(pattern, patterns["slots"], {"text"}, name).request for _ in range(EACH)}
            yield from ((request, name == "overview", pattern) for request in sorted(made))


def _others(patterns: dict[str, Any], data: Path, seed: int) -> Iterator[Case]:
    """Each is a pattern of its own, but for those that are grown."""
    wanted = frozenset(patterns["written"])
    for one in written():
        if one.wants & set(MODALITIES) == {"text"}:
            yield one.request, one.request in wanted, one.request
    yield from ((one.request, False, one.request) for one in questions(data, seed))
    yield from ((one.request, False, "grown") for one in grown(seed, GROWN) if "text" not in one.wants)


def _blind() -> Iterator[tuple[str, str]]:
    for _, line in jsonl.lines(BLIND):
        name, request = line.split("\t", 1)
        yield name, request


def _sources(data: Path) -> list[Path]:
    return [PATTERNS, BLIND, *(data / name for name in ASKED)]


class _Fitter:
    """Each text is embedded once."""

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder
        self._known: dict[str, Any] = {}

    def vectors(self, texts: Sequence[str]) -> Any:
        import numpy as np

        new = sorted({text for text in texts if text not in self._known}, key=lambda text: (len(text), text))
        if new:
            self._known |= dict(zip(new, self._embedder.embed_texts(new), strict=True))
        return np.array([self._known[text] for text in texts], np.float32)

    def fit(self, cases: Sequence[Case], asking: frozenset[str]) -> Weights:
        import numpy as np
        from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
        from sklearn.linear_model import LogisticRegression

        texts = [request for request, _, _ in cases]
        right = np.array([wanted for _, wanted, _ in cases], np.float32)
        common = features.common_words(texts, COMMON)
        found = [grams(text, common) for text in texts]
        places = features.telling(found, right[:, None], KEPT)
        rows = features.matrix(found, places)
        rows = rows.multiply(SCALE / np.sqrt(np.maximum(1, rows.sum(1)))).tocsr()
        inputs = hstack([csr_matrix(self.vectors(texts)), rows]).tocsr()
        fitted = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2_000).fit(inputs, right)
        width = inputs.shape[1] - len(places)
        weights = [round(float(one), 4) for one in fitted.coef_[0]]
        weighed = {gram: round(SCALE * weights[width + place], 4) for gram, place in places.items()}
        return Weights(common, asking, weighed, tuple(weights[:width]), round(float(fitted.intercept_[0]), 4))

    def score(self, fitted: Weights, cases: Sequence[Case]) -> dict[str, float]:
        """Of requests for an overview those that are read as one, and of the others, too."""
        vectors = self.vectors([request for request, _, _ in cases])
        read = [fitted.share(request, row) >= THRESHOLD for (request, _, _), row in zip(cases, vectors, strict=True)]
        split = {
            name: [one for one, case in zip(read, cases, strict=True) if case[1] == name] for name in (True, False)
        }
        return {
            "requests": len(cases),
            "overviews found": round(sum(split[True]) / len(split[True]), 3),
            "others taken for one": round(sum(split[False]) / len(split[False]), 3),
        }

    def left_out(self, cases: Sequence[Case], asking: frozenset[str]) -> dict[str, float]:
        """Of all patterns, a fifth at a time, by what was fitted to the others; weighed by their requests."""
        families = sorted({pattern for _, _, pattern in cases})
        folds = {pattern: place % FOLDS for place, pattern in enumerate(families)}
        scores = []
        for fold in range(FOLDS):
            fitted = self.fit([case for case in cases if folds[case[2]] != fold], asking)
            scores.append(self.score(fitted, [case for case in cases if folds[case[2]] == fold]))
        return {name: round(sum(one[name] for one in scores) / FOLDS, 3) for name in scores[0]}
