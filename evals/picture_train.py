"""Fits the choice between showing a picture and making one, and prints its weights, for `agent.routers.picture_choice`.

    python -m evals.picture_train [--seed N]

A logistic regression over requests grown from `agent/routers/pictures.json`, asked of the documents that this file
describes. Prints as well where the simple rules of `triptych eval pictures` cut best. Knows nothing of the requests it
is judged by.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from agent.build import Parts
from agent.routers.instructions import PICTURES, Grammar
from agent.routers.picture_choice import features, subject
from agent.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COUNT = 450  # requests for each of show and make
DECAY = 0.003
RATE, STEPS = 1.0, 3000


def write_documents(folder: Path) -> list[Path]:
    """The documents of the training file: pages of captioned figures whose pictures are blank."""
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


def examples(seed: int) -> tuple[list[dict[str, float]], list[bool], list[int]]:
    """Of each training request: its features, whether it is to be made, and its length in words."""
    grammar = Grammar(seed, PICTURES)
    requests = [(request, label == "make") for label in ("show", "make") for request in grammar.of_label(label, COUNT)]
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(Settings(data_dir=Path(folder), corpus="pictures"))
        corpus = parts.library.open("pictures", create=True)
        corpus.ingest(write_documents(Path(folder)))
        rows = [features(request, corpus.search(subject(request), kinds=["figure"])) for request, _ in requests]
        parts.close()
    return rows, [made for _, made in requests], [len(request.split()) for request, _ in requests]


def fit(rows: "Floats", made: "Floats") -> "Floats":
    """Weights [F + 1], bias last, by gradient descent; `rows` [N, F + 1] end with a 1."""
    import numpy as np

    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        gradient = rows.T @ (1 / (1 + np.exp(-rows @ weights)) - made) / len(made)
        gradient[:-1] += 2 * DECAY * weights[:-1]
        weights -= RATE * gradient
    return weights


def best_cut(values: Sequence[float], made: Sequence[bool]) -> tuple[float, float]:
    """The value below which most requests are to be made, and the share that is right so."""
    shares = {
        cut: sum((value < cut) == make for value, make in zip(values, made, strict=True)) / len(made)
        for cut in sorted(set(values))
    }
    cut = max(shares, key=lambda one: shares[one])
    return cut, shares[cut]


def main() -> None:
    import numpy as np

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    rows, made, lengths = examples(parser.parse_args().seed)
    matrix = np.array([[*row.values(), 1.0] for row in rows])
    weights = fit(matrix, np.array(made, float))
    right = float(np.mean((matrix @ weights >= 0) == np.array(made)))
    print(f"{len(made)} requests, {right:.3f} of them right")
    print(dict(zip([*rows[0], "BIAS"], np.round(weights, 2).tolist(), strict=True)))
    for name, values in (("length", lengths), ("relevance", [row["relevance"] for row in rows])):
        cut, share = best_cut(values, made)
        print(f"made if {name} is below {cut:.2f}: {share:.3f} right")


if __name__ == "__main__":
    main()
