"""`triptych fit tables`: from files of questions to weights that answer, and a record that names them."""

import gzip
import hashlib
import json

import pytest

from agent.answering.tables.ranking.ranker import load_from
from ui.cli import main

PLACES = ("Arno", "Bela", "Cord", "Dima", "Ebro", "Fara", "Gila", "Hebe", "Iona", "Jura")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    tables, questions = [], []
    for number in range(20):
        name = f"made/{number}"
        rows = [[place, str(100 + 7 * ((number + 3) * at % 11)), f"{at + number}.5"] for at, place in enumerate(PLACES)]
        tables.append({"table": name, "rows": [["River", "Length", "Depth"], *rows]})
        longest = max(rows, key=lambda row: int(row[1]))
        asked = [
            (f"what is the depth of {rows[number % 10][0]}?", rows[number % 10][2]),
            ("which river has the greatest length?", longest[0]),
            ("how many rivers are there?", "10"),
        ]
        for text, gold in asked:
            questions.append({"id": f"{number}-{text}", "question": text, "table": name, "answer": [gold]})
    with gzip.open(folder / "wtq-tables.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("".join(json.dumps(one) + "\n" for one in tables))
    (folder / "wtq-train.jsonl").write_text("".join(json.dumps(one) + "\n" for one in questions), "utf-8")
    ask = {"uid": "t1", "question": "What was bread in 2021?", "answer": ["5.5"], "answer_type": "span"}
    statement = [["", "2021", "2020"], ["Bread", "5.5", "4.0"], ["Cakes", "2.0", "1.5"]]
    entry = {"table": {"uid": "t", "table": statement}, "paragraphs": [], "questions": [ask | {"answer_from": "table"}]}
    (folder / "tatqa-dev.json").write_text(json.dumps([entry]), "utf-8")
    return folder


def test_weights_and_their_record(data, tmp_path):
    to = tmp_path / "tables.npz"
    assert main(["fit", "tables", "--data", str(data), "--to", str(to), "--epochs", "30", "--made", "9"]) == 0
    record = json.loads(to.with_suffix(".json").read_text("utf-8"))
    assert record["sha256"] == hashlib.sha256(to.read_bytes()).hexdigest()
    assert record["left out"] == "fold 0 of 5"
    for kind in ("wtq", "made"):
        share, count = record["right"][kind]
        assert count and share > 0.3
    ranker = load_from(to)
    assert ranker.calibration.any() and len(ranker.networks) == 3
