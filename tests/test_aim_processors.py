"""Processors as their models ship them, loaded where torchvision is not installed: pictures are read without videos."""

import json
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aim_models
import pytest
import torch

from common.errors import UserError
from generators.aim.adapters import ADAPTERS, load_processor
from generators.aim.states import demonstration_inputs

without = pytest.mark.skipif(find_spec("torchvision") is not None, reason="torchvision is installed")
QWEN = ["qwen2_vl", "qwen2_5_vl", "qwen3_vl"]


def qwen(folder: Path, kind: str, nested: bool) -> Any:
    """As the hub has it: separate files, or all in `processor_config.json`. Gives the test's own processor."""
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES

    made = aim_models.qwen(folder)
    made.tokenizer.save_pretrained(folder)
    made.images.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": kind}))
    named = {"processor_class": PROCESSOR_MAPPING_NAMES[kind]}
    if nested:
        images = json.loads((folder / "preprocessor_config.json").read_text())
        (folder / "preprocessor_config.json").unlink()
        videos = {"video_processor_type": "Qwen2VLVideoProcessor", "patch_size": 4}
        named |= {"image_processor": images, "video_processor": videos}
    (folder / "processor_config.json").write_text(json.dumps(named))
    (folder / "chat_template.jinja").write_text(aim_models.TEMPLATE.replace("PICTURE", ADAPTERS[kind].picture))
    return made


@without
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("kind", QWEN)
def test_the_real_processors_of_qwen_read_pictures(tmp_path, kind, nested):
    made = qwen(tmp_path, kind, nested)
    processor = load_processor(tmp_path)
    assert type(processor).__name__ == json.loads((tmp_path / "processor_config.json").read_text())["processor_class"]
    found, is_text = demonstration_inputs(deepcopy(processor), ADAPTERS[kind], aim_models.pictures(), "{text}")
    expected, text_expected = demonstration_inputs(made, ADAPTERS[kind], aim_models.pictures(), "{text}")
    for name in ("input_ids", "attention_mask", "pixel_values", "image_grid_thw"):
        torch.testing.assert_close(found[name], expected[name])
    assert torch.equal(is_text, text_expected)
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "what?"}]}
    assert ADAPTERS[kind].picture in processor.apply_chat_template([turn])


OWN = {"processor_class": "SmolVLMProcessor", "video_processor": {"video_processor_type": "SmolVLMVideoProcessor"}}


class Videos:
    """Stands for the processor of videos that cannot be loaded; no video is read."""

    num_frames, fps = 8, 1


@without
def test_smolvlm_reads_pictures_as_its_own_processor_does(tmp_path, monkeypatch):
    """Its own class, made without the check of its parts, beside what is loaded."""
    from transformers.models.smolvlm import processing_smolvlm as own

    folder = aim_models.write("idefics3", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "smolvlm"}))
    told = json.loads((folder / "processor_config.json").read_text())
    (folder / "processor_config.json").write_text(json.dumps(told | OWN))
    processor = load_processor(folder)
    monkeypatch.setattr(own, "num2words", str)
    monkeypatch.setattr(own.SmolVLMProcessor, "check_argument_for_proper_class", lambda *_given: None)
    theirs = own.SmolVLMProcessor(
        processor.image_processor, processor.tokenizer, Videos(), processor.image_seq_len, processor.chat_template
    )
    adapter = ADAPTERS["smolvlm"]
    found, _ = demonstration_inputs(processor, adapter, aim_models.pictures(), "{text}")
    expected, _ = demonstration_inputs(theirs, adapter, aim_models.pictures(), "{text}")
    assert set(found) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)


@without
def test_what_is_missing_besides_is_said_with_the_cure(tmp_path, monkeypatch):
    from transformers import AutoProcessor

    folder = aim_models.write("idefics3", tmp_path)

    def lacking(_folder: Path) -> None:
        raise ImportError("Idefics3Processor requires the Frobnicate library but it was not found.")

    monkeypatch.setattr(AutoProcessor, "from_pretrained", lacking)
    with pytest.raises(UserError, match=r"cannot be loaded: .*Frobnicate library") as refused:
        load_processor(folder)
    assert "Install" in refused.value.cure
