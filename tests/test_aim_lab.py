"""The lab: that the shipped model learns from demonstrations, raw and fused, and from nothing else."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from common.errors import UserError
from experiments.aim_lab import arms, episodes, glyphs, icl, model, table, vision, words
from experiments.aim_lab.pace import Pace
from generators.aim.backbone import Backbone, Fusing
from generators.aim.data import Document
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.lab.layout import SIDE, laid_out
from generators.aim.lab.vocabulary import LABELS

COUNT = 60


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    torch.set_num_threads(1)
    return Backbone(MODEL)


@pytest.fixture(scope="module")
def used(backbone: Backbone) -> Fusing:
    return table.fusing(backbone, PROJECTOR)


@pytest.fixture(scope="module")
def unseen() -> episodes.Pictures:
    """Doodles of another seed than any that was trained on: no need to draw every font."""
    return episodes.from_glyphs(glyphs.make(seed=99, doodles=100, most_characters=0), takes=8)


def share(backbone: Backbone, used: Fusing, unseen: episodes.Pictures, arm: str, size: int) -> float:
    return arms.accuracy(backbone, episodes.evaluation(unseen, COUNT, size), arm, used)


@pytest.mark.parametrize("size", [5, 16])
def test_demonstrations_are_learnt_from_raw_and_fused(backbone, used, unseen, size):
    raw, fused = (share(backbone, used, unseen, arm, size) for arm in ("raw", "aim"))
    assert raw >= 0.85
    assert fused >= 0.8


def test_without_images_or_demonstrations_or_projection_it_is_chance(backbone, used, unseen):
    assert share(backbone, used, unseen, "zero", 0) < 0.1
    assert share(backbone, used, unseen, "text", 5) < 0.45
    assert share(backbone, used, unseen, "random", 5) < 0.45


def test_a_fused_demonstration_costs_a_third_of_a_raw_one_at_most(backbone, used, unseen):
    [document] = episodes.evaluation(unseen, 1, 8)
    empty, fused, raw = (arms.prompt_tokens(backbone, document, arm, used) for arm in ("zero", "aim", "raw"))
    assert 0 < fused - empty <= (raw - empty) / 3


def test_swapping_the_images_of_two_demonstrations_swaps_the_answer(backbone, used, unseen):
    documents, told = episodes.evaluation(unseen, COUNT, 5), []
    for document in documents:
        shown = document.demonstrations
        asked = next(i for i, each in enumerate(shown) if each.text == document.asked.text)
        other = (asked + 1) % len(shown)
        turned = list(shown)
        turned[asked] = replace(shown[asked], image=shown[other].image)
        turned[other] = replace(shown[other], image=shown[asked].image)
        told.append(Document(tuple(turned), replace(document.asked, text=shown[other].text)))
    with torch.inference_mode():
        assert sum(arms.ask(backbone, documents, "aim", used).right()) >= 0.8 * COUNT
        assert sum(arms.ask(backbone, told, "aim", used).right()) >= 0.8 * COUNT


def test_training_reads_the_sequences_that_the_processor_makes(backbone):
    """Token for token: else a server would see another language than the one that was learnt."""
    drawn = icl.draw(np.random.default_rng(4), (9, 2, model.IMAGE_TOKENS, model.WIDTH), 3, 1, 0.0)
    ids = {number: word for word, number in words.vocabulary().items()}
    said = [ids[token] for token in drawn.tokens[0].tolist()]
    labels = [said[i + 1] for i, word in enumerate(said[:-1]) if word == words.AROUND and said[i + 1] in LABELS]
    last = len(said) - said[::-1].index(words.AROUND)
    question = " ".join(said[last : said.index(words.END)])
    picture = Image.new("RGB", (50, 90), "white")
    parts = [part for label in labels for part in ({"type": "image"}, {"type": "text", "text": label})]
    turns = [
        {"role": "user", "content": [*parts, {"type": "image"}, {"type": "text", "text": question}]},
        {"role": "assistant", "content": [{"type": "text", "text": said[-2]}]},
    ]
    text = backbone.processor.apply_chat_template(turns)
    made = backbone.processor(text=text, images=[[picture] * 4], return_tensors="pt")
    assert made["input_ids"][0].tolist() == drawn.tokens[0].tolist()
    assert made["pixel_values"].shape == (1, 4, 3, SIDE, SIDE)


def test_supervision_is_of_classes_seen_before_and_of_the_end(backbone):
    drawn = icl.draw(np.random.default_rng(0), (20, 3, model.IMAGE_TOKENS, model.WIDTH), 12, 8, 0.0)
    for b in range(8):
        asked = (drawn.answers[b] >= 0).nonzero()[:, 0]
        assert drawn.tokens[b][asked + 1].tolist() == drawn.answers[b][asked].tolist()
        seen = len(set(drawn.classes[b].tolist()))
        assert len(asked) == 13 - seen + 1
        assert drawn.classes[b, -1] in drawn.classes[b, :-1]


def test_pictures_on_disk_are_what_the_training_saw(backbone):
    drawings = glyphs.make(seed=1, doodles=4, most_characters=0)
    noise = torch.Generator().manual_seed(0)
    pixels = glyphs.warp(torch.from_numpy(drawings.images[:4]), 1.0, noise)
    grey = ((pixels[:, 0] + 1) * 127.5).round().to(torch.uint8).numpy()
    images = [[Image.fromarray(each).convert("RGB")] for each in grey]
    seen = backbone.processor.image_processor(images, return_tensors="pt")["pixel_values"][:, 0]
    torch.testing.assert_close(seen, pixels, rtol=0, atol=0.005)
    with torch.inference_mode():
        raw = backbone.model.model.get_image_features(seen[:, None]).pooler_output
        torch.testing.assert_close(torch.stack(list(raw)), vision.visual_tokens(backbone.model, seen))


def test_the_embedding_table_has_a_row_to_spare(backbone):
    assert backbone.embedding.weight.shape[0] > len(backbone.processor.tokenizer)
    assert sum(parameter.numel() for parameter in backbone.model.parameters()) < 5_000_000


def test_episodes_come_from_a_folder_of_classes(tmp_path):
    for c in range(5):
        (tmp_path / f"class {c}").mkdir()
        for i in range(3):
            Image.new("L", (20, 30), 10 * c + i).save(tmp_path / f"class {c}" / f"{i}.png")
    pictures = episodes.from_folder(tmp_path)
    for document in episodes.evaluation(pictures, 20, 5):
        assert len({shown.text for shown in document.demonstrations}) == 5
        grey = [shown.image.getpixel((0, 0))[0] for shown in document.demonstrations]
        right = [shown.text for shown in document.demonstrations].index(document.asked.text)
        asked = document.asked.image.getpixel((0, 0))[0]
        assert asked // 10 == grey[right] // 10
        assert asked not in grey
    with pytest.raises(UserError, match="has 5 sub-folders"):
        episodes.from_folder(tmp_path, fewest=6)


def on_a_page(picture: Image.Image, place: tuple[int, int], paper: int) -> Image.Image:
    """A dark mark, small and somewhere on a page; or a light one on dark paper."""
    grey = ImageOps.autocontrast(picture.convert("L"))
    small = (grey if np.median(grey) > 127 else ImageOps.invert(grey)).resize((40, 40))
    page = Image.new("L", (120, 90), 255)
    page.paste(small, place)
    return (page if paper else ImageOps.invert(page)).convert("RGB")


def test_what_the_lab_fuses_is_laid_out_by_those_who_prepare_pictures(monkeypatch):
    from generators.aim.lab import ask

    large = Image.new("L", (90, 200), "white")
    large.paste(0, (60, 20, 70, 120))
    shown = [Demonstration(large, "apple"), Demonstration(large.rotate(90, expand=True), "badge")]
    plain = Fuser.load(str(MODEL), PROJECTOR).fuse([replace(each, image=laid_out(each.image)) for each in shown])
    threads = []
    monkeypatch.setattr(
        ask, "laid_out", lambda image: threads.append(threading.current_thread().name) or laid_out(image)
    )
    for rows, expected in zip(ask.LabFuser.load(str(MODEL), PROJECTOR).fuse(shown), plain, strict=True):
        torch.testing.assert_close(rows, expected, rtol=1e-4, atol=1e-6)
    assert len(threads) == 2
    assert all(name.startswith("pictures") for name in threads)


def test_marks_anywhere_on_plain_paper_are_laid_out_as_the_model_knows_them(backbone, used, tmp_path):
    drawn = episodes.from_glyphs(glyphs.make(seed=99, doodles=40, most_characters=0), takes=4, strength=0.2)
    places = ((5, 5), (75, 10), (10, 48), (60, 40))
    for c, pictures in enumerate(drawn.of):
        (tmp_path / str(c)).mkdir()
        for i, picture in enumerate(pictures):
            on_a_page(picture, places[i], paper=(c + i) % 2).save(tmp_path / str(c) / f"{i}.png")
    documents = episodes.evaluation(episodes.from_folder(tmp_path), COUNT, 5)
    assert arms.accuracy(backbone, documents, "aim", used) >= 0.8


def test_what_is_no_mark_on_plain_paper_is_left_as_it_is():
    photo = Image.effect_noise((60, 60), 90).convert("RGB")
    blank = Image.new("RGB", (60, 60), "white")
    assert laid_out(photo) is photo
    assert laid_out(blank) is blank
    ink = Image.new("RGB", (100, 60), "white")
    ink.paste((0, 0, 120), (4, 5, 44, 25))
    found = np.asarray(laid_out(ink).convert("L"))
    rows, columns = np.nonzero(found < 128)
    assert found.shape == (SIDE, SIDE)
    assert (rows.min() + rows.max(), columns.min() + columns.max()) == (31, 31)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (11 - 1, 22)


def test_characters_kept_aside_are_not_trained_on():
    training, aside = glyphs.make(doodles=30, most_characters=30).split()
    assert not set(np.concatenate(training.members)) & set(np.concatenate(aside.members))
    again, _ = glyphs.make(doodles=30, most_characters=30).split()
    assert np.array_equal(again.images, training.images)


def test_a_stage_goes_on_from_its_last_save(tmp_path):
    part = torch.nn.Linear(2, 2)
    first = Pace(tmp_path, "stage", 1000, {"part": part})
    assert first.going()
    assert first.going()
    first.save()
    other = torch.nn.Linear(2, 2)
    second = Pace(tmp_path, "stage", 1000, {"part": other})
    assert second.step == 2
    assert torch.equal(part.weight, other.weight)
    assert not Pace(tmp_path, "stage", 1e-9, {"part": other}).going()
