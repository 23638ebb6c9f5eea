"""Fused demonstrations, against the plain model with hooks, on three architectures."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import aim_models
import pytest
import torch

from common.errors import UserError
from generators.aim import projector as projectors
from generators.aim.adapters import adapter_for
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import Fuser, device_for, load_first_layers

KINDS = ["idefics3", "llava", "qwen2_5_vl"]
LAYERS = 2


@pytest.fixture(scope="module", params=KINDS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """A model's folder, all of its layers in memory, and its processor."""
    from transformers import AutoModelForImageTextToText, AutoProcessor

    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "qwen2_5_vl":
        processor: Any = aim_models.qwen(folder)
    else:
        processor = AutoProcessor.from_pretrained(aim_models.write(request.param, folder))
    return folder, AutoModelForImageTextToText.from_pretrained(folder).eval(), processor


def fuser(folder: Path, processor: Any, template: str = "{question}\n{text}") -> Fuser:
    model = load_first_layers(folder, LAYERS)
    width = model.get_input_embeddings().weight.shape[1]
    meta = projectors.Meta("tiny", projectors.revision_of(folder), LAYERS, width, scale=0.1, template=template)
    weight = torch.randn(width, width, generator=torch.Generator().manual_seed(1))
    return Fuser(model, processor, adapter_for(model.config), projectors.Projector(weight, meta))


def reference(model: Any, processor: Any, demonstration: Demonstration, projector: projectors.Projector) -> Any:
    """One demonstration at a time through every layer, a hook on the k-th, the arithmetic of the paper by hand."""
    adapter, seen = adapter_for(model.config), []
    text = demonstration.words(projector.meta.template)
    inputs = processor(images=[[demonstration.image]], text=[adapter.picture + text], return_tensors="pt")
    layer = adapter.stack(model.model).layers[LAYERS - 1]
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(output))
    with torch.no_grad():
        model(**inputs)
    hook.remove()
    count = len(processor.tokenizer(text, add_special_tokens=False)["input_ids"])
    states = (seen[0][0] if isinstance(seen[0], tuple) else seen[0]).reshape(-1, projector.meta.width)[-count:]
    return torch.stack([projector.weight @ (h / h.pow(2).mean().sqrt()) * projector.meta.scale for h in states])


def test_fused_tokens_equal_a_slow_reference(whole):
    folder, model, processor = whole
    fast = fuser(folder, processor)
    for demonstration, fused in zip(aim_models.pictures(), fast.fuse(aim_models.pictures()), strict=True):
        torch.testing.assert_close(
            fused, reference(model, processor, demonstration, fast.projector), rtol=1e-3, atol=1e-5
        )


def test_neighbours_make_no_difference(whole):
    folder, _, processor = whole
    fast = fuser(folder, processor)
    shown = aim_models.pictures()
    together = fast.fuse(shown)
    assert len({len(each) for each in together}) == 3
    for i, demonstration in enumerate(shown):
        torch.testing.assert_close(fast.fuse([demonstration])[0], together[i], rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(fast.fuse([*shown[::-1], demonstration])[-1], together[i], rtol=1e-4, atol=1e-6)


def many(count: int) -> list[Demonstration]:
    return (aim_models.pictures() * count)[:count]


def test_only_the_rows_of_the_text_leave_the_device(whole, monkeypatch):
    """On a GPU, a copy of all states takes a sixth of the time to fuse."""
    folder, _, processor = whole
    fast = fuser(folder, processor)
    copied, cpu = [], torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, "cpu", lambda tensor, *given: copied.append(tensor.shape) or cpu(tensor))
    fused = fast.fuse(many(6))
    width = fast.projector.meta.width
    assert sum(shape.numel() for shape in copied if shape[-1] == width) == sum(rows.numel() for rows in fused)


def test_the_next_pictures_are_prepared_while_the_model_reads(whole, monkeypatch):
    """The model waits with its first batch until another has been begun."""
    from generators.aim import fuser as module

    folder, _, processor = whole
    fast, begun, second = fuser(folder, processor), [], threading.Event()
    reads, forward = module.demonstration_inputs, fast.model.forward

    def read(*given: Any) -> Any:
        begun.append(given)
        if len(begun) > 1:
            second.set()
        return reads(*given)

    def patient(*given: Any, **named: Any) -> Any:
        assert second.wait(10), "nothing was prepared meanwhile"
        return forward(*given, **named)

    monkeypatch.setattr(module, "demonstration_inputs", read)
    monkeypatch.setattr(fast.model, "forward", patient)
    assert len(fast.fuse(many(33))) == 33


def test_two_threads_may_fuse_at_once(whole):
    folder, _, processor = whole
    fast = fuser(folder, processor)
    expected = fast.fuse(many(9))
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: fast.fuse(many(9)), range(8)):
            for rows, wanted in zip(found, expected, strict=True):
                torch.testing.assert_close(rows, wanted, rtol=1e-4, atol=1e-6)


def test_another_image_changes_every_fused_token(whole):
    folder, _, processor = whole
    fast = fuser(folder, processor)
    first, second, _ = aim_models.pictures()
    one, other = fast.fuse([first, Demonstration(second.image, first.text, first.question)])
    assert ((one - other).abs().amax(1) > 1e-3).all()


def test_only_the_first_layers_are_loaded(whole):
    folder, model, _ = whole
    kept = {name for name, _ in load_first_layers(folder, 1).named_parameters()}
    adapter = adapter_for(model.config)
    stacked = {name for name in kept if name.startswith(f"{adapter.language}.layers.")}
    assert {name.split(".")[2] for name in stacked} == {"0"}
    assert not any("lm_head" in name for name in kept)
    assert sum(name.startswith(("vision", "visual")) for name in kept) > 10


