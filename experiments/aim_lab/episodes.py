"""Few-shot episodes to train and judge with: pictures of some classes, each under a word drawn anew.

From a folder with one sub-folder of pictures per class, or from characters the lab model has never seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from common.errors import UserError
from experiments.aim_lab import glyphs
from experiments.aim_lab.hands import Hands, redrawn
from experiments.aim_lab.strokes import strokes_of
from experiments.aim_lab.vision import Characters
from generators.aim.data import Document, load
from generators.aim.demonstrations import Demonstration
from generators.aim.lab.layout import laid_out
from generators.aim.lab.vocabulary import LABELS, QUESTIONS

if TYPE_CHECKING:
    from PIL.Image import Image

WAYS = 5
STRENGTH = 0.6  # of the warps to judge with; training has 1.0, harsher than pictures in use
STRANGERS = Hands(  # no such hand was trained on: more careless, with finer pens, and pictures of many pixels
    slant=(-0.5, 0.7),
    pen=(1.0, 4.5),
    tremor=(0.03, 0.07),
    loose=(0.03, 0.08),
    bend=(0.1, 0.3),
    trim=(0.0, 0.18),
    broken=(0.0, 0.1),
    missing=(0.0, 0.08),
    joined=(0.0, 0.15),
    coarse=0.0,
)


@dataclass(frozen=True)
class Pictures:
    """`of[c]`: the pictures of class c."""

    of: "Sequence[Sequence[Image]]"

    def episode(self, rng: np.random.Generator, ways: int, demonstrations: int, question: str = "") -> Document:
        """`demonstrations` of `ways` classes in turn, in random order; then a new picture of any of the classes.

        With fewer demonstrations than classes some answers cannot be known.
        """
        chosen = rng.choice(len(self.of), ways, replace=False)
        labels = rng.choice(LABELS, ways, replace=False)
        question = question or str(rng.choice(QUESTIONS))
        turn = rng.permutation(ways)
        order = rng.permutation(np.resize(turn, demonstrations))
        asked = int(rng.integers(ways))
        queues = [list(rng.permutation(len(self.of[c]))) for c in chosen]
        last = queues[asked].pop()

        def show(way: int) -> Demonstration:
            number = queues[way].pop() if len(queues[way]) > 1 else queues[way][0]
            return Demonstration(self.of[chosen[way]][number], str(labels[way]))

        shown = tuple(show(int(way)) for way in order)
        return Document(shown, Demonstration(self.of[chosen[asked]][last], str(labels[asked]), question))


@dataclass(frozen=True)
class EpisodeSource:
    """Documents for training a projection: 3 to 8 classes, `fewest` to `most` demonstrations, all classes shown."""

    pictures: Pictures
    fewest: int = 3
    most: int = 16

    def document(self, rng: np.random.Generator) -> Document:
        size = int(rng.integers(self.fewest, self.most + 1))
        return self.pictures.episode(rng, int(rng.integers(3, min(8, size) + 1)), size)


def evaluation(pictures: Pictures, count: int, demonstrations: int, seed: int = 0, ways: int = WAYS) -> list[Document]:
    """The episodes to judge with: the same for the same seed, whatever is judged."""
    return [
        pictures.episode(np.random.default_rng([seed, i]), ways, demonstrations, QUESTIONS[0]) for i in range(count)
    ]


def from_folder(path: Path, fewest: int = WAYS) -> Pictures:
    """One sub-folder per class, at least two pictures each, laid out as the model's own: see `laid_out`.

    What the classes are called does not matter.
    """
    groups: dict[str, list[Image]] = {}
    for pair in load(path):
        groups.setdefault(pair.group, []).append(laid_out(pair.open().image))
    classes = [group for name, group in groups.items() if name and len(group) >= 2]
    if len(classes) < fewest:
        raise UserError(
            f"{path} has {len(classes)} sub-folders of two pictures or more.", f"At least {fewest} are needed."
        )
    return Pictures(classes)


def from_glyphs(drawings: glyphs.Drawings, takes: int, seed: int = 0, strength: float = STRENGTH) -> Pictures:
    """`takes` warped pictures of every class."""
    import torch

    rng = np.random.default_rng([seed, 3])
    noise = torch.Generator().manual_seed(seed)
    rows = np.concatenate([rng.choice(members, takes) for members in drawings.members])
    pixels = [
        glyphs.warp(torch.from_numpy(drawings.images[part]), strength, noise)[:, 0]
        for part in np.array_split(rows, min(64, len(rows)))
    ]
    grey = ((torch.cat(pixels) + 1) * 127.5).round().to(torch.uint8).numpy()
    return Pictures([[_picture(image) for image in grey[i : i + takes]] for i in range(0, len(grey), takes)])


def from_both(known: Characters, takes: int, seed: int = 0) -> Pictures:
    """`takes` pictures of every class as the model is trained on: every other one written by hand."""
    classes = np.arange(len(known.strokes)).repeat(takes)
    by_hand = np.arange(len(classes)) % 2 == 1
    rng = np.random.default_rng([seed, 6])
    parts = -(-len(classes) // 512)
    grey = np.concatenate(
        [
            ((known.pictures(part, written, 1.0, rng)[:, 0] + 1) * 127.5).round().byte().numpy()
            for part, written in zip(np.array_split(classes, parts), np.array_split(by_hand, parts), strict=True)
        ]
    )
    return Pictures([[_picture(image) for image in grey[i : i + takes]] for i in range(0, len(grey), takes)])


def from_hands(drawings: glyphs.Drawings, takes: int, seed: int = 0) -> Pictures:
    """`takes` pictures of every class in the hands of `STRANGERS`, laid out as whatever comes from outside.

    Strokes are those of the drawing whose ink is in the middle; `vision.characters` has those of the lightest.
    """
    ink = drawings.images.mean((1, 2))
    rows = [members[np.argsort(ink[members])[len(members) // 2]] for members in drawings.members]
    strokes = strokes_of(drawings.images[rows])
    turns = [redrawn(strokes, np.random.default_rng([seed, 5, take]), STRANGERS) for take in range(takes)]
    return Pictures([[laid_out(_picture(255 - page)) for page in pages] for pages in zip(*turns, strict=True)])


def _picture(grey: np.ndarray) -> "Image":
    from PIL import Image

    return Image.fromarray(grey).convert("RGB")
