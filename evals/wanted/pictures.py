"""A picture that is asked for, shown or made: requests, the documents they are asked of, and weights fitted to both.

`pictures.json` holds patterns of requests to show, to make, and only to speak of a picture, and describes documents.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from agent.build import Parts
from agent.lexicon import subject
from agent.routers.classifier import Classifier
from agent.routers.picture_choice import features
from agent.settings import Settings
from evals.wanted.grammar import Example, Grammar

PICTURES = Path(__file__).with_name("pictures.json")
COUNT = 300  # requests of each kind
WANTS = {"show": ("image", "evidence"), "make": ("picture",), "tell": ("text", "evidence")}


def examples(seed: int, count: int = COUNT) -> list[Example]:
    """Of each kind; some that would be shown read like some that would be made, as they do in life."""
    data = json.loads(PICTURES.read_text(encoding="utf-8"))
    grammar = Grammar(f"{seed} pictures")
    return [
        grammar.grown(grammar.draw.choice(data["labels"][kind]), data["slots"], set(wants), f"pictures {kind}")
        for kind, wants in WANTS.items()
        for _ in range(count)
    ]


def write_documents(folder: Path) -> list[Path]:
    """The documents of the file: pages of captioned figures whose pictures are blank."""
    from PIL import Image

    Image.new("RGB", (300, 200), "lightblue").save(folder / "blank.png")
    described: dict[str, list[str]] = json.loads(PICTURES.read_text(encoding="utf-8"))["documents"]
    written = []
    for title, captions in described.items():
        figures = "".join(
            f"<p>{escape(caption.partition(': ')[2])}</p>"
            f'<figure><img src="blank.png"><figcaption>{escape(caption)}</figcaption></figure>'
            for caption in captions
        )
        path = folder / f"{re.sub(r'[^a-z0-9]+', '-', title.lower())}.html"
        path.write_text(f"<h1>{escape(title)}</h1>{figures}", encoding="utf-8")
        written.append(path)
    return written


def fit(classifier: Classifier, seed: int) -> tuple[dict[str, float], float]:
    """Weights of `agent.routers.picture_choice`, bias among them, and the share of its own requests they get right.

    `classifier` must not have been fitted to `examples`, whose wording it would read more surely than any other.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    rows, made = zip(*_cases(classifier, seed), strict=True)
    inputs = [list(row.values()) for row in rows]
    model = LogisticRegression(C=1.0, max_iter=1000).fit(inputs, made)
    weights = dict(zip(rows[0], map(float, model.coef_[0]), strict=True))
    return weights | {"bias": float(model.intercept_[0])}, float(model.score(inputs, made))


def _cases(classifier: Classifier, seed: int) -> Iterator[tuple[dict[str, Any], bool]]:
    """Features of a request to show or to make a picture, asked of the documents; whether it is to be made."""
    asked = [one for one in examples(seed + 1) if "text" not in one.wants]
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(Settings(data_dir=Path(folder), corpus="pictures"))
        corpus = parts.library.open("pictures", create=True)
        corpus.ingest(write_documents(Path(folder)))
        for one, plan in zip(asked, classifier.read([one.request for one in asked]), strict=True):
            about = subject(one.request)
            if about:
                yield features(about, plan.whole, corpus.search(about, kinds=["figure"])), "picture" in one.wants
        parts.close()
