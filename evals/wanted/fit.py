"""`triptych fit switch`: the weights by which requests are read, from grown, written and real ones.

Real questions are those of `reader-dev` (XQuAD, COVID-QA, WikiTableQuestions, TAT-QA): they want words alone. Written
requests that are left out in turn say how it reads what it was not shown. Knows nothing of the benchmarks.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.lexicon import MODALITIES
from agent.routers.classifier import THRESHOLD, WEIGHTS, Classifier, Network, grams, own_words, whole_and_parts
from common import jsonl
from common.errors import UserError
from evals.provenance import digest, digests
from evals.wanted import features, network, pictures
from evals.wanted.examples import PATTERNS, WRITTEN, grown, mixed, patterned, written
from evals.wanted.grammar import ENGLISH, FOREIGN, Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

HELP = "Fit how requests are read: what is to be made or shown, looked up, made again."
GROWN, EACH, MIXED, QUESTIONS = 10_000, 8, 2_500, 2_000  # requests of each origin; `EACH`: of every pattern
OWN, ALONE = 3.0, 2.0  # how much a written request counts, and one for words alone: a conversion too many is worse
FOLDS = 5
ASKED = ("covidqa.json", "tatqa-dev.json", "wtq-train.jsonl", *(f"xquad.{name}.json" for name in ("en", "de", "es")))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="reader-dev: questions of others")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--left-out", action="store_true", help="measure written requests left out; keep no weights")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go (default: into the package)")


def run(arguments: argparse.Namespace) -> int:
    fitter = Fitter(arguments.data, arguments.seed)
    if arguments.left_out:
        print(json.dumps(fitter.left_out(), indent=1))
        return 0
    fitted = fitter.fit(written())
    save(fitted, arguments.out)
    picture, share = pictures.fit(fitter.classifier(fitter.fit(written(), of_pictures=False)), arguments.seed)
    record = {
        "command": f"triptych fit switch --data reader-dev --seed {arguments.seed}",
        "sha256": digest(arguments.out),
        "data": digests(fitter.sources),
        "scores": {"grown from another seed": fitter.score(fitted, grown(arguments.seed + 1, 2000)), "picture": share},
        "picture": picture,
    }
    arguments.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record["scores"]))
    return 0


class Fitter:
    """Examples and their sentence vectors, each text embedded once. Raises `UserError` where the data are not."""

    def __init__(self, data: Path, seed: int) -> None:
        from retrievers import embedders

        self._embedder = embedders.load("minilm")
        self._known: dict[str, Any] = {}
        self._seed = seed
        self._asked = questions(data, seed)
        self.sources = [ENGLISH, FOREIGN, PATTERNS, WRITTEN, pictures.PICTURES, *(data / name for name in ASKED)]

    def embed_texts(self, texts: Sequence[str]) -> "Floats":
        import numpy as np

        new = sorted({text for text in texts if text not in self._known}, key=lambda text: (len(text), text))
        if new:
            self._known |= dict(zip(new, np.asarray(self._embedder.embed_texts(new), np.float16), strict=True))
        return np.array([self._known[text] for text in texts], np.float32)

    def fit(self, own: Sequence[Example], *, of_pictures: bool = True) -> Network:
        """Fitted to those `own` requests that were written, and to all others, with or without `pictures.examples`."""
        import numpy as np

        made = [*patterned(self._seed, EACH), *(pictures.examples(self._seed) if of_pictures else ())]
        several = mixed(self._seed, MIXED, [*own, *made])
        examples = [*grown(self._seed, GROWN), *made, *several, *own, *self._asked]
        groups = [whole_and_parts(own_words(one.request)) for one in examples]
        labels = features.labels_of(examples)
        common = features.common_words([group[0] for group in groups])
        found = [[grams(text, common) for text in group] for group in groups]
        places = features.telling([had[0] for had in found], labels)
        vectors = self.embed_texts([text for group in groups for text in group])
        material = network.Material.of(found, vectors, places)
        counts = np.array([_count(one) for one in examples], np.float32)
        return network.fit(material, labels, counts, common, places, self._seed)

    def classifier(self, fitted: Network) -> Classifier:
        """That reads by these weights."""
        classifier = Classifier(self)
        classifier.__dict__["_network"] = fitted
        return classifier

    def score(self, fitted: Network, examples: Sequence[Example]) -> dict[str, float]:
        """Of requests: all forms right; of those for words alone, something made; the other outputs right."""
        pairs = list(zip(self.classifier(fitted).read([one.request for one in examples]), examples, strict=True))
        right = [plan.modalities == one.wants & set(MODALITIES) for plan, one in pairs]
        alone = [plan for plan, one in pairs if one.wants & set(MODALITIES) == {"text"}]
        found = {"requests": float(len(examples)), "right": _share(right)}
        found["false conversions"] = _share(plan.modalities != {"text"} for plan in alone)
        for name in ("evidence", "again"):
            found[name] = _share((plan.whole[name] >= THRESHOLD) == (name in one.wants) for plan, one in pairs)
        return found

    def left_out(self) -> list[dict[str, float]]:
        """Written requests, a fifth at a time, read by what was fitted without them."""
        own = written()
        folds = [own[start::FOLDS] for start in range(FOLDS)]
        return [self.score(self.fit([one for one in own if one not in fold]), fold) for fold in folds]


def questions(data: Path, seed: int) -> list[Example]:
    """A sample of other people's questions, which want words alone. Raises `UserError` where they are not."""
    missing = [name for name in ASKED if not (data / name).is_file()]
    if missing:
        raise UserError(f"{data} lacks {', '.join(missing)}.", "Give the folder reader-dev (docs/switch.md).")
    found: list[str] = []
    for name in ASKED:
        if name.endswith(".jsonl"):
            found += [json.loads(line)["question"] for _, line in jsonl.lines(data / name)]
        else:
            found += list(_questions_in(json.loads((data / name).read_text(encoding="utf-8"))))
    sample = random.Random(seed).sample(sorted(set(found)), QUESTIONS)
    return [Example(question, frozenset({"text", "evidence"}), "questions") for question in sample]


def _questions_in(record: Any) -> list[str]:
    """Every "question" in a JSON value, at any depth."""
    if isinstance(record, dict):
        own = [record["question"]] if isinstance(record.get("question"), str) else []
        return own + [one for value in record.values() for one in _questions_in(value)]
    return [one for value in record for one in _questions_in(value)] if isinstance(record, list) else []


def _count(one: Example) -> float:
    own = OWN if one.family == "written" else 1.0
    return own * (ALONE if one.wants & set(MODALITIES) == {"text"} else 1.0)


def _share(right: Any) -> float:
    found = list(right)
    return round(sum(found) / len(found), 3)


def save(fitted: Network, path: Path) -> None:
    import numpy as np

    np.savez_compressed(
        path,
        hidden=fitted.hidden.astype(np.float16),
        output=fitted.output.astype(np.float16),
        join=fitted.join,
        grams="\n".join(fitted.places),
        common="\n".join(sorted(fitted.common)),
    )
