"""The Demonstration Bank: what is put in comes out, and cached tokens are those that would be computed."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch
from PIL import Image

from common.errors import UserError
from generators.aim import choice, data
from generators.aim import projector as projectors
from generators.aim.bank import Bank
from generators.aim.demonstrations import Demonstration
from generators.aim.fuser import Fuser
from generators.aim.lab import MODEL, PROJECTOR
from generators.aim.packed import unpacked
from generators.aim.projector import Projector
from generators.images.pixels import png_of


@pytest.fixture(scope="module")
def fuser() -> Fuser:
    torch.set_num_threads(1)
    return Fuser.load(str(MODEL), PROJECTOR)


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "bank")


def demonstrations() -> list[Demonstration]:
    return [
        Demonstration(Image.new("RGB", (32, 32), (40 * i, 9, 9)), text) for i, text in enumerate(("apple", "bead") * 2)
    ]


def test_sets_are_added_to_listed_removed_from_and_deleted(bank):
    assert bank.names() == []
    first = bank.add("marks", demonstrations()[:3])
    again = bank.add("marks", demonstrations())
    assert again[:3] == first
    assert [entry.text for entry in bank.entries("marks")] == ["apple", "bead", "apple", "bead"]
    assert again[3].open().image.getpixel((0, 0)) == (120, 9, 9)
    left = bank.remove("marks", [first[1].id])
    assert [entry.id for entry in left] == [again[0].id, again[2].id, again[3].id]
    assert not first[1].image.exists()
    assert all(entry.image.exists() for entry in left)
    bank.delete("marks")
    assert bank.names() == []
    with pytest.raises(UserError, match="no set of demonstrations called 'marks'"):
        bank.entries("marks")


def test_the_same_picture_under_two_labels_is_two_demonstrations_and_one_file(bank):
    one = demonstrations()[0]
    entries = bank.add("marks", [one, Demonstration(one.image, "bell"), one])
    assert [entry.text for entry in entries] == ["apple", "bell"]
    bank.remove("marks", [entries[0].id])
    assert entries[1].image.exists()


@pytest.mark.parametrize("name", ["../out", "", "a/b", ".hidden"])
def test_a_name_stays_inside_the_bank(bank, name):
    with pytest.raises(UserError, match="cannot name a set"):
        bank.add(name, demonstrations())


def test_a_demonstration_needs_a_text_and_a_removal_an_entry(bank):
    with pytest.raises(UserError, match="no text"):
        bank.add("marks", [Demonstration(demonstrations()[0].image, " ")])
    bank.add("marks", demonstrations())
    with pytest.raises(UserError, match="holds no demonstration x"):
        bank.remove("marks", ["x"])


def test_from_a_folder_from_csv_and_from_an_export_it_is_the_same_set(bank, tmp_path):
    for shown in demonstrations():
        place = tmp_path / "folder" / shown.text
        place.mkdir(parents=True, exist_ok=True)
        shown.image.save(place / f"{shown.image.getpixel((0, 0))[0]}.png")
    lines = [f"{path.relative_to(tmp_path)},{path.parent.name},which?" for path in sorted(tmp_path.rglob("*.png"))]
    (tmp_path / "list.csv").write_text("\n".join(["image,label,question", *lines]))
    folder = bank.add_from("folder", tmp_path / "folder", question="which?")
    table = bank.add_from("table", tmp_path / "list.csv")
    again = bank.add_from("again", bank.export("folder", tmp_path / "exported"))
    assert [entry.text for entry in folder] == ["apple", "apple", "bead", "bead"]
    assert [entry.id for entry in folder] == [entry.id for entry in table] == [entry.id for entry in again]
    assert {pair.group for pair in data.load(tmp_path / "list.csv")} == {"apple", "bead"}
    with pytest.raises(UserError, match="there already"):
        bank.export("folder", tmp_path / "exported")


def packed(tmp_path: Path, **files: bytes | str) -> Path:
    with ZipFile(tmp_path / "set.zip", "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return tmp_path / "set.zip"


def test_a_zip_of_folders_or_of_an_exported_set_is_a_set(bank, tmp_path):
    png = [png_of(shown.image) for shown in demonstrations()[:2]]
    folders = {
        "flaws/dent/1.png": png[0],
        "flaws/scratch/2.PNG": png[1],
        "__MACOSX/flaws/dent/._1.png": b"",
        "a.py": b"",
    }
    for prefix in ("", "flaws/"):
        inside = {name.replace("flaws/", prefix): content for name, content in folders.items()}
        with unpacked(packed(tmp_path, **inside), 1 << 20) as pairs:
            entries = bank.add(f"flaws {prefix == ''}", (pair.open() for pair in pairs))
        assert [(entry.text, png_of(entry.open().image)) for entry in entries] == [
            ("dent", png[0]),
            ("scratch", png[1]),
        ]
    bank.export("flaws True", tmp_path / "out" / "flaws")
    shutil.make_archive(str(tmp_path / "again"), "zip", tmp_path / "out", "flaws")
    with unpacked(tmp_path / "again.zip", 1 << 20) as pairs:
        assert bank.add("again", (pair.open() for pair in pairs)) == [
            replace(entry, image=bank.folder / "sets" / "again" / entry.image.name) for entry in entries
        ]


def test_a_zip_gives_nothing_but_its_own_pictures_and_no_more_than_is_let_in(tmp_path):
    secret = tmp_path / "secret.png"
    demonstrations()[0].image.save(secret)
    for path in (str(secret), "../" * 9 + str(secret)[1:]):
        line = f'{{"image": "{path}", "text": "x"}}\n'
        with (
            pytest.raises(UserError, match="not in it"),
            unpacked(packed(tmp_path, **{"list.jsonl": line * 2}), 1 << 20),
        ):
            pass
    with (
        pytest.raises(UserError, match="more than 1 MB"),
        unpacked(packed(tmp_path, **{"a/1.png": "0" * (1 << 21)}), 1 << 20),
    ):
        pass
    with pytest.raises(UserError, match="0 image-text pairs"), unpacked(packed(tmp_path, **{"../a.txt": "x"}), 1 << 20):
        pass
    with pytest.raises(UserError, match="cannot be unpacked"), unpacked(secret, 1 << 20):
        pass


def test_csv_that_is_wrong_says_where(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("picture,label\nx.png,apple\n")
    with pytest.raises(UserError, match="no columns image and text"):
        data.load(file)
    file.write_text("image,label\nx.png,apple\n")
    with pytest.raises(UserError, match="Line 2"):
        data.load(file)


def test_a_hit_is_what_would_be_computed(bank, fuser, monkeypatch):
    entries = bank.add("marks", demonstrations())
    computed = [fuser.fuse([entry.open()])[0] for entry in entries]
    missed = bank.fused(fuser, entries)
    monkeypatch.setattr(fuser, "fuse", lambda shown: [] if not shown else pytest.fail("was fused again"))
    hit = bank.fused(fuser, entries[::-1])[::-1]
    for made, first, second in zip(computed, missed, hit, strict=True):
        assert torch.equal(first, second)
        torch.testing.assert_close(first, made, rtol=1e-5, atol=1e-5)


def test_another_projection_picture_or_text_is_another_key(bank, fuser):
    entries = bank.add("marks", demonstrations()[:1])
    [before] = bank.fused(fuser, entries)
    turned = Fuser(
        fuser.model, fuser.processor, fuser.adapter, Projector(-fuser.projector.weight, fuser.projector.meta)
    )
    [after] = bank.fused(turned, entries)
    torch.testing.assert_close(after, -before)
    other = bank.add("marks", [Demonstration(Image.new("RGB", (32, 32), "white"), "apple")])[1:]
    assert not torch.allclose(bank.fused(fuser, other)[0], before)
    assert len(list((bank.folder / "fused").iterdir())) == 3


def test_weights_are_hashed_once_a_load_and_again_once_they_change(bank, tmp_path, monkeypatch):
    """What a question costs: nothing that grows with W or the model."""
    taken, sha256 = [], hashlib.sha256

    class Counted:
        def __init__(self, first: bytes = b"") -> None:
            self.whole = sha256()
            self.update(first)

        def update(self, more: bytes) -> None:
            taken.append(len(more))
            self.whole.update(more)

        def __getattr__(self, name: str) -> object:
            return getattr(self.whole, name)

    model = shutil.copytree(MODEL, tmp_path / "model")
    entries = bank.add("marks", demonstrations())
    monkeypatch.setattr(hashlib, "sha256", Counted)
    fuser = Fuser.load(str(model), PROJECTOR)
    bank.fused(fuser, entries)
    first = projectors.revision_of(model)
    assert sum(taken) > fuser.projector.weight.nbytes  # the first question takes it, and the model
    taken.clear()
    bank.fused(fuser, entries)
    assert projectors.revision_of(model) == first
    assert sum(taken) < 4096
    weights = next(model.glob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 255
    weights.write_bytes(content)
    assert projectors.revision_of(model) != first


def test_balanced_takes_of_each_class_in_turn(bank):
    shown = [Demonstration(Image.new("L", (9, 9), i), text) for i, text in enumerate("aaaabbc")]
    entries = bank.add("marks", shown)
    assert [entry.text for entry in choice.balanced(entries, 4)] == ["a", "a", "b", "c"]
    assert choice.balanced(entries, 99) == entries


def test_nearest_stand_last(bank):
    entries = bank.add("marks", [Demonstration(Image.new("L", (9, 9), i), str(i)) for i in (10, 50, 90, 130)])

    def alike(image, question, entries):
        return [-abs(image.getpixel((0, 0)) - entry.open().image.getpixel((0, 0))[0]) for entry in entries]

    found = choice.nearest(entries, 2, Image.new("L", (9, 9), 80), "which?", alike)
    assert [entry.text for entry in found] == ["50", "90"]
    assert choice.nearest(entries, 0, Image.new("L", (9, 9)), "", alike) == []
