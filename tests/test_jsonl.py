"""A record a line, whatever its strings hold: a line ends at a line feed and nowhere else."""

import json
from pathlib import Path

import pytest
from PIL import Image

from common import jsonl
from common.errors import UserError
from evals.datasets import questions
from generators.aim import data
from generators.aim.bank import Bank
from generators.aim.demonstrations import Demonstration

BREAKS = ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r", "\n", "\r\n"]


@pytest.mark.parametrize("broken", BREAKS, ids=ascii)
def test_a_label_that_breaks_lines_leaves_its_set_whole(tmp_path: Path, broken: str) -> None:
    bank = Bank(tmp_path)
    pictures = [Image.new("RGB", (8, 8), (40 * number, 0, 0)) for number in range(3)]
    labels = [f"hairline{broken}crack", "dent", f"{broken}rust"]
    bank.add("flaws", [Demonstration(*pair, f"which{broken}one?") for pair in zip(pictures, labels, strict=True)])
    entries = bank.entries("flaws")
    assert [entry.text for entry in entries] == labels
    exported = bank.export("flaws", tmp_path / "exported")
    assert [entry.text for entry in bank.add_from("again", exported)] == labels
    assert [entry.text for entry in bank.remove("flaws", [entries[1].id])] == [labels[0], labels[2]]
    bank.delete("flaws")


def test_a_label_with_half_a_letter_is_refused_before_anything_is_kept(tmp_path: Path) -> None:
    bank = Bank(tmp_path)
    with pytest.raises(UserError, match="half a letter"):
        bank.add("flaws", [Demonstration(Image.new("RGB", (8, 8)), "den\ud800t")])
    assert bank.names() == []


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_lines_are_numbered_as_an_editor_numbers_them(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(f'{mark}{{"a": "x\u2028y\x85z"}}\r\n\n  \n{{"a": 2}}', encoding="utf-8", newline="")
    assert [(number, json.loads(line)["a"]) for number, line in jsonl.lines(file)] == [(1, "x\u2028y\x85z"), (4, 2)]


@pytest.mark.parametrize("read", [data.load, lambda path: questions.read_questions([path])])
def test_a_file_that_is_not_utf8_is_named(tmp_path: Path, read) -> None:
    file = tmp_path / "latin.jsonl"
    file.write_bytes(b'{"question": "caf\xe9", "image": "a.png", "text": "caf\xe9"}\n')
    with pytest.raises(UserError, match=r"latin\.jsonl is not UTF-8"):
        read(file)
