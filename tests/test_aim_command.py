"""`triptych aim train` on a folder of pictures: end to end, and again after it was killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import aim_models
import pytest
from PIL import Image

from generators.aim import projector
from generators.aim.bank import Bank
from ui import cli


def data(folder: Path) -> Path:
    for number in range(8):
        place = folder / ("dent" if number % 2 else "scratch")
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (30 * number, 9, 90)).save(place / f"{number}.png")
    return folder


def words(tmp_path: Path, out: str) -> list[str]:
    given = f"--steps 6 --every 2 --batch 2 --rate 0.003 --layers 1 2 --out {tmp_path / out}"
    return f"aim train --model {tmp_path / 'model'} --data {tmp_path / 'data'} --question which {given}".split()


def test_it_trains_and_killed_goes_on_with_the_same_curve(tmp_path, capsys):
    aim_models.write("idefics3", tmp_path / "model")
    data(tmp_path / "data")
    assert cli.main(words(tmp_path, "whole")) == 0
    assert "layer 2, step 6 of 6" in capsys.readouterr().out
    trained = projector.load(tmp_path / "whole")
    assert trained.meta.revision == projector.revision_of(tmp_path / "model")

    command = [sys.executable, "-m", "ui.cli", *words(tmp_path, "killed")]
    stopped = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
    while not (tmp_path / "killed" / "layer-1.jsonl").exists():
        assert stopped.poll() is None
        time.sleep(0.05)
    stopped.send_signal(signal.SIGKILL)
    stopped.wait()
    assert not (tmp_path / "killed" / "projector.json").exists()
    assert cli.main(words(tmp_path, "killed")) == 0
    for layer in (1, 2):
        curves = [(tmp_path / out / f"layer-{layer}.jsonl").read_text() for out in ("whole", "killed")]
        rows = [[json.loads(line) for line in curve.splitlines()] for curve in curves]
        assert [row["step"] for row in rows[0]] == [0, 2, 4, 6]
        for one, other in zip(*rows, strict=True):
            assert one["development"] == pytest.approx(other["development"], abs=1e-3)


def test_a_set_is_taught_from_a_folder_and_from_a_zip_of_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TRIPTYCH_DATA_DIR", str(tmp_path / "kept"))
    folder = data(tmp_path / "flaws")
    assert cli.main(["aim", "teach", "flaws", str(folder), "--question", "which?"]) == 0
    assert "8 demonstrations: dent (4), scratch (4)" in capsys.readouterr().out
    packed = shutil.make_archive(str(tmp_path / "flaws"), "zip", folder)
    assert cli.main(["aim", "teach", "again", packed, "--question", "which?"]) == 0
    bank = Bank(tmp_path / "kept" / "demonstrations")
    assert [entry.id for entry in bank.entries("again")] == [entry.id for entry in bank.entries("flaws")]
    assert cli.main(["aim", "teach", "none", str(tmp_path / "none.zip")]) == 2
    assert "cannot be unpacked" in capsys.readouterr().err


def test_what_cannot_be_trained_is_said(tmp_path, capsys):
    assert cli.main(["aim", "train", "--model", "x", "--data", str(tmp_path / "none")]) == 2
    assert "There is no data" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        cli.main(["aim", "train", "--model", "x", "--data", "x", "--steps", "0"])
    assert "a whole number of at least 1 is needed, not '0'" in capsys.readouterr().err


def test_a_table_without_a_spare_row_is_said_before_anything_is_trained(tmp_path, capsys):
    from transformers import AutoProcessor

    folder = aim_models.write("idefics3", tmp_path / "model")
    processor = AutoProcessor.from_pretrained(folder)
    processor.tokenizer.add_tokens([f"word{i}" for i in range(384 - len(processor.tokenizer))])
    processor.save_pretrained(folder)
    data(tmp_path / "data")
    assert cli.main(words(tmp_path, "out")) == 2
    assert "no row to spare" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
