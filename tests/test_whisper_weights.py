"""Weights of strangers are compared with their hash before use; where there are none, the command that brings them."""

import hashlib
from pathlib import Path

import pytest

from generators.audio import whisper_weights
from generators.audio.whisper_weights import Packaged, check, weights
from generators.core.base import Medium, NotConfigured

PARTS = ("pretended_part1/model.bin.1", "pretended_part2/model.bin.2")
SHA256 = hashlib.sha256(b"first half, second half").hexdigest()


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two packages that bring a half of the weights each, and would raise if they were imported."""
    for part, data in zip(PARTS, (b"first half, ", b"second half"), strict=True):
        path = tmp_path / part
        path.parent.mkdir()
        path.write_bytes(data)
        (path.parent / "__init__.py").write_text("raise AssertionError('a stranger\\'s code was run')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(whisper_weights, "PACKAGED", (Packaged("pretended", {"model.bin": (PARTS, SHA256)}),))
    return tmp_path


def test_parts_are_joined_and_no_code_of_their_packages_is_run(pretended: Path) -> None:
    assert weights("") == ("pretended", {"model.bin": b"first half, second half"})


def test_weights_that_are_not_what_they_were_are_refused(pretended: Path) -> None:
    (pretended / PARTS[1]).write_bytes(b"second half!")
    with pytest.raises(whisper_weights.UserError, match=r"pretended are not the ones.*triptych\[whisper\]"):
        weights("")


def test_a_missing_half_is_no_model(pretended: Path) -> None:
    (pretended / PARTS[1]).unlink()
    with pytest.raises(NotConfigured, match=r'pip install "triptych\[whisper\]"'):
        check("")


def test_a_folder_of_ones_own_needs_its_files(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(NotConfigured, match=r"config.json, model.bin, tokenizer.json"):
        check(str(tmp_path))


def test_what_is_missing_is_said_where_a_recording_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.converting.service import ConverterService

    monkeypatch.setattr(whisper_weights, "PACKAGED", ())
    with pytest.raises(NotConfigured, match=r'pip install "triptych\[whisper\]"'):
        ConverterService(None, {}).read(Medium("audio", data=b"RIFF"), "text")  # type: ignore[arg-type]


def test_doctor_says_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent import Settings, doctor

    monkeypatch.setattr(whisper_weights, "PACKAGED", ())
    (part,) = [one for one in doctor.examine(Settings()) if one.name == "converter transcript-whisper"]
    assert not part.present
    assert 'pip install "triptych[whisper]"' in part.cure
