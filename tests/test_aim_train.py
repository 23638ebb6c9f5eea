"""Training a projection: what moves, what resumes, what its data may look like."""

import json
import multiprocessing
import os
import socket
from pathlib import Path

import aim_models
import numpy as np
import pytest
import torch
from PIL import Image

from common.errors import UserError
from generators.aim import data, prompts
from generators.aim import projector as projectors
from generators.aim.backbone import Backbone, Fusing
from generators.aim.demonstrations import Demonstration
from generators.aim.training import train
from generators.aim.training.crew import Crew

RECIPE = train.Recipe(steps=12, every=4, batch=4, development=8, rate=3e-3, layers=(1, 2))


class Drawn:
    """Documents of none to three of the same demonstrations."""

    def document(self, rng: np.random.Generator) -> data.Document:
        shown = aim_models.pictures()
        some = tuple(shown[i] for i in rng.integers(3, size=int(rng.integers(4))))
        return data.Document(some, shown[int(rng.integers(3))])


class Killed(Drawn):
    """The same, until the process dies."""

    def __init__(self, documents: int) -> None:
        self.left = documents

    def document(self, rng: np.random.Generator) -> data.Document:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().document(rng)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return Backbone(aim_models.write("idefics3", tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def trained(backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    train.train(backbone, Drawn(), Drawn(), RECIPE, out)
    return out


def curve(out: Path, layer: int) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / f"layer-{layer}.jsonl").read_text().splitlines()]


def test_development_loss_falls_and_the_better_layer_is_kept(trained):
    least = {}
    for layer in (1, 2):
        losses = [line["development"] for line in curve(trained, layer)]
        assert losses[-1] < losses[0]
        least[layer] = min(losses)
    meta = projectors.load(trained).meta
    assert meta.layers == min(least, key=lambda layer: least[layer])
    assert meta.training["development_loss"] == {str(layer): least[layer] for layer in least}
    assert "| 12 |" in (trained / "README.md").read_text()


def test_nothing_but_the_projection_is_trained(backbone):
    before = {name: value.clone() for name, value in backbone.model.state_dict().items()}
    weight = torch.eye(backbone.width, requires_grad=True)
    documents = [Drawn().document(np.random.default_rng(i)) for i in range(6)]
    torch.autograd.backward(backbone.answers(documents, Fusing(weight, 1, scale=1.0)).loss())
    assert weight.grad is not None
    assert weight.grad.abs().max() > 0
    assert all(parameter.grad is None for parameter in backbone.model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in backbone.model.state_dict().items())


def test_training_killed_goes_on_with_the_same_curve(backbone, trained, tmp_path):
    seven_steps = RECIPE.batch * 7
    with pytest.raises(KeyboardInterrupt):
        train.train(backbone, Killed(seven_steps), Drawn(), RECIPE, tmp_path)
    assert len(curve(tmp_path, 1)) == 2
    again = train.train(backbone, Drawn(), Drawn(), RECIPE, tmp_path)
    assert curve(tmp_path, 1)[1:] == curve(trained, 1)[1:]
    assert torch.equal(again.weight, projectors.load(trained).weight)


def test_two_processes_follow_the_curve_of_one(backbone, trained, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": "2"}

    def one(rank: int) -> None:
        torch.set_num_threads(1)
        os.environ.update(meeting, RANK=str(rank))
        crew = Crew("cpu")
        train.train(backbone, Drawn(), Drawn(), RECIPE, tmp_path / str(crew.rank), crew=crew)
        crew.disband()

    forked = multiprocessing.get_context("fork")
    both = [forked.Process(target=one, args=(rank,)) for rank in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(100)
    assert [each.exitcode for each in both] == [0, 0]
    for layer in (1, 2):
        for mine, theirs in zip(curve(tmp_path / "0", layer), curve(trained, layer), strict=True):
            assert mine == pytest.approx(theirs, abs=2e-3, nan_ok=True)
    found, alone = projectors.load(tmp_path / "0"), projectors.load(trained)
    torch.testing.assert_close(found.weight, alone.weight, rtol=0, atol=2e-3)
    assert found.meta.training["processes"] == 2
    assert not list((tmp_path / "1").iterdir())


def test_a_model_of_half_precision_trains_a_projection_of_full(backbone, tmp_path):
    half = Backbone(backbone.folder, dtype=torch.bfloat16)
    recipe = train.Recipe(steps=12, every=4, batch=4, development=8, rate=3e-3, layers=(1,))
    made = train.train(half, Drawn(), Drawn(), recipe, tmp_path)
    losses = [line["development"] for line in curve(tmp_path, 1)]
    assert losses[-1] < losses[0]
    assert made.weight.dtype == torch.float32
    assert made.meta.training["precision"] == "bfloat16"


def test_two_half_batches_are_one_step(backbone, tmp_path):
    one = train.Run(backbone, train.Recipe(batch=4, every=1, steps=1), 1, 1.0, tmp_path / "a.pt", Crew("cpu"))
    two = train.Run(
        backbone, train.Recipe(batch=2, accumulate=2, every=1, steps=1), 1, 1.0, tmp_path / "b.pt", Crew("cpu")
    )

    class Alike(Drawn):  # answers of equal length, so that the mean over tokens is the mean of means
        def document(self, rng: np.random.Generator) -> data.Document:
            document = super().document(rng)
            return data.Document(document.demonstrations, Demonstration(document.asked.image, "abc"))

    held = [Drawn().document(np.random.default_rng(0))]
    list(one.steps(Alike(), held))
    list(two.steps(Alike(), held))
    torch.testing.assert_close(one.weight, two.weight, rtol=1e-4, atol=1e-6)


class Small(Backbone):
    """A model on a GPU that holds so many documents at a time, with their gradients or without."""

    def __init__(self, folder: Path, room: int) -> None:
        super().__init__(folder)
        self.room = room

    def states(self, documents, layers, template):
        if len(documents) > self.room:
            raise torch.OutOfMemoryError
        return super().states(documents, layers, template)


def test_a_batch_that_does_not_fit_is_read_in_parts_to_the_same_curve(backbone, trained, tmp_path):
    train.train(Small(backbone.folder, room=1), Drawn(), Drawn(), RECIPE, tmp_path)
    for layer in (1, 2):
        for mine, theirs in zip(curve(tmp_path, layer), curve(trained, layer), strict=True):
            assert mine == pytest.approx(theirs, abs=2e-3, nan_ok=True)


def test_a_document_that_does_not_fit_is_said_with_the_cure(backbone, tmp_path):
    run = train.Run(Small(backbone.folder, room=0), RECIPE, 1, 1.0, tmp_path / "a.pt", Crew("cpu"))
    with pytest.raises(UserError, match="Not one document"):
        list(run.steps(Drawn(), [Drawn().document(np.random.default_rng(0))]))


def test_it_stops_once_nothing_gets_better(backbone, tmp_path):
    recipe = train.Recipe(batch=2, every=1, steps=50, patience=2, rate=0.0)
    run = train.Run(backbone, recipe, 1, 1.0, tmp_path / "a.pt", Crew("cpu"))
    held = [Drawn().document(np.random.default_rng(i)) for i in range(4)]
    assert list(run.steps(Drawn(), held)) == [1, 2]
    assert run.least == pytest.approx(run.curve[0]["development"], abs=1e-4)


def test_prompts_hold_a_place_for_each_fused_token(backbone):
    first, second, third = aim_models.pictures()
    built = prompts.build(backbone.processor, [second, third], [[3, 2], [1]], "\n")
    decode = backbone.processor.tokenizer.decode
    ids, room = built.inputs["input_ids"], built.places
    assert room.sum(1).tolist() == [5, 1]
    start, end = room[0].nonzero()[[0, -1], 0].tolist()
    assert decode(ids[0, :start]) == "<|im_start|>user\n"
    assert decode(ids[0, start : end + 1][~room[0, start : end + 1]]) == "\n"
    assert decode(ids[0, end + 1 :]).startswith("<fake_token_around_image><global-img><image>")
    assert [decode(row[row >= 0]) for row in built.answers] == ["dent<|im_end|>", "x<|im_end|>"]
    assert built.inputs["attention_mask"].sum(1).tolist() == [
        int((row >= 0).nonzero()[-1]) + 1 for row in built.answers
    ]
    silent = prompts.build(backbone.processor, [Demonstration(first.image, "")], [[]], "\n")
    assert decode(silent.inputs["input_ids"][0]).endswith("assistant\n")


def test_fused_vectors_stand_where_the_text_would(backbone):
    """With the embedding of a text in the places of fused tokens, the answer is that of the text itself."""
    asked = aim_models.pictures()[0]
    ids = backbone.processor.tokenizer("a dent", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        vectors = backbone.embedding(torch.tensor(ids))
        fused = backbone.read(prompts.build(backbone.processor, [asked], [[len(ids)]], "\n"), vectors)
        shown = [[prompts.Shown("a dent")]]
        text = backbone.read(prompts.build(backbone.processor, [asked], [[]], "\n", shown), vectors[:0])
    torch.testing.assert_close(fused.scores, text.scores, rtol=1e-4, atol=1e-5)


def write_image(path: Path) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    aim_models.pictures()[0].image.save(path)


def test_a_folder_of_classes_a_folder_of_captions_and_a_jsonl(tmp_path):
    for name in ("scratch/1.png", "scratch/2.png", "dent/1.png"):
        write_image(tmp_path / "classes" / name)
    pairs = data.load(tmp_path / "classes", question="which?")
    assert [(pair.text, pair.question) for pair in pairs] == [("dent", "which?"), *[("scratch", "which?")] * 2]
    for name in ("a.png", "b.png"):
        write_image(tmp_path / "captions" / name)
        (tmp_path / "captions" / name).with_suffix(".txt").write_text(f"caption of {name}\n")
    assert [pair.text for pair in data.load(tmp_path / "captions")] == ["caption of a.png", "caption of b.png"]
    lines = [{"image": "captions/a.png", "text": "x"}, {"image": "captions/b.png", "text": "y", "question": "own?"}]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [pair.question for pair in data.load(tmp_path / "pairs.jsonl", "which?")] == ["which?", "own?"]


def test_a_document_asks_of_a_class_it_shows_and_never_of_a_picture_it_shows(tmp_path):
    for c, name in enumerate(("scratch", "dent", "stain")):
        (tmp_path / name).mkdir()
        for number in range(4):
            Image.new("L", (4, 4), 10 * c + number).save(tmp_path / name / f"{number}.png")
    source = data.PairSource(data.load(tmp_path), most=3)
    for seed in range(30):
        document = source.document(np.random.default_rng(seed))
        assert document.asked.text in {shown.text for shown in document.demonstrations}
        assert 1 <= len(document.demonstrations) <= 3
        grey = [each.image.getpixel((0, 0)) for each in (*document.demonstrations, document.asked)]
        assert grey[-1] not in grey[:-1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Line 2 .* not an image-text pair"),
        ('{"image": "a.png"}', "Line 2 .* not an image-text pair"),
        ('["a.png", "x"]', "Line 2 .* not an image-text pair"),
        ('{"image": "b.png", "text": "x"}', "Line 2 .* no image b.png"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, reason):
    write_image(tmp_path / "a.png")
    (tmp_path / "pairs.jsonl").write_text('{"image": "a.png", "text": "x"}\n' + line)
    with pytest.raises(UserError, match=reason):
        data.load(tmp_path / "pairs.jsonl")


def test_images_without_texts_and_no_data_at_all_are_refused(tmp_path):
    with pytest.raises(UserError, match="no data at"):
        data.load(tmp_path / "nowhere")
    with pytest.raises(UserError, match="holds 0 image-text pairs"):
        data.load(tmp_path)
    write_image(tmp_path / "a.png")
    with pytest.raises(UserError, match="no text beside it"):
        data.load(tmp_path)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="cannot be read"):
        data.Pair(tmp_path / "b.png", "x").open()
