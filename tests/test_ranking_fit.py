"""`triptych fit rerank` and `triptych fit relevance` over small collections: what they write, and that it is the same
whatever the hash seed."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from evals.retrieval import relevance
from retrievers.search.relevance import FITTED
from retrievers.search.rerank import WEIGHTS
from ui.cli import main

ROOT = Path(__file__).parents[1]
PARTS = ("rerank", "relevance")
COLLECTIONS = {
    "harbours": {
        "oslo.md": "# Oslo\n\nThe harbour of Oslo has 14 cranes. Its oldest quay was built in 1899.\n",
        "genoa.md": "# Genoa\n\nThe harbour of Genoa has 31 cranes. Its lighthouse is 77 metres tall.\n",
        "porto.md": "# Porto\n\nThe harbour of Porto has 9 cranes. Wine leaves it by ship since 1720.\n",
    },
    "birds": {
        "heron.md": "# Heron\n\nThe heron weighs 2 kg and sleeps on one leg. It eats eels.\n",
        "robin.md": "# Robin\n\nThe robin weighs 18 g and sings at night. It eats worms.\n",
        "osprey.md": "# Osprey\n\nThe osprey weighs 1.5 kg and dives for fish. It nests on masts.\n",
    },
}
QUESTIONS = {
    "harbours": [
        ("How many cranes does the harbour of Oslo have?", "oslo.md"),
        ("How tall is the lighthouse of Genoa?", "genoa.md"),
        ("Since when does wine leave Porto by ship?", "porto.md"),
    ],
    "birds": [
        ("What does the Heron eat?", "heron.md"),
        ("When does the Robin sing?", "robin.md"),
        ("Where does the Osprey nest?", "osprey.md"),
    ],
}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The collections, ingested, as arguments of a fit."""
    root, typed = tmp_path_factory.mktemp("fit"), []
    for name, documents in COLLECTIONS.items():
        folder = root / name
        folder.mkdir()
        for file, text in documents.items():
            (folder / file).write_text(text)
        asked = [{"question": text, "document": file, "pages": [1]} for text, file in QUESTIONS[name]]
        asked.append({"question": f"Who won the chess match of the {name}?", "document": asked[0]["document"]})
        asked[-1]["unanswerable"] = True
        (root / f"{name}.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in asked))
        assert main(["ingest", str(folder), "--corpus", name, "--data-dir", str(root / "data")]) == 0
        typed.append(f"{name}={root / name}.jsonl")
    return [*typed, "--data-dir", str(root / "data")]


def commands(collections: list[str], to: Path) -> list[list[str]]:
    """Both fits, over what is read once of the collections."""
    return [["fit", part, *collections, "--cache", str(to), "--out", str(to / f"{part}.json")] for part in PARTS]


@pytest.fixture(scope="module")
def fits(collections: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Where each is written by this program, and by another, whose hashes have a seed of their own."""
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    assert [main(command) for command in commands(collections, here)] == [0, 0]
    code = f"from ui.cli import main\nfor command in {commands(collections, there)!r}: assert main(command) == 0"
    seeded = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=seeded, check=True, capture_output=True)
    return [here, there]


@pytest.mark.parametrize("part", PARTS)
def test_a_fit_is_the_same_whatever_the_hash_seed_and_says_what_it_is_of(
    part: str, collections: list[str], fits: list[Path]
) -> None:
    found, again = (json.loads((folder / f"{part}.json").read_text()) for folder in fits)
    assert found == again
    assert found["command"] == f"triptych fit {part} harbours=harbours.jsonl birds=birds.jsonl"
    files = [Path(one.partition("=")[2]) for one in collections[:2]]
    assert found["data"] == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert found["left out"].keys() >= COLLECTIONS.keys()
    shipped = WEIGHTS if part == "rerank" else asdict(FITTED)
    assert found["weights"].keys() == shipped.keys()
    assert found["weights"] != shipped


@pytest.mark.parametrize("part", PARTS)
def test_a_collection_may_count_more_than_another(part: str, collections: list[str], fits: list[Path]) -> None:
    out = fits[0] / f"{part}-weighed.json"
    command = ["fit", part, *collections, "--cache", str(fits[0]), "--out", str(out)]
    assert main([*command, "--weigh", "birds=20"]) == 0
    weighed, alike = json.loads(out.read_text()), json.loads((fits[0] / f"{part}.json").read_text())
    assert weighed["command"] == f"{alike['command']} --weigh birds=20"
    assert weighed["weights"] != alike["weights"]
    assert main([*command, "--weigh", "fish=2"]) == 2


def test_what_is_fitted_is_the_least_of_the_loss_that_is_documented() -> None:
    draw = np.random.default_rng(3)
    inputs, counts = draw.normal(size=(200, 3)), draw.uniform(0.1, 2, 200)
    right = inputs @ [1.0, -2.0, 0.5] + 0.7 + draw.logistic(size=200) > 0
    found = relevance._logistic([dict(zip("abc", row, strict=True)) for row in inputs], list(right), list(counts))
    weights = np.array([found[name] for name in "abc"])
    wrong = (1 / (1 + np.exp(-inputs @ weights - found["bias"])) - right) * counts / counts.sum()
    assert wrong.sum() == pytest.approx(0, abs=1e-5)
    assert inputs.T @ wrong + 2 * relevance.DECAY * weights == pytest.approx(0, abs=1e-5)
