"""The table of what parsed pages hold of the words that another program found."""

import gzip
import json
from pathlib import Path

import pytest

from evals.parsing.evaluate import outcomes, table


def reference(path: Path, *cases: tuple[str, str]) -> Path:
    lines = [
        json.dumps({"file": name, "pages": 1, "words": {word: said.split().count(word) for word in said.split()}})
        for name, said in cases
    ]
    data = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["words.jsonl", "words.jsonl.gz"])
def test_the_table_counts_what_the_pages_hold(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text("Rye stands by the quay.")
    (tmp_path / "b.txt").write_text("Oats are on the barge.")
    (tmp_path / "c.html").write_text("<p>Efficient mills</p>", encoding="utf8")
    (tmp_path / "d.html").write_text("")
    words = reference(
        tmp_path / name,
        ("a.txt", "rye stands by the quay"),
        ("b.txt", "oats oats are here"),
        ("c.html", "e\ufb03cient mills"),
        ("d.html", ""),
        ("gone.txt", "not counted"),
    )
    rows = [row.split(" | ") for row in table(outcomes(tmp_path, words), 0.9).splitlines()[2:]]
    assert rows[0][:5] == ["| HTML", "2", "1", "0 of 1", "1 of 1"], "a ligature is its letters to who types it"
    assert rows[1][:6] == ["| TXT", "2", "2", "1 of 2", "1 of 2", "0.750"], "oats stands there once: two of four"
    assert rows[2] == ["| all", "4", "3", "1 of 3", "2 of 3", "0.500", "1.000", "0 of 3 |"]


def test_words_that_the_parser_says_it_lost_are_its_own_account(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Mill, weir, qu\ufffdy and barge".encode())
    (found,) = outcomes(tmp_path, reference(tmp_path / "w.jsonl", ("a.txt", "mill weir quay and barge")))
    assert (found.kept, found.lossy, found.pages) == (pytest.approx(0.8), 1, 1)
    assert found.held == 0.8