def test_a_text_with_image_tokens_of_its_own_is_refused(whole):
    folder, model, processor = whole
    adapter = adapter_for(model.config)
    trick = replace(aim_models.pictures()[0], text=f"a {adapter.closing} b")
    with pytest.raises(UserError, match="cannot have the text"):
        fuser(folder, processor).fuse([trick])
    with pytest.raises(UserError, match="cannot have the text"):
        fuser(folder, processor, "{text}").fuse([replace(trick, text="")])


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, Path]:
    """A model's folder and that of a projector trained on it."""
    folder = aim_models.write("idefics3", tmp_path / "model")
    meta = projectors.Meta("tiny", projectors.revision_of(folder), 1, 128, scale=0.1, training={"seed": 3})
    projectors.Projector(torch.eye(128), meta).save(tmp_path / "projector")
    return folder, tmp_path / "projector"


def test_a_projector_comes_back_as_it_was(saved):
    folder, projector = saved
    loaded = projectors.load(projector)
    assert loaded.meta.training == {"seed": 3}
    assert torch.equal(loaded.weight, torch.eye(128))
    assert Fuser.load(str(folder), projector).fuse(aim_models.pictures())[0].shape[1] == 128


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"revision": "0" * 64}, "trained on weights 000000000000"),
        ({"layers": 9}, "reads layer 9 and the model has 2"),
        ({"format": 99}, "another version"),
        ({"width": 64}, "not the 64 squared"),
        ({"surprise": 1}, "cannot be read"),
    ],
)
def test_a_projector_that_does_not_fit_is_refused_with_the_reason(saved, change, reason):
    folder, projector = saved
    meta = projector / projectors.META
    meta.write_text(json.dumps(json.loads(meta.read_text()) | change))
    with pytest.raises(UserError, match=reason):
        Fuser.load(str(folder), projector)


def test_a_damaged_or_missing_projector_is_refused(saved, tmp_path):
    folder, projector = saved
    (projector / projectors.WEIGHTS).write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="cannot be read"):
        Fuser.load(str(folder), projector)
    with pytest.raises(UserError, match="no projector in"):
        Fuser.load(str(folder), tmp_path / "nowhere")


def test_retrained_weights_have_another_revision_and_copies_the_same(saved, tmp_path):
    from safetensors.torch import load_file, save_file

    folder, _ = saved
    before = projectors.revision_of(folder)
    copy = tmp_path / "copy"
    copy.mkdir()
    weights = load_file(folder / "model.safetensors")
    (copy / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    assert projectors.revision_of(copy) == before
    weights["model.connector.modality_projection.proj.weight"] += 0.01
    save_file(weights, copy / "model.safetensors")
    assert projectors.revision_of(copy) != before


@pytest.mark.parametrize("kind", ["idefics3", "llava"])
def test_rows_that_were_only_added_leave_the_revision_as_it_was(tmp_path, kind):
    from transformers import AutoModelForImageTextToText

    folder = aim_models.write(kind, tmp_path / "model")
    model = AutoModelForImageTextToText.from_pretrained(folder)
    model.resize_token_embeddings(model.get_input_embeddings().num_embeddings + 64)
    model.save_pretrained(tmp_path / "padded", max_shard_size="100KB")
    assert len(list((tmp_path / "padded").glob("*.safetensors"))) > 1
    assert projectors.revision_of(tmp_path / "padded") == projectors.revision_of(folder)
    with torch.no_grad():
        model.get_input_embeddings().weight[:3] += 0.1
    model.save_pretrained(tmp_path / "other")
    assert projectors.revision_of(tmp_path / "other") != projectors.revision_of(folder)


def test_a_damaged_model_is_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights at all")
    with pytest.raises(UserError, match="not a safetensors file"):
        projectors.revision_of(tmp_path)


def test_an_architecture_nobody_described_is_refused_with_the_choices():
    from transformers import BertConfig

    with pytest.raises(UserError, match=r"'bert' model yet.*idefics3"):
        adapter_for(BertConfig())


@pytest.mark.parametrize(("free", "expected"), [(1 << 40, "cuda"), (1 << 10, "cpu")])
def test_auto_is_the_gpu_where_it_has_room(saved, monkeypatch, free, expected):
    folder, _ = saved
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 1 << 40))
    assert device_for("auto", folder) == expected
    assert device_for("cpu", folder) == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused_with_the_cure(saved):
    folder, projector = saved
    assert device_for("auto", folder) == "cpu"
    with pytest.raises(UserError, match="no GPU") as refused:
        Fuser.load(str(folder), projector, "cuda")
    assert "TRIPTYCH_AIM_DEVICE" in refused.value.command


@pytest.mark.parametrize("kind", ["float32", "bfloat16", "float16"])
def test_the_layers_that_fuse_are_of_the_precision_asked_for(saved, kind):
    folder, projector = saved
    plain, made = Fuser.load(str(folder), projector), Fuser.load(str(folder), projector, "auto", kind)
    assert made.model.dtype == getattr(torch, kind)
    for rows, expected in zip(made.fuse(aim_models.pictures()), plain.fuse(aim_models.pictures()), strict=True):
        assert rows.dtype == made.model.dtype
        torch.testing.assert_close(rows.float(), expected, rtol=0.1, atol=0.02)


def test_a_gpu_without_room_is_said_with_the_cure(saved, monkeypatch):
    folder, _ = saved

    def full(_model: Any, *_given: Any) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(torch.nn.Module, "to", full)
    with pytest.raises(UserError, match=r"take 0.0 GB, more than cuda has free") as refused:
        load_first_layers(folder, 1, "cuda", "float32")
    assert "--gpu-memory-utilization" in refused.value.command
