"""What training a projection keeps in memory: one layer's work, whatever the depth and the number of demonstrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aim_models
import pytest
import torch

from generators.aim.backbone import Backbone, Fusing
from generators.aim.data import Document

KINDS = ["idefics3", "llava", "qwen2_5_vl"]


@pytest.fixture(scope="module", params=KINDS)
def backbone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    folder: Path = tmp_path_factory.mktemp("model")
    if request.param != "qwen2_5_vl":
        return Backbone(aim_models.write(request.param, folder))
    made = aim_models.qwen(folder)
    made.tokenizer.chat_template = aim_models.TEMPLATE.replace("PICTURE", aim_models.QWEN_PICTURE)
    made.tokenizer.save_pretrained(folder)
    made.images.save_pretrained(folder)
    return Backbone(folder)


def documents(count: int, demonstrations: int = 3) -> list[Document]:
    shown = aim_models.pictures()
    return [Document((shown * demonstrations)[:demonstrations], shown[i % 3]) for i in range(count)]


@contextmanager
def kept() -> Iterator[list[int]]:
    """Bytes of each tensor that the graph holds for the way back."""
    sizes: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        sizes.append(tensor.nbytes if not isinstance(tensor, torch.nn.Parameter) else 0)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield sizes


def graded(backbone: Backbone) -> tuple[torch.Tensor, int]:
    """The gradient of W, and the bytes kept for it."""
    weight = torch.eye(backbone.width, requires_grad=True)
    with kept() as sizes:
        loss = backbone.answers(documents(4), Fusing(weight, 1, scale=1.0)).loss()
    torch.autograd.backward(loss)
    assert weight.grad is not None
    return weight.grad, sum(sizes)


def test_layers_keep_what_goes_into_them_and_give_the_same_gradient(backbone, monkeypatch):
    from contextlib import nullcontext

    from generators.aim import backbone as module

    gradient, size = graded(backbone)
    monkeypatch.setattr(module, "checkpointed", lambda _stack: nullcontext())
    plain, whole = graded(backbone)
    torch.testing.assert_close(gradient, plain, rtol=1e-4, atol=1e-6)
    assert size < whole / 3


def test_demonstrations_are_read_a_few_at_a_time(backbone, monkeypatch):
    most: list[int] = []
    forward = backbone.model.model.forward

    def watched(*given: Any, **named: Any) -> Any:
        most.append(len(named["input_ids"]))
        return forward(*given, **named)

    expected, rooms = backbone.states(documents(2), 1, "{text}")
    monkeypatch.setattr(backbone.model.model, "forward", watched)
    states, sizes = backbone.states(documents(10), 1, "{text}")
    assert max(most) <= 8
    assert len(most) == 4
    assert sizes[:2] == rooms
    torch.testing.assert_close(states[: len(expected)], expected, rtol=1e-4, atol=1e-5)


def test_layers_are_as_they_were_once_it_is_read(backbone):
    graded(backbone)
    assert not any(layer.training or layer.gradient_checkpointing for layer in backbone.stack.layers)


def test_the_table_of_the_docs_is_worked_out_by_its_script():
    from benchmarks.aim_memory import shapes, table

    told = (Path(__file__).parents[1] / "docs" / "aim.md").read_text(encoding="utf-8")
    assert table(shapes()) in told


def test_what_the_script_counts_for_every_layer_is_what_the_graph_keeps(backbone):
    from benchmarks.aim_memory import HALF, Shape

    _, size = graded(backbone)
    tokens = 4 * max(len(each) for each in backbone_tokens(backbone))
    shape = Shape("tiny", backbone.depth, backbone.width, 0, 0, 0)
    layers = tokens * backbone.width * shape.layers * torch.finfo(backbone.model.dtype).bits // 8
    assert layers <= size <= 4 * layers
    whole = shape.prompts(1, 0) - 4 * HALF * shape.work()
    assert whole == 4 * HALF * shape.layers * shape.width


def backbone_tokens(backbone: Backbone) -> torch.Tensor:
    """Token ids of the prompts that `graded` reads."""
    from generators.aim import prompts

    asked = documents(4)
    _, rooms = backbone.states(asked, 1, "{question} {text}")
    built = prompts.build(backbone.processor, [document.asked for document in asked], rooms, "\n")
    return built.inputs["input_ids"]
